"""The Train tab: start a run, watch it, stop it, go on with it, and use what it learned. Wiring only.

What is shown is worked out in `train.live` from the disk, every second and after every press of a button; the form is
in `train.tab_form`, what stands below the curves in `train.tab_more`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from fontdemo.tabs.shared import Shared, shipped_sources, told
from train import job, live, room, run, sources, tab_form, tab_host, tab_more
from train.access import Access, access
from train.launcher import Launcher
from train.live import View

ASSETS = Path(__file__).parent / "assets"

#: Seconds between two looks at the disk.
TICK = 1.0

#: Options of events that come often or must not flicker.
QUICK: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}


def live_html(elem_id: str, *scripts: str) -> gr.HTML:
    """An HTML part that is changed piece by piece when its value changes (assets/live.js), with its own scripts."""
    code = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in ("live.js", *scripts))
    return gr.HTML(
        "", html_template='<div class="live"></div>', js_on_load=code, apply_default_css=False, elem_id=elem_id
    )


def tab(root: Path = job.RUNS_ROOT, rights: Access | None = None) -> Callable[[Shared], None]:
    """The builder of the tab for `fontdemo.page`, for the runs under `root`.

    rights: what visitors may do; by default what the environment says.
    """
    launcher = Launcher(root)
    return partial(build, launcher=launcher, rights=access(os.environ) if rights is None else rights)


def networks(root: Path = job.RUNS_ROOT) -> dict[str, Path]:
    """The networks to read with, as `fontdemo.tabs.shared.Readers` takes them: those that ship, then the runs' best."""
    return shipped_sources() | live.trained_networks(root)


def with_tab(options: Mapping[str, Any], rights: Access | None = None) -> dict[str, Any]:
    """The page's options of `Blocks.launch` with what these tabs need: looks, and uploads as large as they take."""
    rights = access(os.environ) if rights is None else rights
    sheets = [(ASSETS / name).read_text(encoding="utf-8") for name in ("train.css", "font.css", "data.css", "tune.css")]
    looks = "\n".join([options.get("css", ""), *sheets])
    size = rights.limits.upload_bytes if rights.train or rights.host else options.get("max_file_size")
    return {**options, "css": looks, "max_file_size": size}


def build(shared: Shared, *, launcher: Launcher, rights: Access) -> None:
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
            curves = live_html("curves", "charts.js")
            log = live_html("log")
            gr.HTML('<h2 class="train-head">Runs</h2>', apply_default_css=False)
            table = live_html("runs", "runs.js")
    look = tab_more.build_mistakes(root, view)
    follow = tab_more.build_follow(shared, launcher, rights, view)
    sharing = tab_more.build_sharing(shared, root, rights, view)
    if rights.host:
        tab_host.build(shared, rights, [form_column, stop, resume, follow.pin, sharing.hub])
    timer = gr.Timer(TICK)

    # What `live.parts` gives is put into these; each is sent only when it has changed.
    shown: dict[str, Any] = {"card": card, "curves": curves, "log": log, "table": table}
    needing = [("read", button) for button in (use, look, sharing.download)]  # what can be done once there is a network
    buttons = [
        ("start", form.start), ("stop", stop), ("resume", resume), *needing, ("push", sharing.push),
        ("pin", follow.pin),
    ]  # fmt: skip
    outputs = [*shown.values(), *(button for _, button in buttons), *follow.outputs]

    def refresh(seen: View, recipe: str, epoch: float, sent: Any) -> list[Any]:
        news = seen.news(live.parts(launcher, rights.of(sent), seen, recipe))
        return [
            *(news.get(name, gr.skip()) for name in shown),
            *(gr.Button(interactive=news[name]) if name in news else gr.skip() for name, _ in buttons),
            *tab_more.follow_updates(launcher, seen, news, epoch),
        ]

    state = [view, form.recipe, follow.slider, shared.visitor]

    def then(act: Callable[..., None]) -> Callable[..., list[Any]]:
        """The handler that does `act(view, access, *more)` and shows what has become of it."""

        def handler(seen: View, recipe: str, epoch: float, sent: Any, *more: Any) -> list[Any]:
            act(seen, rights.of(sent), *more)
            return refresh(seen, recipe, epoch, sent)

        return told(handler)

    def load(seen: View, recipe: str, epoch: float, sent: Any) -> list[Any]:
        seen.sent.clear()
        return refresh(seen, recipe, epoch, sent)

    timer.tick(refresh, state, outputs, **QUICK)
    shared.demo.load(load, state, outputs, **QUICK)
    form.recipe.change(refresh, state, outputs, **QUICK)

    def start(seen: View, mine: Access, *values: Any) -> None:
        mine.require_start()
        recipe, name, device, source = tab_form.read(mine, values)
        room.check(root, mine.limits.runs)
        name = job.check_name(name.strip() or recipe.name)
        pinned, seen.pinned, seen.shown = seen.pinned, None, ""

        def launch(data: Path) -> None:
            room.make(root, mine.limits.runs)
            folder = job.start(root, name, recipe, data, device)
            mine.claim(folder)
            if pinned is not None:
                run.pin(folder, pinned)

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
            folder = tab_more.shown_folder(root, seen)
            mine.require_owner(folder)
            job.stop(folder)

    stop.click(then(stop_it), state, outputs, **QUICK)

    def resume_it(seen: View, mine: Access) -> None:
        mine.require_train()
        folder = tab_more.shown_folder(root, seen)
        mine.require_owner(folder)
        mine.check(run.read_plan(folder).recipe)
        job.resume(folder)

    resume.click(then(resume_it), state, outputs, **QUICK)

    def change_runs(seen: View, recipe: str, epoch: float, sent: Any, pressed: gr.EventData) -> list[Any]:
        name, what, value = str(pressed.run), pressed.what, str(pressed.name)
        folder = live.find_run(root, name)
        if what == "show":
            seen.shown = name
        elif what == "tick":
            seen.ticked = seen.ticked | {name} if value == "on" else seen.ticked - {name}
        elif what == "rename":
            rights.of(sent).require_owner(folder)
            job.rename(root, folder, value)
            seen.shown = value.strip() if seen.shown == name else seen.shown
        elif what == "delete":
            rights.of(sent).require_owner(folder)
            job.delete(root, folder)
        return refresh(seen, recipe, epoch, sent)

    table.click(tab_more.told_event(change_runs), state, outputs, **QUICK)

    def read_with(seen: View) -> list[Any]:
        name = live.network_name(tab_more.shown_folder(root, seen).name)
        shared.readers.get(name)  # tells in plain words if it cannot be read with
        return [gr.Dropdown(choices=shared.readers.names(), value=name), gr.Tabs(selected="Read"), name]

    use.click(told(read_with), view, [shared.chooser, shared.tabs, shared.kept], **QUICK)
    if rights.train or rights.host:
        _estimate(form, launcher, rights, shared)


def _estimate(form: tab_form.Form, launcher: Launcher, rights: Access, shared: Shared) -> None:
    """Say how long the run would take whenever the form changes; a measurement of a second or two."""
    def tell(sent: Any, *values: Any) -> str:
        mine = rights.of(sent)
        busy = launcher.preparing is not None or job.active(launcher.root) is not None
        return tab_form.estimate_text(mine, values, busy=busy) if mine.train else ""

    parts = [form.recipe, form.device, *form.data, *form.settings]
    gr.on(
        [shared.demo.load, *(part.change for part in parts)], tell, [shared.visitor, *form.inputs], form.estimate,
        trigger_mode="always_last", show_progress="hidden", api_visibility="private", concurrency_limit=1,
    )  # fmt: skip
