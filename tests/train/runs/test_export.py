"""train.runs.export: a run's network as a .zip and pushed to the Hub, whose answers are made up here."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
from huggingface_hub.errors import HfHubHTTPError

from fontdemo.network import pretrained
from train.runs import export


class FakeHub:
    """Records what is asked of the Hub, or refuses."""

    def __init__(self, status: int | None = None) -> None:
        self.status = status
        self.asked: list[tuple[str, Any]] = []

    def create_repo(self, repo_id: str, **options: Any) -> None:
        self.asked.append(("create", (repo_id, options)))
        if self.status is not None:
            request = httpx.Request("POST", "https://huggingface.co", headers={"authorization": "Bearer hf_secret"})
            raise HfHubHTTPError("token hf_secret refused", response=httpx.Response(self.status, request=request))

    def upload_folder(self, **options: Any) -> None:
        self.asked.append(("upload", options))


def test_a_network_is_pushed(trained: Path) -> None:
    hub = FakeHub()
    url = export.push(trained / "best", " ada/reader ", "hf_secret", private=True, use_login=False, hub=hub)
    assert url == "https://huggingface.co/ada/reader"
    (_, (name, made)), (_, sent) = hub.asked
    assert name == "ada/reader" and made == {"token": "hf_secret", "private": True, "exist_ok": True}
    assert sent["folder_path"] == trained / "best" and set(sent["allow_patterns"]) == set(export.FILES)


@pytest.mark.parametrize("status", [401, 403, 404, 409, 429, 500])
def test_what_the_hub_refuses_is_reported_without_the_token(trained: Path, status: int) -> None:
    with pytest.raises(export.SharingError) as raised:
        export.push(trained / "best", "a/b", "hf_secret", private=True, use_login=False, hub=FakeHub(status))
    assert "secret" not in str(raised.value) and raised.value.__cause__ is None and raised.value.__suppress_context__


def test_this_machines_login_is_for_its_owner_only(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "get_token", lambda: "hf_login")
    hub = FakeHub()
    export.push(trained / "best", "a/b", "", private=False, use_login=True, hub=hub)
    assert hub.asked[0][1][1]["token"] == "hf_login"
    with pytest.raises(export.SharingError, match="token"):
        export.push(trained / "best", "a/b", "", private=False, use_login=False, hub=hub)


@pytest.mark.parametrize("name", ["", "x", "a/b/c", "../x", "a/b;c", "https://x/y"])
def test_names_that_are_no_repository_are_refused(trained: Path, name: str) -> None:
    hub = FakeHub()
    with pytest.raises(export.SharingError, match="OWNER/NAME"):
        export.push(trained / "best", name, "t", private=True, use_login=False, hub=hub)
    assert hub.asked == []


def test_a_network_is_packed_as_the_hub_lays_it_out(trained: Path, tmp_path: Path) -> None:
    file = export.pack(trained / "best", tmp_path / "a.zip")
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
        assert set(archive.namelist()) == set(export.FILES)
        archive.extractall(tmp_path / "out")
    loaded = pretrained.load(tmp_path / "out")
    image = torch.rand(1, 1, 100, 100)
    with torch.no_grad():
        assert torch.equal(loaded(image), pretrained.load(trained / "best")(image))
    with pytest.raises(export.SharingError):
        export.pack(tmp_path / "nothing", tmp_path / "b.zip")


@pytest.mark.parametrize("file", export.FILES)
def test_a_file_of_a_size_that_no_network_has_is_not_packed(tmp_path: Path, file: str) -> None:
    for name in export.FILES:
        (tmp_path / name).touch()
    os.truncate(tmp_path / file, 1 << 40)  # a terabyte that takes no room
    with pytest.raises(export.SharingError, match="not those of a network"):
        export.pack(tmp_path, tmp_path / "one.zip")
    assert not (tmp_path / "one.zip").exists()
