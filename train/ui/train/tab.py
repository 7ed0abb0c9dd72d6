"""The Train tab: start a run, watch it, stop it, go on with it, and use what it learned. Wiring only.

What is shown is worked out in `train.ui.train.live` from the disk, every second and after every press of a button; the
form is in `train.ui.train.form`, what stands below the curves in `train.ui.train.sections`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from fontdemo.ui.context import PageContext, shipped_sources, user_errors
from fontdemo.ui.events import text
from fontdemo.ui.theme import sheets
from train.access import Access, access
from train.data import sources
from train.runs import jobs
from train.runs.background import Launcher
from train.runs.folder import RunFolder
from train.ui import host
from train.ui.live_html import live_html
from train.ui.train import form as tab_form
from train.ui.train import live, sections
from train.ui.train.live import View

_HERE = Path(__file__).parent

#: The tab's title and id.
TITLE = "Train"

#: Seconds between two looks at the disk.
TICK = 1.0

#: Options of events that come often or must not flicker.
QUICK: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}


def tab(root: Path = jobs.RUNS_ROOT, rights: Access | None = None) -> Callable[[PageContext], None]:
    """The builder of the tab for `fontdemo.ui.page`, for the runs under `root`.

    rights: what visitors may do; by default what the environment says.
    """
    launcher = Launcher(root)
    return partial(build, launcher=launcher, rights=access(os.environ) if rights is None else rights)


def networks(root: Path = jobs.RUNS_ROOT) -> dict[str, Path]:
    """The networks to read with, as `NetworkStore` takes them: those that ship, then the runs' best."""
    return shipped_sources() | live.trained_networks(root)


def with_tab(options: Mapping[str, Any], rights: Access | None = None) -> dict[str, Any]:
    """The page's options of `Blocks.launch` with what these tabs need: looks, and uploads as large as they take."""
    rights = access(os.environ) if rights is None else rights
    looks = "\n".join([options.get("css", ""), sheets(_HERE.parent)])
    size = rights.limits.upload_bytes if rights.train or rights.host else options.get("max_file_size")
    return {**options, "css": looks, "max_file_size": size}


def build(shared: PageContext, *, launcher: Launcher, rights: Access) -> None:
    """Put the tab's parts into the Blocks context and connect them."""
    root = launcher.root
    view = gr.State(View())
    with gr.Row(elem_classes="train-top"):
        with gr.Column(elem_classes="train-form", min_width=280, visible=rights.train) as form_column:
            form = tab_form.build(rights)
        with gr.Column(elem_classes="train-run", min_width=280):
            card = live_html("run-card")
            with gr.Row(elem_classes="run-buttons"):
                stop = gr.Button("Stop", interactive=False, elem_id="stop", size="md", visible=rights.train)
                resume = gr.Button("Resume", interactive=False, elem_id="resume", size="md", visible=rights.train)
                use = gr.Button("Read with this network", interactive=False, elem_id="use", size="md")
            curves = live_html("curves", _HERE / "charts.js")
            log = live_html("log")
            gr.HTML('<h2 class="train-head">Runs</h2>', apply_default_css=False)
            table = live_html("runs", _HERE / "runs.js")
    look = sections.build_mistakes(root, view)
    follow = sections.build_follow(shared, launcher, rights, view)
    sharing = sections.build_sharing(shared, root, rights, view)
    if rights.host:
        host.build(shared, rights, [form_column, stop, resume, follow.pin, sharing.hub])
    timer = gr.Timer(TICK, active=False)

    # What `live.parts` gives is put into these; each is sent only when it has changed.
    shown: dict[str, Any] = {"card": card, "curves": curves, "log": log, "table": table}
    needing = [("read", button) for button in (use, look, sharing.download)]  # what can be done once there is a network
    buttons = [
        ("start", form.start), ("stop", stop), ("resume", resume), *needing, ("push", sharing.push),
        ("pin", follow.pin),
    ]  # fmt: skip
    outputs = [*shown.values(), *(button for _, button in buttons), form.idle, *follow.outputs]

    def refresh(seen: View, recipe: str, epoch: float, sent: Any) -> list[Any]:
        news = seen.news(live.parts(launcher, rights.of(sent), seen, recipe))
        return [
            *(news.get(name, gr.skip()) for name in shown),
            *(gr.Button(interactive=news[name]) if name in news else gr.skip() for name, _ in buttons),
            news.get("start", gr.skip()),
            *sections.follow_updates(launcher, seen, news, epoch),
        ]

    state = [view, form.recipe, follow.slider, shared.visitor]

    def then(act: Callable[..., None]) -> Callable[..., list[Any]]:
        """The handler that does `act(view, access, *more)` and shows what has become of it."""

        def handler(seen: View, recipe: str, epoch: float, sent: Any, *more: Any) -> list[Any]:
            act(seen, rights.of(sent), *more)
            return refresh(seen, recipe, epoch, sent)

        return user_errors(handler)

    def load(seen: View, recipe: str, epoch: float, sent: Any) -> list[Any]:
        seen.sent.clear()
        return refresh(seen, recipe, epoch, sent)

    def selected(tab: gr.SelectData) -> gr.Timer:
        """A timer goes on ticking in a tab that was left: only this one's needs it."""
        return gr.Timer(active=tab.value == TITLE)

    shared.tabs.select(selected, None, timer, **QUICK)
    timer.tick(refresh, state, outputs, **QUICK)
    shared.demo.load(load, state, outputs, **QUICK)
    form.recipe.change(refresh, state, outputs, **QUICK)

    def start(seen: View, mine: Access, *values: Any) -> None:
        mine.require_start()
        recipe, name, device, source = tab_form.read(mine, values)
        jobs.check_room(root, mine.limits.runs)
        name = jobs.check_name(name.strip() or recipe.name)
        pinned, seen.pinned, seen.shown = seen.pinned, None, ""

        def launch(data: Path) -> None:
            jobs.make_room(root, mine.limits.runs)
            folder = jobs.start(root, name, recipe, data, device)
            mine.claim(folder)
            if pinned is not None:
                RunFolder(folder).pin(pinned)

        cache = root.parent / "data"
        launcher.begin(
            name, lambda progress: sources.prepare(source, recipe.alphabet, cache, mine, progress), launch, mine.browser
        )

    form.start.click(then(start), [*state, *form.inputs], outputs, **QUICK)

    def stop_it(seen: View, mine: Access) -> None:
        mine.require_train()
        preparing = launcher.preparing
        if preparing is not None:
            mine.require_starter(preparing.starter, preparing.name)
        if not launcher.cancel():
            folder = sections.shown_folder(root, seen)
            mine.require_owner(folder)
            jobs.stop(folder)

    stop.click(then(stop_it), state, outputs, **QUICK)

    def resume_it(seen: View, mine: Access) -> None:
        mine.require_train()
        folder = sections.shown_folder(root, seen)
        mine.require_owner(folder)
        planned = RunFolder(folder).plan().recipe
        mine.check(planned.epochs, planned.minutes)
        jobs.resume(folder)

    resume.click(then(resume_it), state, outputs, **QUICK)

    def change_runs(seen: View, recipe: str, epoch: float, sent: Any, pressed: gr.EventData) -> list[Any]:
        name, what, value = text(pressed, "run"), text(pressed, "what"), text(pressed, "name")
        folder = live.find_run(root, name)
        if what == "show":
            seen.shown = name
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
        return refresh(seen, recipe, epoch, sent)

    table.click(sections.told_event(change_runs), state, outputs, **QUICK)

    def read_with(seen: View) -> list[Any]:
        name = live.network_name(sections.shown_folder(root, seen).name)
        shared.readers.get(name)  # tells in plain words if it cannot be read with
        return [gr.Dropdown(choices=shared.readers.names(), value=name), gr.Tabs(selected="Read"), name]

    use.click(user_errors(read_with), view, [shared.chooser, shared.tabs, shared.kept], **QUICK)
    if rights.train or rights.host:
        _estimate(form, launcher, rights, shared)


def _estimate(form: tab_form.Form, launcher: Launcher, rights: Access, shared: PageContext) -> None:
    """Say how long the run would take whenever the form changes, or a run ends; a measurement of a second or two.

    The browser counts the form's changes and says that it is estimating (`tab_form.build`); what is measured carries
    the count that it belongs to, and is shown only while that is the newest.
    """

    def tell(revision: float, sent: Any, *values: Any) -> list[Any]:
        mine = rights.of(sent)
        busy = launcher.preparing is not None or jobs.active(launcher.root) is not None
        return [revision, tab_form.estimate_text(mine, values, busy=busy) if mine.train else ""]

    waiting = json.dumps(tab_form.ESTIMATING)
    changes = [part.change for part in (form.recipe, form.device, *form.data, *form.settings, form.idle)]
    gr.on(
        [shared.demo.load, *changes], tell, [form.revision, shared.visitor, *form.inputs], form.measured,
        trigger_mode="always_last", show_progress="hidden", api_visibility="private", concurrency_limit=1,
    ).then(
        None, [form.revision, form.measured], form.estimate, show_progress="hidden", api_visibility="private",
        js=f"(count, measured) => (measured && measured[0] === count ? measured[1] : {waiting})",
    )  # fmt: skip
