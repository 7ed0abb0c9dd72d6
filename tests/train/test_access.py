"""train.access: whose a run is, and what is home."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
import torch

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.page import build, known_again
from tests.support.unserved import unserved
from tests.train.ui.train.test_tab import make_run
from train.access import OWNER, NotAllowedError, access, owner_of
from train.loop.recipe import get_recipe
from train.runs import background, jobs
from train.runs.background import Preparing
from train.runs.folder import RunFolder
from train.ui.train import fields, live, tab
from train.ui.train.sections import counted
from train.ui.tune import tab as tune_tab

ANN = {"browser": "ann's secret, quite random", "host": ""}
BOB = {"browser": "bob's secret, quite random", "host": ""}
SECRET = "the host's own secret"
HOST = {"browser": "host's browser, also random", "host": SECRET}
OPEN = access({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": "on", "FONTDEMO_HOST_SECRET": SECRET})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def page(root: Path, tmp_path: Path) -> Iterator[dict[str, Callable[..., Any]]]:
    torch.manual_seed(0)
    pretrained.save(Network(), tmp_path / "shipped", "")
    with unserved():
        tabs = [("Train", tab.tab(root, OPEN)), (tune_tab.TITLE, tune_tab.tab(root, OPEN))]
        yield handlers(build(NetworkStore(lambda: {"shipped": tmp_path / "shipped"}), tabs))


def handlers(demo: gr.Blocks) -> dict[str, Callable[..., Any]]:
    """What a trigger, by its elem_id and event, does first, but for showing and hiding parts."""
    found: dict[str, Callable[..., Any]] = {}
    for function in demo.fns.values():
        for target, event in function.targets:
            if target in demo.blocks and function.name != "<lambda>" and function.fn is not None:
                found.setdefault(f"{demo.blocks[target].elem_id}.{event}", function.fn)
    return found


def make_anns(root: Path, name: str, status: str = "stopped") -> Path:
    folder = make_run(root, name, status=status)
    OPEN.of(ANN).claim(folder)
    return folder


# What is home


@pytest.mark.parametrize(
    "environment",
    [{"SPACE_ID": "a/b"}, {"GRADIO_SERVER_NAME": "0.0.0.0"}, {"GRADIO_SERVER_NAME": "::"}, {"GRADIO_SHARE": "True"},
     {"GRADIO_SERVER_NAME": "192.168.1.4"}, {"COLAB_RELEASE_TAG": "x"}, {"FONTDEMO_HOST_SECRET": SECRET},
     {"FONTDEMO_HOSTS": "fonts.example"}, {"GRADIO_ROOT_PATH": "/fonts"}],  # strangers come through a proxy
)  # fmt: skip
def test_only_a_page_that_this_machine_alone_can_reach_is_home(environment: dict[str, str]) -> None:
    found = access(environment)
    assert not found.manage and found.limits.runs == 40
    assert found.train and found.limits.sample_only  # a quick try is what any visitor may have
    assert not access(environment | {"FONTDEMO_TRAINING": "off"}).train
    assert access(environment | {"FONTDEMO_TRAINING": "on"}).train
    assert not access(environment | {"FONTDEMO_TRAINING": "on"}).of(ANN).manage


@pytest.mark.parametrize("name", ["", "127.0.0.1", "localhost", "::1", "[::1]", "127.1.2.3"])
def test_a_loopback_bind_is_home(name: str) -> None:
    assert access({"GRADIO_SERVER_NAME": name}).manage
    assert not access({"GRADIO_SERVER_NAME": name}, "0.0.0.0").manage


def test_the_hosts_secret_makes_the_host_and_nothing_else_does() -> None:
    assert OPEN.of(HOST).manage and OPEN.of({"host": f" {SECRET} "}).manage
    for sent in (None, 3, [], "x", {}, ANN):
        assert not OPEN.of(sent).manage
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    for typed in ("", None, SECRET + "x", [SECRET], digest, OPEN.host, "\ud800" * 20):
        assert not OPEN.of({"host": typed}).manage
    closed = access({"SPACE_ID": "a/b", "FONTDEMO_HOST_SECRET": SECRET, "FONTDEMO_TRAINING": "off"})
    assert closed.of(HOST).train and not closed.of(ANN).train and not closed.of(HOST).limits.sample_only
    with pytest.raises(FontdemoError, match="16 to 200"):
        access({"FONTDEMO_HOST_SECRET": "short"})
    assert not access({"SPACE_ID": "a/b"}).of({"host": ""}).manage  # no secret is not an empty one


def test_a_browser_gets_a_secret_once() -> None:
    first, second = known_again(None), known_again("nonsense")
    assert len(first["browser"]) >= 32 and first["browser"] != second["browser"]
    assert known_again(first) == first


# Whose a run is


def test_a_run_is_its_browsers_and_the_hosts(root: Path) -> None:
    anns, hosts = make_anns(root, "ann's"), make_run(root, "host's")
    OPEN.of(HOST).claim(hosts)
    assert [OPEN.of(sent).owns(anns) for sent in (ANN, BOB, HOST, None)] == [True, False, True, False]
    assert [OPEN.of(sent).owns(hosts) for sent in (ANN, BOB, HOST, None)] == [False, False, True, False]
    kept = (anns / OWNER).read_text()
    assert kept == hashlib.sha256(ANN["browser"].encode()).hexdigest() and not (hosts / OWNER).exists()
    assert not OPEN.of({"browser": kept}).owns(anns)  # whoever reads the folder is not Ann yet
    for garbled in ("", "x" * 64, "0" * 63, "\xff"):
        (anns / OWNER).write_text(garbled, encoding="latin-1")
        assert owner_of(anns) == "" and not OPEN.of(ANN).owns(anns) and not OPEN.of({"browser": ""}).owns(anns)


def test_others_are_refused_by_every_handler(root: Path, page: dict[str, Any]) -> None:
    folder = make_anns(root, "ann's")
    view = live.View()
    for sent in (BOB, None, {"browser": (folder / OWNER).read_text()}):
        for name in ("stop.click", "resume.click"):
            with pytest.raises(gr.Error, match="another visitor"):
                page[name](view, "report", sent, 0)
        for what in ("rename", "delete"):
            pressed = gr.EventData(None, {"run": "ann's", "what": what, "name": "mine"})
            with pytest.raises(gr.Error, match="another visitor"):
                page["runs.click"](view, "report", sent, 0, pressed)
        with pytest.raises(gr.Error, match="another visitor"):
            page["pin.click"](type("Glyph", (), {"image": torch.zeros(100, 100).numpy()})(), view, sent)
        assert "another visitor" in page["hub-push.click"](view, "a/b", "hf_x", True, sent)[0]
        for name, more in (("tune-start.click", ("x", 1, 1)), ("tune-stop.click", ()), ("tune-delete.click", ())):
            with pytest.raises(gr.Error, match="host"):
                page[name](*more, sent)
    assert folder.is_dir() and not (folder / "pinned.npy").exists()
    values = ("report", "n", "cpu", "fonts", 10, False, "families", "", None)
    with pytest.raises(gr.Error, match="Reload the page"):
        page["start.click"](view, "report", None, 0, False, None, *values)


def test_the_owner_and_the_host_may(root: Path, page: dict[str, Any]) -> None:
    for sent in (ANN, HOST):
        folder = make_anns(root, "ann's")
        pressed = gr.EventData(None, {"run": "ann's", "what": "rename", "name": "renamed"})
        page["runs.click"](live.View(), "report", sent, 0, pressed)
        assert not folder.exists() and owner_of(root / "renamed")
        pressed = gr.EventData(None, {"run": "renamed", "what": "delete", "name": ""})
        page["runs.click"](live.View(), "report", sent, 0, pressed)
        assert not (root / "renamed").exists()


def test_a_run_that_is_started_is_its_starters(root: Path, page: dict[str, Any], monkeypatch: Any) -> None:
    def launched(folder: Path, ready: jobs.Ready) -> None:
        ready(folder)  # where this fails, as on a full disk, `jobs.start` starts nothing
        owners.append(OPEN.of(ANN).owns(folder))  # before its process begins

    owners: list[bool] = []
    (root.parent / "data.npz").touch()
    monkeypatch.setattr(jobs, "_launch", launched)
    monkeypatch.setattr("train.data.sources.prepare", lambda *_: root.parent / "data.npz")
    root.mkdir(exist_ok=True)  # while there is none, its disk may be away, and nothing is deleted
    left = root.parent / "data" / "visitor-0.npz"  # of an archive that no run is trained on
    left.parent.mkdir()
    left.write_bytes(b"")
    values: list[Any] = ["report", "n", "cpu", "fonts", 10, False, "families", "", None]
    settings = fields.to_fields(get_recipe("report"))
    page["start.click"](live.View(), "report", ANN, 0, False, None, *values, *settings.values(), "")
    deadline = time.monotonic() + 30
    while not owners and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left.exists()
    assert owners == [True] and not OPEN.of(BOB).owns(root / "n")


def test_buttons_do_nothing_for_others(root: Path, monkeypatch: Any) -> None:
    folder = make_anns(root, "ann's")
    pretrained.save(Network(), folder / "best", "")
    starter = background.Launcher(root)

    def shown(sent: Any) -> dict[str, Any]:
        return live.parts(starter, OPEN.of(sent), live.View(), "report")

    names = ("start", "stop", "resume", "push", "pin", "read")
    assert [shown(ANN)[name] for name in names] == [True, False, True, True, True, True]
    assert [shown(BOB)[name] for name in names] == [True, False, False, False, False, True]
    assert "Delete ann" in shown(ANN)["table"] and "Delete ann" in shown(HOST)["table"]
    assert "Delete ann" not in shown(BOB)["table"]
    RunFolder(folder).write_state("running")  # by this very process, which is alive
    assert shown(ANN)["stop"] and shown(HOST)["stop"] and not shown(BOB)["stop"]
    monkeypatch.setattr(background.Launcher, "preparing", Preparing("n", "", 0, 0, OPEN.of(ANN).browser))
    assert shown(ANN)["stop"] and shown(HOST)["stop"] and not shown(BOB)["stop"]


def test_a_followed_drawing_is_shown_to_its_drawer_and_the_host_only(root: Path, page: dict[str, Any]) -> None:
    folder = make_anns(root, "ann's")
    pretrained.save(Network(), folder / "best", "")
    image = torch.zeros(100, 100).numpy()
    RunFolder(folder).pin(image)
    RunFolder(folder).add_followed(0.5, 3, 0.9, 50)
    starter = background.Launcher(root)
    for sent, theirs in ((ANN, True), (HOST, True), (BOB, False), (None, False)):
        strip = live.parts(starter, OPEN.of(sent), live.View(), "report")["follow"]
        assert ("data:image" in strip) is theirs
        if not theirs:
            with pytest.raises(gr.Error, match="another visitor"):
                page["follow-strip.click"](live.View(), sent, gr.EventData(None, {"epoch": 1}))


@pytest.mark.parametrize("recipe", [[], {}, None, 3, "none"])
def test_a_recipe_that_is_none_is_no_matter_to_what_is_shown(root: Path, page: dict[str, Any], recipe: Any) -> None:
    make_anns(root, "ann's")
    pressed = gr.EventData(None, {"run": "ann's", "what": "show", "name": ""})
    assert page["runs.click"](live.View(), recipe, BOB, 0, pressed)
    with pytest.raises(FontdemoError, match="no recipe"):
        get_recipe(recipe)


def test_a_count_that_json_cannot_hold_does_not_come_back() -> None:
    assert [counted(sent) for sent in (0, 7.0, 2**64, -1, float("nan"), None, "7", [7])] == [0, 7.0, *[0] * 6]


def test_a_preparation_is_stopped_by_its_starter_only() -> None:
    anns = OPEN.of(ANN).browser
    OPEN.of(ANN).require_starter(anns, "n")
    OPEN.of(HOST).require_starter(anns, "n")
    for mine, starter in ((OPEN.of(BOB), anns), (OPEN.of(None), anns), (OPEN.of(None), ""), (OPEN.of(BOB), "")):
        with pytest.raises(NotAllowedError, match="another visitor"):
            mine.require_starter(starter, "n")
