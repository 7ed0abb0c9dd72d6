"""The Train tab without a browser: who may do what, the form, and the launcher."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
import torch

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.page import build
from tests.support.runs import EVIL, make_run
from tests.support.unserved import unserved
from train.access import access
from train.loop.recipe import Recipe, get_recipe
from train.runs import background, jobs
from train.runs.start.standby import Standby
from train.ui.train import fields as form
from train.ui.train import live, tab

HOME = access({})
HOSTED = access({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": "off"})
QUICK = access({"SPACE_ID": "a/b"})
ALLOWED = access({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": "on"})


def test_a_public_page_is_read_only_unless_its_host_allows_training() -> None:
    assert HOME.train and HOME.manage
    assert not HOSTED.train and not HOSTED.manage
    assert ALLOWED.train and not ALLOWED.manage
    assert QUICK.train and not QUICK.manage and QUICK.limits.sample_only and not ALLOWED.limits.sample_only
    for word in ("off", "1", "true"):
        assert not access({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": word}).train
    with pytest.raises(FontdemoError):
        HOSTED.require_train()
    with pytest.raises(FontdemoError):
        ALLOWED.require_manage()
    for recipe in (Recipe(epochs=31), Recipe(minutes=16.0)):
        HOME.check(recipe.epochs, recipe.minutes)
        with pytest.raises(FontdemoError):
            ALLOWED.check(recipe.epochs, recipe.minutes)


def test_a_trainer_stands_by_from_the_start_only_where_one_may_train_here(monkeypatch: pytest.MonkeyPatch) -> None:
    made, given = Standby(), {"app_kwargs": {"routes": [1]}, "css": ""}
    assert tab.with_tab(given, HOME, made)["app_kwargs"] == {"routes": [1], "lifespan": made.lifespan}
    assert "lifespan" in tab.with_tab(given, QUICK, made)["app_kwargs"]
    assert tab.with_tab(given, HOSTED, made)["app_kwargs"] == tab.with_tab(given, HOME)["app_kwargs"] == {"routes": [1]}
    monkeypatch.setattr(tab.zerogpu, "zero_gpu", lambda: True)
    assert tab.with_tab(given, QUICK, made)["app_kwargs"] == {"routes": [1]}


def handlers(demo: gr.Blocks) -> dict[str, Callable[..., Any]]:
    """The functions behind the page's buttons, by the elem_id of what triggers them."""
    found = {}
    for function in demo.fns.values():
        for target, event in function.targets:
            if target in demo.blocks and function.fn is not None:
                found[f"{demo.blocks[target].elem_id}.{event}"] = function.fn
    return found


@pytest.fixture
def page(root: Path, tmp_path: Path) -> Iterator[Callable[..., dict[str, Callable[..., Any]]]]:
    torch.manual_seed(0)
    pretrained.save(Network(), tmp_path / "shipped", "")

    def open_(rights: Any) -> dict[str, Callable[..., Any]]:
        readers = NetworkStore(lambda: {"shipped": tmp_path / "shipped"} | live.trained_networks(root))
        return handlers(build(readers, [("Train", tab.tab(root, rights))]))

    with unserved():
        yield open_


def test_handlers_refuse_what_buttons_do_not_offer(root: Path, page: Callable[..., dict[str, Any]]) -> None:
    folder = make_run(root, "a")
    found = page(HOSTED)
    view = live.View()
    state = (view, "report", None, 0)
    settings = form.to_fields(Recipe()).values()
    form_values = (False, None, "report", "n", "cpu", "fonts", 10, False, "families", "", None, *settings, "")
    for name, more in (("start.click", form_values), ("stop.click", ()), ("resume.click", ())):
        with pytest.raises(gr.Error, match="Training is off"):
            found[name](*state, *more)
    with pytest.raises(gr.Error, match="Training is off"):
        found["pin.click"](None, view, None)
    with pytest.raises(gr.Error, match="Training is off"):
        found["runs.click"](*state, gr.EventData(None, {"run": "a", "what": "delete", "name": ""}))
    with pytest.raises(gr.Error, match="Training is off"):
        found["runs.click"](*state, gr.EventData(None, {"run": "a", "what": "rename", "name": "b"}))
    assert folder.is_dir()
    assert "Training is off" in found["hub-push.click"](view, "a/b", "hf_x", True, None)[0]


@pytest.mark.parametrize("name", ["../a", "/etc", "a/../a", "", ".", "none", None, 3])
def test_a_name_from_a_browser_never_becomes_a_path(root: Path, page: Callable[..., dict[str, Any]], name: Any) -> None:
    make_run(root, "a")
    with pytest.raises(FontdemoError):
        live.find_run(root, name)
    event = gr.EventData(None, {"run": name, "what": "delete", "name": ""})
    with pytest.raises(gr.Error):
        page(HOME)["runs.click"](live.View(), "report", None, 0, event)
    assert (root / "a").is_dir()


def test_only_a_real_choice_of_a_recipe_fills_the_form(page: Callable[..., dict[str, Any]]) -> None:
    found = page(HOME)
    closed = found["recipe.input"]("report", "report")  # the menu was opened and closed again
    assert all(isinstance(value, dict) and "value" not in value for value in closed)
    for chosen in (found["recipe.input"]("best", "report"), found["recipe.select"]("best")):
        assert chosen == ["best", form.SENTENCES["best"], *form.to_fields(get_recipe("best")).values()]
    values = replace(form.to_fields(get_recipe("report")), epochs=3).values()
    labels = form.edited_labels(form.Fields.__match_args__, "report", values)
    assert [label for label in labels if "edited" in label] == ["epochs (edited)"]


def test_renaming_and_deleting(root: Path, page: Callable[..., dict[str, Any]]) -> None:
    make_run(root, "a")
    found, view = page(HOME), live.View(shown="a")

    def press(name: str, what: str, value: str = "") -> None:
        found["runs.click"](view, "report", None, 0, gr.EventData(None, {"run": name, "what": what, "name": value}))

    press("a", "tick", "on")
    assert view.ticked == {"a"}
    press("a", "rename", "b")
    assert view.shown == "b" and (root / "b").is_dir()
    assert view.ticked == {"b"}
    with pytest.raises(gr.Error):
        press("b", "rename", "../c")
    press("b", "delete")
    assert not (root / "b").exists()


def test_a_second_start_is_refused_with_the_first_ones_name(root: Path, page: Callable[..., dict[str, Any]]) -> None:
    make_run(root, "busy one", status="running")  # by this very process, which is alive
    values = ("report", "n", "cpu", "fonts", 10, False, "families", "", None, *form.to_fields(Recipe()).values(), "")
    with pytest.raises(gr.Error, match="busy one"):
        page(HOME)["start.click"](live.View(), "report", None, 0, False, None, *values)


# The launcher


def test_a_preparation_is_seen_and_can_be_stopped(root: Path) -> None:
    starter = background.Launcher(root)
    reached, go_on = threading.Event(), threading.Event()
    launched: list[Path] = []

    def prepare(progress: Callable[[int, int], None], say: Callable[[str], None]) -> Path:
        say("Reading fonts")
        progress(3, 10)
        reached.set()
        go_on.wait(10)
        progress(4, 10)
        return Path("data.npz")

    starter.begin("a", prepare, launched.append)
    assert reached.wait(10)
    shown = live.parts(starter, HOME, live.View(), "report")
    assert "Reading fonts 3 of 10" in shown["card"] and "30.0 %" in shown["card"]
    assert (shown["start"], shown["stop"]) == (False, True)
    with pytest.raises(jobs.JobError, match="“a”"):
        starter.begin("b", prepare, launched.append)
    preparing = starter.preparing
    assert preparing is not None and not starter.cancel(replace(preparing, starter="someone who began one before"))
    assert starter.cancel(preparing)
    go_on.set()
    starter.wait(10)
    assert launched == [] and starter.preparing is None and "Stopped" in starter.error
    assert not starter.cancel(preparing)
    starter.begin("c", lambda progress, say: Path("data.npz"), launched.append)
    starter.wait(10)
    assert launched == [Path("data.npz")] and starter.error == ""


def test_what_goes_wrong_in_a_preparation_is_reported(root: Path) -> None:
    def prepare(progress: Callable[[int, int], None], say: Callable[[str], None]) -> Path:
        raise FontdemoError(f"no fonts {EVIL}")

    starter = background.Launcher(root)
    starter.begin("a", prepare, lambda data: None)
    starter.wait(10)
    shown = live.parts(starter, HOME, live.View(), "report")
    assert "no fonts" in shown["card"] and "<img" not in shown["card"] and shown["start"]
