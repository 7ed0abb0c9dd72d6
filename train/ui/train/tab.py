"""The Train tab: start a run, watch it, stop it, go on with it, and use what it learned. Wiring only.

What is shown is worked out in `train.ui.train.live` from the disk, every second and after every press of a button; the
form is in `train.ui.train.form`, what stands below the curves in `train.ui.train.sections`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from fontdemo.ui.context import PageContext, shipped_sources, user_errors
from fontdemo.ui.gate.events import text
from fontdemo.ui.theme import sheets
from train.access import Access, access
from train.runs import jobs, zerogpu
from train.runs.background import Launcher
from train.runs.folder import RunFolder
from train.runs.start.standby import Standby
from train.runs.summary import summarize
from train.ui import host, slices_of_card
from train.ui.api import endpoints
from train.ui.live_html import live_html
from train.ui.start import plan
from train.ui.train import fields, live, recordings, sections
from train.ui.train import form as tab_form
from train.ui.train.live import View

_HERE = Path(__file__).parent

#: The tab's title and id.
TITLE = "Train"

#: Seconds between two looks at the disk, and while one waits for a run's first point.
TICK, SOON = 1.0, 0.25

#: Options of events that come often or must not flicker.
QUICK: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}


def tab(
    root: Path = jobs.RUNS_ROOT, rights: Access | None = None, standby: Standby | None = None
) -> Callable[[PageContext], None]:
    """The builder of the tab for `fontdemo.ui.page`, for the runs under `root`.

    rights: what visitors may do; by default what the environment says. standby: has a trainer ready while the page is
    looked at.
    """
    slices = zerogpu.slices()
    launcher = Launcher(root, standby if slices is None else None, slices)
    return partial(build, launcher=launcher, rights=access(os.environ) if rights is None else rights)


def networks(root: Path = jobs.RUNS_ROOT) -> dict[str, Path]:
    """The networks to read with, as `NetworkStore` takes them: those that ship, then the runs' best."""
    return shipped_sources() | live.trained_networks(root)


def with_tab(
    options: Mapping[str, Any], rights: Access | None = None, standby: Standby | None = None
) -> dict[str, Any]:
    """The page's options of `Blocks.launch` with what these tabs need: styles, and uploads as large as they allow.

    standby: has a trainer ready from the server's start on, where visitors may train in a process of this machine.
    """
    rights = access(os.environ) if rights is None else rights
    if standby is not None and rights.train and not zerogpu.zero_gpu():
        options = {**options, "app_kwargs": {**options.get("app_kwargs", {}), "lifespan": standby.lifespan}}
    styles = "\n".join([options.get("css", ""), sheets(_HERE.parent)])
    size = rights.limits.upload_bytes if rights.train or rights.host else options.get("max_file_size")
    return {**options, "css": styles, "max_file_size": size}


def build(shared: PageContext, *, launcher: Launcher, rights: Access) -> None:
    """Put the tab's parts into the Blocks context and connect them."""
    root = launcher.root
    view = gr.State(View())
    with gr.Column(elem_classes="train-form", visible=rights.train) as form_column:
        form = tab_form.build(rights, launcher.standby, shared.design)
    card = live_html("run-card")
    with gr.Row(elem_classes="run-buttons"):
        stop = gr.Button("Stop training", interactive=False, elem_id="stop", size="md", visible=rights.train)
        resume = gr.Button("Resume", interactive=False, elem_id="resume", size="md", visible=rights.train)
        use = gr.Button("Read with this network", interactive=False, elem_id="use", size="md")
    recorded = live_html("recordings", _HERE / "recordings.js")
    with gr.Row(elem_classes="train-watch"):
        curves = live_html("curves", *(_HERE / f"charts{part}.js" for part in ("", "_play", "_save")))
        with gr.Column(elem_classes="train-follow", min_width=240):
            follow = sections.build_follow(rights)
    sections.connect_follow(shared, launcher, rights, view, follow, form.thumb)
    # These are there once there is something in them (train.css).
    with gr.Column(elem_classes="train-part"):
        sections.heading("Runs")
        table = live_html("runs", _HERE / "runs.js")
        with gr.Accordion("Log", open=False, elem_id="log-fold"):
            log = live_html("log")
    with gr.Column(elem_classes="train-part"):
        look = sections.build_mistakes(root, view)
    with gr.Column(elem_classes="train-part"):
        sharing = sections.build_sharing(shared, root, rights, view)
    if rights.host:
        host.build(shared, rights, [form_column, stop, resume, follow.pin, sharing.hub])
    timer = gr.Timer(TICK, active=False)

    # What `live.parts` gives is put into these; each is sent only when it has changed.
    shown: dict[str, Any] = {
        "choices": form.cards, "card": card, "curves": curves, "follow": follow.strip, "log": log,
        "recordings": recorded, "table": table,
    }  # fmt: skip
    needing = [("read", button) for button in (use, look, sharing.download)]  # what can be done once there is a network
    buttons = [
        ("start", form.start), ("stop", stop), ("resume", resume), *needing, ("push", sharing.push),
        ("pin", follow.pin),
    ]  # fmt: skip
    # The number of the newest answer that the browser has, so that what is lost on its way is sent again.
    got = gr.Number(0, visible=False)
    outputs = [*shown.values(), *(button for _, button in buttons), form.idle, timer, got]

    def refresh(seen: View, recipe: Any, sent: Any, has: Any) -> list[Any]:
        mine, recipe = rights.of(sent), recipe if isinstance(recipe, str) else ""
        if mine.train:
            launcher.keep_ready()
        news = seen.news(live.parts(launcher, mine, seen, recipe), has)
        return [
            *(news.get(name, gr.skip()) for name in shown),
            *(gr.Button(interactive=news[name]) if name in news else gr.skip() for name, _ in buttons),
            news.get("start", gr.skip()),
            gr.Timer(SOON if news["soon"] else TICK) if "soon" in news else gr.skip(),
            news.get("answer", gr.skip()),
        ]

    state = [view, form.recipe, shared.visitor, got]

    def then(act: Callable[..., None]) -> Callable[..., list[Any]]:
        """The handler that does `act(view, access, *more)` and shows what has become of it."""

        def handler(seen: View, recipe: str, sent: Any, has: Any, *more: Any) -> list[Any]:
            act(seen, rights.of(sent), *more)
            return refresh(seen, recipe, sent, has)

        return user_errors(handler)

    def load(seen: View, recipe: str, sent: Any, has: Any) -> list[Any]:
        seen.sent.clear()
        return refresh(seen, recipe, sent, has)

    def selected(seen: View, tab: gr.SelectData) -> gr.Timer:
        """A timer goes on ticking in a tab that was left: only this one's needs it."""
        seen.sent.clear()  # what comes while the tab's parts are being put up may not reach them
        return gr.Timer(active=tab.value == TITLE)

    shared.tabs.select(selected, view, timer, **QUICK)
    timer.tick(refresh, state, outputs, **QUICK)
    shared.demo.load(load, state, outputs, **QUICK)
    form.recipe.change(refresh, state, outputs, **QUICK)

    def designed(seen: View, recipe: str, sent: Any, has: Any, design: Any) -> list[Any]:
        seen.designed = bool(design)
        return refresh(seen, recipe, sent, has)

    form.design.change(designed, [*state, form.design], outputs, **QUICK)

    def start(seen: View, mine: Access, follow_it: bool, glyph: Any, *values: Any) -> None:
        mine.require_start()
        recipe, name, device, source = tab_form.read(mine, values)
        planned = plan(launcher, mine, recipe, name, device, source)
        pinned = glyph.image if follow_it and glyph is not None else seen.pinned
        seen.pinned, seen.shown, seen.recording, seen.epoch = None, "", "", -1

        def named(started: str) -> None:  # another's may follow it: this one stays in sight
            seen.shown = started

        planned.begin(pinned, named)

    started = form.start.click(then(start), [*state, form.follow, shared.glyph, *form.inputs], outputs, **QUICK)

    def stop_it(seen: View, mine: Access) -> None:
        mine.require_train()
        if launcher.line.leave(mine.browser):
            return
        preparing = launcher.preparing
        if preparing is not None:
            mine.require_starter(preparing.starter, preparing.name)
        if preparing is None or not launcher.cancel(preparing):
            folder = sections.shown_folder(root, seen)
            mine.require_owner(folder)
            jobs.stop(folder)

    stop.click(then(stop_it), state, outputs, **QUICK)

    def resume_it(seen: View, mine: Access) -> None:
        mine.require_train()
        folder = sections.shown_folder(root, seen)
        mine.require_owner(folder)
        more = live.more_minutes(summarize(folder), mine)
        recipe = RunFolder(folder).plan().recipe
        fields.check(mine, recipe if more is None else recipe.changed(minutes=more))
        jobs.resume(folder, launcher.ready, more)

    resumed = resume.click(then(resume_it), state, outputs, **QUICK)
    if launcher.slices is not None:
        slices_of_card.connect(launcher, launcher.slices, rights, shared, [started, resumed])

    def change_runs(seen: View, recipe: str, sent: Any, has: Any, pressed: gr.EventData) -> list[Any]:
        name, what, value = text(pressed, "run"), text(pressed, "what"), text(pressed, "name")
        folder = live.find_run(root, name)
        if what == "show":
            seen.shown, seen.recording, seen.epoch = name, "", -1
        elif what == "tick":
            seen.ticked = seen.ticked | {name} if value == "on" else seen.ticked - {name}
        elif what == "rename":
            rights.of(sent).require_owner(folder)
            ticked = name in seen.ticked  # now: a look at the disk meanwhile forgets the old name
            renamed = jobs.rename(root, folder, value).name
            seen.shown = renamed if seen.shown == name else seen.shown
            seen.ticked = seen.ticked - {name} | {renamed} if ticked else seen.ticked
        elif what == "delete":
            rights.of(sent).require_owner(folder)
            jobs.delete(root, folder)
        return refresh(seen, recipe, sent, has)

    table.click(user_errors(change_runs), state, outputs, **QUICK)

    def change_curves(seen: View, recipe: str, sent: Any, has: Any, pressed: gr.EventData) -> list[Any]:
        seen.linear = not seen.linear
        return refresh(seen, recipe, sent, has)

    curves.click(user_errors(change_curves), state, outputs, **QUICK)

    def play(seen: View, recipe: str, sent: Any, has: Any, pressed: gr.EventData) -> list[Any]:
        name = text(pressed, "recording")
        seen.recording = recordings.find(recordings.recordings(), name).name if name else ""
        seen.plays, seen.epoch = seen.plays + 1, -1
        return refresh(seen, recipe, sent, has)

    recorded.click(user_errors(play), state, outputs, **QUICK)

    def read_with(seen: View) -> list[Any]:
        name = live.network_name(sections.shown_folder(root, seen).name)
        shared.networks.get(name)  # an error in plain words if it cannot be used
        return [gr.Dropdown(choices=shared.networks.names(), value=name), gr.Tabs(selected="Read"), name]

    use.click(user_errors(read_with), view, [shared.chooser, shared.tabs, shared.kept], **QUICK)
    if rights.train or rights.host:
        sections.connect_estimate(form, launcher, rights, shared)
    endpoints.add(launcher, rights)
