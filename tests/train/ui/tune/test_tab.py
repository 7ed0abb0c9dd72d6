"""train.ui.tune.tab: when a search may start, and what it hands over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.page import build
from tests.support.training import packed, small_recipe
from tests.support.unserved import unserved
from train.access import access
from train.loop.estimate import Estimate
from train.runs import jobs
from train.tune import study as tune
from train.ui import pace
from train.ui.tune import tab

optuna = pytest.importorskip("optuna")


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Callable[[], dict[str, Callable[..., Any]]]]:
    """The functions behind the page with the tab, by their names; there is a data set to search on."""
    pretrained.save(Network(), tmp_path / "weights", "")
    (tmp_path / "data").mkdir()
    packed(tmp_path / "data")

    def functions() -> dict[str, Callable[..., Any]]:
        tabs = [(tab.TITLE, tab.tab(tmp_path / "runs", access({})))]
        demo = build(NetworkStore(lambda: {"w": tmp_path / "weights"}), tabs)
        return {getattr(each.fn, "__name__", ""): each.fn for each in demo.fns.values() if each.fn is not None}

    with unserved():
        yield functions


def test_the_end_of_a_run_is_seen_without_a_reload(
    page: Callable[[], dict[str, Callable[..., Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = page()
    at_work: list[object] = [object()]
    monkeypatch.setattr(jobs, "active", lambda root: at_work[0] if at_work else None)
    data, _, _, start, _, _, timer, _ = handlers["load"](None)
    assert data.value is not None and not start.interactive
    assert timer.active  # so that the tab looks again
    at_work.clear()
    _, _, start, _, _, timer, _ = handlers["refresh"]()
    assert start.interactive and not timer.active
    here, elsewhere = (gr.SelectData(None, {"value": title, "index": 0}) for title in (tab.TITLE, "Network"))
    assert handlers["opened"](data.value, here)[3].interactive
    assert all(value == gr.skip() for value in handlers["opened"](data.value, elsewhere))


def test_no_settings_are_handed_over_before_there_are_any(page: Callable[[], dict[str, Callable[..., Any]]]) -> None:
    with pytest.raises(gr.Error, match="No trial has finished yet"):
        page()["take_over"]()


def test_the_best_settings_are_trained_with(tmp_path: Path) -> None:
    pretrained.save(Network(), tmp_path / "weights", "")
    root = tmp_path / "runs"
    root.mkdir()
    with tune.studying(tune.default_storage(root)) as study:
        for accuracy, rate in ((0.5, 0.001), (0.8, 0.0005)):
            recipe = small_recipe(learning_rate=rate).to_json()
            study.add_trial(optuna.trial.create_trial(value=accuracy, user_attrs={"recipe": recipe}))
    with unserved():
        tabs = [("Train", lambda shared: None), (tab.TITLE, tab.tab(root, access({})))]
        demo = build(NetworkStore(lambda: {"w": tmp_path / "weights"}), tabs)
        handlers = {getattr(each.fn, "__name__", ""): each.fn for each in demo.fns.values() if each.fn is not None}
        assert handlers["refresh"]()[-1].visible
        design, chosen = handlers["take_over"]()
    assert json.loads(design)["learning_rate"] == 0.0005 and chosen.selected == "Train"


@pytest.mark.parametrize("there", [True, False])
def test_without_a_finished_trial_there_is_nothing_to_train_with(tmp_path: Path, there: bool) -> None:
    """Anyone may send the event, whose button is not there yet: no study is made for that, nor a folder looked for."""
    pretrained.save(Network(), tmp_path / "weights", "")
    root = tmp_path / "runs"
    if there:
        root.mkdir()
    with unserved():
        tabs = [("Train", lambda shared: None), (tab.TITLE, tab.tab(root, access({"SPACE_ID": "a/b"})))]
        demo = build(NetworkStore(lambda: {"w": tmp_path / "weights"}), tabs)
        handlers = {getattr(each.fn, "__name__", ""): each.fn for each in demo.fns.values() if each.fn is not None}
        with pytest.raises(gr.Error, match="No trial has finished"):
            handlers["take_over"]()
    assert not (root / "tune.db").exists()


def test_the_time_of_a_search_is_measured_only_when_one_may_be_started(
    page: Callable[[], dict[str, Callable[..., Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def measured(recipe: str, device: str, when: int) -> Estimate:
        asked.append(recipe)
        return Estimate("the CPU", True, 1000.0, 1, 1.0, 15.0)

    monkeypatch.setattr(pace, "_measured", measured)
    handlers = page()
    name = handlers["load"](None)[0].value
    for count, length in (("x", 5), (20, None), (0, 5), (20, 1e9)):
        assert handlers["expect"](name, count, length, None) == ""
    for wrong in ("x", None, ["a"], {}):
        assert handlers["expect"](wrong, 20, 5, None) == ""
    assert not asked
    assert "on the CPU" in handlers["expect"](name, 20, 5, None) and asked
    monkeypatch.setattr(jobs, "active", lambda root: object())
    assert handlers["expect"](name, 20, 5, None) == gr.skip() and len(asked) == 1
