"""train.ui.train.sections: pushing a network to the Hub, with a token or signed in, and what is said if that fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import httpx
import pytest
import torch
import yaml
from gradio.helpers import special_args
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.context import PageContext
from fontdemo.ui.gate.arriving import Made
from tests.support.training import packed, small_recipe
from tests.support.unserved import unserved
from train.access import access
from train.runs import export, trainer
from train.runs.folder import RunFolder
from train.ui.train import live, sections

SPACE = access({"SPACE_ID": "a/b"})
BROWSER = {"browser": "b" * 20}
SIGNED_IN = {
    "SPACE_ID": "a/b", "SYSTEM": "spaces", "OAUTH_CLIENT_ID": "id", "OAUTH_CLIENT_SECRET": "secret",
    "OAUTH_SCOPES": "openid profile contribute-repos", "OPENID_PROVIDER_URL": "https://huggingface.co",
}  # fmt: skip
TOKEN = "hf_" + "s" * 30


@pytest.fixture(autouse=True)
def _unserved() -> Iterator[None]:
    with unserved():
        yield


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A run of BROWSER's, with a network."""
    folder = tmp_path / "runs" / "mine"
    RunFolder.create(folder, small_recipe(), packed(tmp_path))
    SPACE.of(BROWSER).claim(folder)
    torch.manual_seed(0)
    pretrained.save(Network(), folder / "best", "")
    return tmp_path / "runs"


def section(root: Path) -> tuple[gr.Blocks, Callable[..., Any]]:
    """A page with nothing but the section, and what happens when Push is pressed."""
    with gr.Blocks(analytics_enabled=False) as demo:
        shared = cast(PageContext, SimpleNamespace(visitor=gr.BrowserState({}, secret="s"), demo=demo))
        sections.build_sharing(shared, root, SPACE, gr.State(live.View()))
    [push] = [fn.fn for fn in demo.fns.values() if fn.fn is not None and fn.fn.__name__ == "push_it"]
    return demo, cast(Callable[..., Any], push)


class Hub:
    """Takes all that is pushed, or raises what it is given."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.asked: list[dict[str, Any]] = []

    def create_repo(self, repo_id: str, **options: Any) -> None:
        self.asked.append({"repo_id": repo_id, **options})

    def upload_folder(self, **options: Any) -> None:
        if self.error is not None:
            raise self.error


def refusal(status: int) -> HfHubHTTPError:
    request = httpx.Request("POST", "https://huggingface.co", headers={"authorization": f"Bearer {TOKEN}"})
    return HfHubHTTPError(f"{TOKEN} of /home/ada/runs", response=httpx.Response(status, request=request))


TROUBLE = f"cannot send {TOKEN} with /home/ada/runs/mine/best/model.safetensors"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refusal(400), "status 400"), (refusal(401), "does not know this token"), (refusal(403), "no right to write"),
        (refusal(404), "no such owner"), (refusal(409), "someone else"), (refusal(413), "too large for the Hub"),
        (refusal(429), "too many requests"), (refusal(500), "status 500"),
        (HFValidationError(TROUBLE), "repository name"), (httpx.ConnectError(TROUBLE), "cannot be reached"),
        (httpx.ReadTimeout(TROUBLE), "cannot be reached"), (OSError(28, TROUBLE, "/home/ada/x"), "cannot be reached"),
        (ValueError(TROUBLE), "cannot be reached"), (RuntimeError(TROUBLE), "cannot be reached"),
    ],
)  # fmt: skip
def test_whatever_goes_wrong_with_a_push_is_told_without_tokens_and_paths(
    root: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, said: str
) -> None:
    monkeypatch.setattr(export, "HfApi", lambda: Hub(error))
    shown, _ = section(root)[1](live.View(), "ada/reader", TOKEN, True, BROWSER)
    assert said in shown and 'role="alert"' in shown
    assert TOKEN not in shown and "/home" not in shown and str(root) not in shown


@pytest.mark.parametrize(
    ("repository", "token", "sent", "said"),
    [
        ("ada", TOKEN, BROWSER, "OWNER/NAME"), ("ada/reader", "", BROWSER, "token"), (None, None, BROWSER, "OWNER/"),
        ("ada/reader", TOKEN, {"browser": "c" * 20}, "another visitor"), ("ada/reader", TOKEN, None, "another visitor"),
    ],
)  # fmt: skip
def test_what_is_missing_for_a_push_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch, repository: Any, token: Any, sent: Any, said: str
) -> None:
    hub = Hub()
    monkeypatch.setattr(export, "HfApi", lambda: hub)
    monkeypatch.setattr(export, "get_token", lambda: "the host's own login")
    shown, _ = section(root)[1](live.View(), repository, token, True, sent)
    assert said in shown and hub.asked == [] and TOKEN not in shown and str(root) not in shown


def test_a_run_without_a_network_or_no_run_at_all_is_told(root: Path, tmp_path: Path) -> None:
    (root / "mine" / "best" / "model.safetensors").unlink()
    assert "no network yet" in section(root)[1](live.View(), "ada/reader", TOKEN, True, BROWSER)[0]
    assert "no run yet" in section(tmp_path / "none")[1](live.View(), "ada/reader", TOKEN, True, BROWSER)[0]


def test_who_has_signed_in_pushes_to_their_own_account(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub()
    monkeypatch.setattr(export, "HfApi", lambda: hub)
    push = section(root)[1]
    person = {"sub": "1", "name": "Ada", "preferred_username": "ada", "profile": "", "picture": ""}
    known = {"userinfo": person, "access_token": "oauth", "scope": "contribute-repos", "expires_at": time.time() + 99}
    for session, typed, repository, token in (
        ({"oauth_info": known}, "reader", "ada/reader", "oauth"),
        ({"oauth_info": known}, "club/reader", "club/reader", "oauth"),
        ({}, "ada/reader", "", ""),
    ):
        hub.asked.clear()
        request = cast(Any, SimpleNamespace(session=session))
        given = special_args(push, [live.View(), typed, "", True, BROWSER], request)[0]
        shown, _ = push(*given)
        assert [(one["repo_id"], one["token"]) for one in hub.asked] == ([(repository, token)] if token else [])
        assert "oauth" not in shown


def test_downloads_never_fill_the_disk(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Renamed in turn, one run made another file at each press, of up to 80 MB, and the disk was not looked at."""
    monkeypatch.setattr(sections, "Made", lambda: Made(most=1))
    demo, _ = section(root)
    [pack] = [fn.fn for fn in demo.fns.values() if fn.fn is not None and fn.fn.__name__ == "packed"]
    files = []
    for name in ("one", "two"):
        next(root.iterdir()).rename(root / name)
        files.append(Path(pack(live.View()).value["path"]))
    assert [(file.name, file.exists()) for file in files] == [("one.zip", False), ("two.zip", True)]
    assert any(isinstance(files, Made) for files in demo.temp_file_sets)
    monkeypatch.setattr(sections, "has_room", lambda: False)
    with pytest.raises(gr.Error, match="no room"):
        pack(live.View())


@pytest.mark.parametrize("lacking", ["", *SIGNED_IN])
def test_signing_in_is_offered_where_the_space_has_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    for name in SIGNED_IN:
        monkeypatch.delenv(name, raising=False)
        if name != lacking:
            monkeypatch.setenv(name, SIGNED_IN[name])
            monkeypatch.setattr(f"gradio.oauth.{name}", SIGNED_IN[name], raising=False)
    shown = [block for block in section(root)[0].blocks.values() if isinstance(block, gr.LoginButton)]
    assert len(shown) == (not lacking)


def test_a_networks_card_is_what_the_hub_reads(tmp_path: Path) -> None:
    RunFolder.create(tmp_path / "a: [b]", small_recipe(epochs=1), packed(tmp_path))
    trainer.execute(tmp_path / "a: [b]")
    card = (tmp_path / "a: [b]" / "best" / "README.md").read_text(encoding="utf-8")
    head = yaml.safe_load(card.split("---\n")[1])
    assert head["license"] == "mit" and head["pipeline_tag"] == "image-classification"
    [model] = head["model-index"]
    assert model["name"] == "a: [b]"
    [metric] = model["results"][0]["metrics"]
    assert metric["type"] == "accuracy" and f"Validation accuracy {metric['value']:.2%}" in card
