"""The Tune tab: a search for better settings, started, watched and stopped. Wiring only."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from fontdemo.errors import FontdemoError
from fontdemo.ui.context import PageContext, user_errors
from fontdemo.ui.html import render
from train.access import Access, access
from train.data.sample import shipped
from train.loop.recipe import get_recipe
from train.runs import jobs
from train.runs.datasets import Shelf
from train.tune import job as tune_job
from train.tune import study as tune
from train.ui.live_html import live_html
from train.ui.pace import pace
from train.ui.train import fields as designs
from train.ui.train.fields import note
from train.ui.tune import view
from train.ui.tune.parallel import parallel

#: The tab's title and id.
TITLE = "Tune"

_TRAIN = "Train"

#: Seconds between two looks at the study.
TICK = 2.0

_QUICK: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 4}

_ONCE: dict[str, Any] = {**_QUICK, "concurrency_id": "tune-expected", "concurrency_limit": 1}

_NO_DATA = "There is no data set yet. Train once, or build one in the Data tab."

def tab(root: Path = jobs.RUNS_ROOT, rights: Access | None = None) -> Callable[[PageContext], None]:
    """The builder of the tab for `fontdemo.ui.page`; the study lies beside the runs under `root`.

    rights: what visitors may do; by default what the environment says.
    """
    rights = access(os.environ) if rights is None else rights
    return partial(build, root=root, rights=rights)


def _begun(root: Path) -> bool:
    """Whether there is a study under `root`."""
    return os.path.exists(root / "tune.db")


def _whole(value: object, most: int) -> bool:
    """Whether a field holds a whole number from 1 to `most`."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and 1 <= value <= most and value == int(value)  # type: ignore[operator,call-overload]


def look(root: Path) -> tuple[str, str, bool]:
    """What the tab shows of the study under `root`: (above, table, whether a trial was trained to its end)."""
    stands = tune_job.status(root)
    if not _begun(root):
        return view.study([view.card([], stands.alive, stands.log_tail), view.by_hand()]), "", False
    with tune.studying(tune.default_storage(root)) as study:
        trials, wanted = view.rows(study), study.user_attrs.get("wanted", 0)
        matters = view.importance(tune.importances(study))
    above = [view.card(trials, stands.alive, stands.log_tail, wanted), view.chart(trials), matters, parallel(trials)]
    return view.study(above), view.table(trials), view.best_of(trials) is not None


def build(shared: PageContext, *, root: Path, rights: Access) -> None:
    """Put the tab's parts into the Blocks context and connect them."""
    shelf = Shelf(root.parent / "data", root, shipped())
    gr.HTML(render("tune/intro.html", closed=not rights.manage), apply_default_css=False)
    with gr.Row(elem_classes="tune-fields", visible=rights.manage) as fields:
        data = gr.Dropdown([], label="Data set", elem_id="tune-data", interactive=True, min_width=220,
                           elem_classes="worded")  # fmt: skip
        trials = gr.Number(20, label="More trials", minimum=1, maximum=1000, min_width=110,
                           elem_id="tune-trials")  # fmt: skip
        epochs = gr.Number(5, label="Epochs per trial", minimum=1, maximum=100, min_width=110)
    with gr.Row(elem_classes="run-buttons", visible=rights.manage) as begin_or_end:
        start = gr.Button("Start the search", variant="primary", elem_id="tune-start", size="md")
        stop = gr.Button("Stop", elem_id="tune-stop", size="md", interactive=False)
        over = gr.Button("Start over", elem_id="tune-over", size="md")
    with gr.Row(elem_classes="run-buttons", visible=False) as asking:
        yes = gr.Button("Delete all trials", variant="stop", elem_id="tune-delete", size="md")
        no = gr.Button("Keep them", size="md")
    expected = gr.HTML("", apply_default_css=False, elem_id="tune-expected")
    above = live_html("tune-above")
    with gr.Row(elem_classes="run-buttons"):
        train = gr.Button("Train with these settings", elem_id="tune-take", size="md", visible=False)
    table = live_html("tune-table")
    timer = gr.Timer(TICK, active=False)
    outputs = [above, table, start, stop, over, timer, train]

    def refresh() -> list[Any]:
        alive = tune_job.status(root).alive
        busy = alive or jobs.active(root) is not None
        idle = not busy
        above, table, finished = look(root)
        return [
            above, table, gr.Button(interactive=idle and bool(shelf.names())), gr.Button(interactive=alive),
            gr.Button(interactive=_begun(root) and not alive),
            gr.Timer(active=busy),  # a run keeps the search from starting: its end must be seen as well
            gr.Button(visible=_TRAIN in shared.titles and finished),
        ]  # fmt: skip

    def load(chosen: Any) -> list[Any]:
        names = list(shelf.names())
        value = chosen if chosen in names else names[0] if names else None
        return [gr.Dropdown(choices=names, value=value, info=None if names else _NO_DATA), *refresh()]

    def opened(chosen: Any, tab: gr.SelectData) -> list[Any]:
        return load(chosen) if tab.value == TITLE else [gr.skip()] * (1 + len(outputs))

    def expect(name: str, count: float, length: float, sent: Any) -> Any:
        """How long the search would take: measured, so only for who may start one, and while nothing else trains."""
        if tune_job.status(root).alive or jobs.active(root) is not None:
            return gr.skip()
        known = isinstance(name, str) and name in shelf.names()
        if not (known and rights.of(sent).manage and _whole(count, 1000) and _whole(length, 100)):
            return ""
        images = shelf.get(name).count("train")
        return note(view.expected(pace(get_recipe("report")), images, int(count), int(length)))

    def begin(name: str, count: float, length: float, sent: Any) -> list[Any]:
        rights.of(sent).require_manage()
        file = shelf.names().get(name) if isinstance(name, str) else None
        if file is None:
            raise FontdemoError(_NO_DATA)
        if not (_whole(count, 1000) and _whole(length, 100)):
            raise FontdemoError("Trials must be a whole number from 1 to 1,000, epochs from 1 to 100.")
        tune_job.start(root, file, trials=int(count), epochs=int(length), minutes=tune.MINUTES)
        return refresh()

    def end(sent: Any) -> list[Any]:
        rights.of(sent).require_manage()
        tune_job.stop(root)
        return refresh()

    def forget(sent: Any) -> list[Any]:
        rights.of(sent).require_manage()
        tune_job.start_over(root)
        return refresh()

    def take_over() -> tuple[str, Any]:
        none = FontdemoError("No trial has finished yet.")
        if not _begun(root):  # whoever asks for it without its button: no study is made for that
            raise none
        with tune.studying(tune.default_storage(root)) as study:
            if view.best_of(view.rows(study)) is None:
                raise none
            best = tune.best_recipe(study)
        return designs.of_recipe(best), gr.Tabs(selected=_TRAIN)

    if rights.host:

        def shown_to(sent: Any) -> list[Any]:
            return [gr.Row(visible=rights.of(sent).manage)] * 2

        shared.demo.load(shown_to, shared.visitor, [fields, begin_or_end], **_QUICK)
    shared.demo.load(user_errors(load), data, [data, *outputs], **_QUICK)
    shared.tabs.select(opened, data, [data, *outputs], **_QUICK)  # what was trained or built in other tabs since
    asked = [data, trials, epochs, shared.visitor]
    # Not `shared.tabs.select`: its listeners wait for each other, and all tabs' for this one.
    assert isinstance(fields.parent, gr.Tab)
    gr.on([fields.parent.select, data.input, trials.change, epochs.change], user_errors(expect), asked, expected,
          trigger_mode="always_last", **_ONCE)  # fmt: skip
    timer.tick(user_errors(refresh), None, outputs, **_QUICK)
    start.click(user_errors(begin), [data, trials, epochs, shared.visitor], outputs, **_QUICK)
    stop.click(user_errors(end), shared.visitor, outputs, **_QUICK)
    train.click(user_errors(take_over), None, [shared.design, shared.tabs], **_QUICK)
    over.click(lambda: gr.Row(visible=True), None, asking, **_QUICK)
    gr.on([yes.click, no.click, start.click], lambda: gr.Row(visible=False), None, asking, **_QUICK)
    yes.click(user_errors(forget), shared.visitor, outputs, **_QUICK)
