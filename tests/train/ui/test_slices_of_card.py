"""train.ui.slices_of_card: whose slice the browser asks for next, and who may have it trained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from fontdemo.ui.context import PageContext
from tests.support.unserved import unserved
from train.access import access
from train.runs.background import Launcher
from train.runs.zerogpu import Slices
from train.ui import slices_of_card

SECRET = "s" * 20
SPACE = access({"SPACE_ID": "a/b", "FONTDEMO_HOST_SECRET": SECRET})
ANN, BOB = ({"browser": name * 20} for name in "ab")
HOST = {"browser": "h" * 20, "host": SECRET}


class Card:
    """As `Slices`, with one run, which is in the folder `run`."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.trained: list[str] = []

    def wanted(self, owns: Callable[[Path], bool]) -> str:
        return "0 run" if owns(self.run) else ""

    def train(self, wanted: str, owns: Callable[[Path], bool]) -> None:
        if owns(self.run):
            self.trained.append(wanted)

    def drop_gone(self) -> None:
        pass


@pytest.fixture
def card(tmp_path: Path) -> Card:
    """Ann's run is under way."""
    (tmp_path / "run").mkdir()
    SPACE.of(ANN).claim(tmp_path / "run")
    return Card(tmp_path / "run")


@pytest.fixture
def launcher(card: Card, tmp_path: Path) -> Launcher:
    return Launcher(tmp_path / "runs", None, cast(Slices, card))


@pytest.fixture
def handlers(card: Card, launcher: Launcher) -> Iterator[dict[str, Callable[..., Any]]]:
    with unserved(), gr.Blocks(analytics_enabled=False) as demo:
        shared = cast(PageContext, SimpleNamespace(visitor=gr.BrowserState({}, secret="s"), demo=demo))
        slices_of_card.connect(launcher, cast(Slices, card), SPACE, shared, [])
        yield {fn.name: fn.fn for fn in demo.fns.values() if fn.fn is not None}


def test_a_browser_asks_for_the_slices_of_its_own_run_and_no_other_does(
    handlers: dict[str, Callable[..., Any]], card: Card
) -> None:
    for sent, named in ((ANN, "0 run"), (BOB, ""), (HOST, ""), (None, "")):
        timer, wanted = handlers["look"](sent)
        assert (timer.active, wanted) == (bool(named), named)
    handlers["train_slice"]("0 run", BOB)
    handlers["train_slice"]("0 run", HOST)
    assert card.trained == []
    handlers["train_slice"]("0 run", ANN)
    assert card.trained == ["0 run"]


def test_who_waits_in_line_goes_on_asking(
    handlers: dict[str, Callable[..., Any]], launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("train.runs.jobs.active", lambda root: object())  # so that no one's turn comes
    launcher.line.join(SPACE.of(BOB).browser, "b", 1.0, lambda: None)
    timer, wanted = handlers["look"](BOB)
    assert timer.active and wanted == ""


@pytest.mark.parametrize("named", ["", None, 3, ["0 run"]])
def test_a_name_that_is_none_trains_nothing(handlers: dict[str, Callable[..., Any]], card: Card, named: Any) -> None:
    handlers["train_slice"](named, ANN)
    assert card.trained == []


def test_nothing_is_trained_where_training_is_off(card: Card, launcher: Launcher) -> None:
    closed = access({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": "off"})
    with unserved(), gr.Blocks(analytics_enabled=False) as demo:
        shared = cast(PageContext, SimpleNamespace(visitor=gr.BrowserState({}, secret="s"), demo=demo))
        slices_of_card.connect(launcher, cast(Slices, card), closed, shared, [])
        train = next(fn.fn for fn in demo.fns.values() if fn.name == "train_slice")
    assert train is not None
    with pytest.raises(gr.Error, match="Training is off"):
        train("0 run", ANN)


def test_no_one_spends_their_quota_on_the_run_of_another(tmp_path: Path) -> None:
    ann, host = SPACE.of(ANN), SPACE.of(HOST)
    hers, his = tmp_path / "hers", tmp_path / "his"
    for folder, who in ((hers, ann), (his, host)):
        folder.mkdir()
        who.claim(folder)
    assert slices_of_card.own(ann)(hers) and not slices_of_card.own(ann)(his)
    assert slices_of_card.own(host)(his) and not slices_of_card.own(host)(hers)
