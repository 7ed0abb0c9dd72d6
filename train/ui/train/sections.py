"""What stands below the runs in the Train tab: mistakes, a drawing through the epochs, taking a network away.

Wiring only; what is shown is made in `train.ui.train.mistakes_view`, `train.ui.train.pinned_view` and
`train.runs.export`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

import fontdemo
from fontdemo.errors import FontdemoError
from fontdemo.ui.context import PageContext, user_errors
from train.access import Access
from train.runs import export, jobs, mistakes
from train.runs.background import Launcher
from train.runs.folder import RunFolder
from train.runs.summary import summaries
from train.ui.train import live, mistakes_view, pinned_view
from train.ui.train.live import View

_QUICK: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 4}

_WAY = Path(fontdemo.__file__).parent / "ui" / "stages_view.js"


@dataclass(frozen=True)
class Follow:
    """The parts of the section of the pinned drawing."""

    pin: gr.Button
    slider: gr.Slider
    strip: gr.HTML
    way: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """What `follow_updates` renews, in its order."""
        return [self.slider, self.strip, self.way]


@dataclass(frozen=True)
class Sharing:
    """The parts of the section to take a network away."""

    download: gr.Button
    push: gr.Button
    hub: gr.Accordion


def told_event(handler: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """`told` for a handler whose last argument is the event: Gradio finds that by its annotation."""
    plain = user_errors(handler)

    def tell(seen: View, recipe: str, epoch: float, sent: Any, pressed: gr.EventData) -> list[Any]:
        return plain(seen, recipe, epoch, sent, pressed)

    return tell


def shown_folder(root: Path, view: View) -> Path:
    """The folder of the run that the visitor looks at; FontdemoError if there is none."""
    shown = live.shown_run(summaries(root), view)
    if shown is None:
        raise FontdemoError("There is no run yet.")
    return shown.status.folder


def build_mistakes(root: Path, view: gr.State) -> gr.Button:
    """The section that tests a run's best network and shows where it errs, when asked; the button that asks."""
    gr.HTML('<h2 class="train-head">What it gets wrong</h2>', apply_default_css=False)
    look = gr.Button(
        "Test the network on the validation part", interactive=False, elem_id="test-run", size="md",
        elem_classes="narrow",
    )  # fmt: skip
    shown = gr.HTML("", apply_default_css=False, elem_id="mistakes")

    def find(seen: View) -> str:
        return mistakes_view.mistakes(mistakes.of_run(shown_folder(root, seen)))

    look.click(
        user_errors(find), view, shown,
        api_visibility="private", concurrency_limit=1, concurrency_id="mistakes", show_progress="minimal",
    )  # fmt: skip
    return look


def build_follow(shared: PageContext, launcher: Launcher, rights: Access, view: gr.State) -> Follow:
    """The section that follows a drawing of the Read tab through the epochs."""
    gr.HTML('<h2 class="train-head">A drawing through the epochs</h2>', apply_default_css=False)
    pin = gr.Button(
        "Pin the drawing of the Read tab", elem_id="pin", size="md", elem_classes="narrow", visible=rights.train
    )
    strip = gr.HTML(pinned_view.followed_strip(None, 0), apply_default_css=False, elem_id="follow-strip")
    slider = gr.Slider(
        0, 1, value=0, step=1, label="After epoch", elem_id="follow-epoch", visible=False, interactive=True
    )
    way = gr.HTML(
        "", apply_default_css=False, elem_id="follow-way", js_on_load=_WAY.read_text(encoding="utf-8")
    )

    def walk(seen: View, epoch: float) -> list[str]:
        folder = shown_folder(launcher.root, seen)
        return [pinned_view.followed_strip(folder, int(epoch)), pinned_view.followed_way(folder, int(epoch))]

    slider.input(user_errors(walk), [view, slider], [strip, way], trigger_mode="always_last", **_QUICK)

    def pin_it(glyph: Any, seen: View, sent: Any) -> Any:
        mine = rights.of(sent)
        mine.require_train()
        if glyph is None:
            raise FontdemoError("Draw a character in the Read tab first, then pin it here.")
        runs = summaries(launcher.root)
        shown = live.shown_run(runs, seen)
        target = jobs.active(launcher.root)
        if target is None and shown is not None and shown.status.resumable:
            target = shown.status
        if target is None or launcher.preparing is not None:
            seen.pinned = glyph.image
            return pinned_view.waiting_strip(glyph.image)
        mine.require_owner(target.folder)
        RunFolder(target.folder).pin(glyph.image)
        return gr.skip()

    pin.click(user_errors(pin_it), [shared.glyph, view, shared.visitor], strip, **_QUICK)
    return Follow(pin, slider, strip, way)


def follow_updates(launcher: Launcher, view: View, news: dict[str, Any], epoch: float) -> list[Any]:
    """Updates of `Follow.outputs`: when an epoch was added, the slider moves on if it stood at the newest one."""
    if "epochs" not in news and "pinned" not in news:
        return [gr.skip()] * 3
    epochs: list[int] = view.sent.get("epochs", [])
    name = view.sent.get("pinned", ("", 0))[0]
    folder = launcher.root / name if name else None  # as `live.parts` found it
    if not epochs or folder is None:
        nothing = pinned_view.waiting_strip(view.pinned) if view.pinned is not None else None
        return [gr.Slider(visible=False), nothing or pinned_view.followed_strip(folder, 0), ""]
    at = int(epoch) if int(epoch) in epochs and int(epoch) != view.newest else epochs[-1]
    view.newest = epochs[-1]
    return [
        gr.Slider(minimum=epochs[0], maximum=max(epochs[-1], epochs[0] + 1), value=at, visible=len(epochs) > 1),
        pinned_view.followed_strip(folder, at),
        pinned_view.followed_way(folder, at),
    ]


def build_sharing(shared: PageContext, root: Path, rights: Access, view: gr.State) -> Sharing:
    """The section to download a run's network or to push it to the Hub."""
    gr.HTML('<h2 class="train-head">Take the network away</h2>', apply_default_css=False)
    with gr.Row(elem_classes="share-row"):
        ask = gr.Button("Download as .zip", interactive=False, elem_id="download", size="md", elem_classes="narrow")
        # A download needs a link that is there already; the button makes the file, then presses this one.
        link = gr.DownloadButton("Download", elem_id="download-link", elem_classes="unseen")

    def packed(seen: View) -> Any:
        folder = shown_folder(root, seen)
        with tempfile.TemporaryDirectory(prefix="fontdemo-") as place:
            file = export.pack(folder / "best", Path(place) / f"{folder.name}.zip")
            # Into Gradio's own cache, from where it is served, and deleted with all else there (`Blocks.delete_cache`).
            return gr.DownloadButton(value=link.move_resource_to_block_cache(str(file)))

    ask.click(user_errors(packed), view, link, **_QUICK).success(
        None, None, None, js="() => setTimeout(() => document.querySelector('#download-link').click(), 100)"
    )
    with gr.Accordion("Push to the Hugging Face Hub", open=False, elem_id="hub", visible=rights.train) as hub:
        with gr.Row():
            repository = gr.Textbox(label="Repository", placeholder="ada/font-reader", max_lines=1, elem_id="hub-repo")
            token = gr.Textbox(
                label="Token with the right to write", type="password", max_lines=1, elem_id="hub-token",
                placeholder="this machine's login, if left empty" if rights.manage else "hf_...",
            )  # fmt: skip
        private = gr.Checkbox(True, label="Private repository")
        push = gr.Button("Push", interactive=False, elem_id="hub-push", size="md", elem_classes="narrow")
        said = gr.HTML("", apply_default_css=False, elem_id="hub-said")

    def push_it(seen: View, repo: str, secret: str, hidden: bool, sent: Any) -> list[str]:
        mine = rights.of(sent)
        try:
            mine.require_train()
            folder = shown_folder(root, seen)
            mine.require_owner(folder)
            url = export.push(
                folder / "best", str(repo or ""), str(secret or ""), private=bool(hidden), use_login=mine.manage
            )
        except FontdemoError as error:
            return [f'<p class="estimate-wrong" role="alert">{escape(str(error))}</p>', secret]
        return [f'<p role="status">It is at <a href="{escape(url)}">{escape(url)}</a>.</p>', ""]

    push.click(push_it, [view, repository, token, private, shared.visitor], [said, token], api_visibility="private",
               concurrency_limit=1, concurrency_id="hub", show_progress="minimal")  # fmt: skip
    return Sharing(ask, push, hub)
