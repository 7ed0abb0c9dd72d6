"""Separate parts of the Train tab: a drawing that is followed, mistakes, a network taken away, how long a run takes.

Wiring only; what is shown is made in `train.ui.train.mistakes_view`, `train.ui.train.pinned_view` and
`train.runs.export`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

import fontdemo
from fontdemo.errors import FontdemoError, without_paths
from fontdemo.ui.context import PageContext, user_errors
from fontdemo.ui.gate.arriving import Made
from fontdemo.ui.gate.events import whole
from fontdemo.ui.gate.limits import has_room
from fontdemo.ui.html import render
from train.access import Access
from train.runs import export, jobs, mistakes
from train.runs.background import Launcher
from train.runs.folder import RunFolder
from train.runs.summary import summaries
from train.ui.live_html import live_html
from train.ui.train import form as tab_form
from train.ui.train import live, mistakes_view, pinned_view, recordings
from train.ui.train.live import View

_QUICK: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 4}

_HERE = Path(__file__).parent

_STAGES_SCRIPT = Path(fontdemo.__file__).parent / "ui" / "stages_view.js"


@dataclass(frozen=True)
class Follow:
    """The strip of what a drawing was taken for, and the button that has the pad's followed."""

    pin: gr.Button
    strip: gr.HTML


@dataclass(frozen=True)
class Sharing:
    """The parts of the section to take a network away."""

    download: gr.Button
    push: gr.Button
    hub: gr.Accordion


def heading(title: str) -> None:
    """A heading between the tab's parts."""
    gr.HTML(render("train/heading.html", title=title), apply_default_css=False)


def shown_folder(root: Path, view: View) -> Path:
    """The folder of the run that the visitor looks at; FontdemoError if there is none."""
    shown = live.shown_run(summaries(root), view)
    if shown is None:
        raise FontdemoError("There is no run yet.")
    return shown.status.folder


def build_mistakes(root: Path, view: gr.State) -> gr.Button:
    """The section that tests a run's best network and shows where it errs, when asked; the button that asks."""
    heading("What it gets wrong")
    look = gr.Button(
        "Test the network on the validation set", interactive=False, elem_id="test-run", size="md",
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


def build_follow(rights: Access) -> Follow:
    """What the network takes the visitor's drawing for, time after time, to stand beside the curves."""
    strip = live_html("follow-strip", _HERE / "follow.js")
    pin = gr.Button("Follow what is on the pad now", elem_id="pin", size="sm", visible=rights.train)
    return Follow(pin, strip)


def connect_follow(
    shared: PageContext, launcher: Launcher, rights: Access, view: gr.State, follow: Follow, thumb: gr.HTML
) -> None:
    """Put the maps below, folded, and connect the strip and its button."""
    with gr.Accordion("The maps of your letter", open=False, elem_id="follow-maps", visible=False) as maps:
        stages = gr.HTML(
            "", apply_default_css=False, elem_id="follow-stages", js_on_load=_STAGES_SCRIPT.read_text(encoding="utf-8")
        )

    def walk(seen: View, sent: Any, pressed: gr.EventData) -> list[Any]:
        recorded = recordings.named(recordings.recordings(), seen.recording)
        folder = shown_folder(launcher.root, seen) if recorded is None else recorded.folder
        if recorded is None and not rights.of(sent).owns(folder):
            raise FontdemoError("You can't see what another visitor drew.")
        seen.epoch = epoch = whole(pressed, "epoch", 10_000)
        title = f"The maps of {'your' if recorded is None else 'the'} letter after epoch {epoch}"
        strip = pinned_view.followed_strip(folder, epoch, 0 if recorded is None else seen.play)
        return [strip, pinned_view.followed_stages(folder, epoch),
                gr.Accordion(label=title, open=True, visible=True)]  # fmt: skip

    follow.strip.click(
        user_errors(walk), [view, shared.visitor], [follow.strip, stages, maps], trigger_mode="always_last", **_QUICK
    )

    def pin_it(glyph: Any, seen: View, sent: Any) -> Any:
        mine = rights.of(sent)
        mine.require_train()
        if glyph is None:
            raise FontdemoError("Draw a character in the Read tab first.")
        runs = summaries(launcher.root)
        shown = live.shown_run(runs, seen)
        target = jobs.active(launcher.root)
        if target is None and shown is not None and live.goes_on(shown, mine):
            target = shown.status
        if target is None or launcher.preparing is not None:
            seen.pinned = glyph.image
            return pinned_view.waiting_strip(glyph.image)
        mine.require_owner(target.folder)
        try:
            RunFolder(target.folder).pin(glyph.image)
        except OSError as error:
            raise FontdemoError(f"The drawing can't be kept: {error.strerror or 'the disk refused it'}.") from None
        return gr.skip()

    follow.pin.click(user_errors(pin_it), [shared.glyph, view, shared.visitor], follow.strip, **_QUICK)

    def drawn(glyph: Any) -> str:
        return pinned_view.thumb(None if glyph is None else glyph.image)

    gr.on([shared.glyph.change, shared.demo.load], drawn, shared.glyph, thumb, trigger_mode="always_last", **_QUICK)


def can_sign_in(environment: Mapping[str, str]) -> bool:
    """Whether visitors can sign in with their account of the Hub: on a Space with `hf_oauth`, and the libraries."""
    needed = ("SPACE_ID", "SYSTEM", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL")
    return all(map(environment.get, needed)) and all(map(importlib.util.find_spec, ("authlib", "itsdangerous")))


def build_sharing(shared: PageContext, root: Path, rights: Access, view: gr.State) -> Sharing:
    """The section to download a run's network or to push it to the Hub."""
    heading("Download or share the network")
    with gr.Row(elem_classes="share-row"):
        ask = gr.Button("Download as .zip", interactive=False, elem_id="download", size="md", elem_classes="narrow")
        # A download needs a link that is there already; the button makes the file, then presses this one.
        link = gr.DownloadButton("Download", elem_id="download-link", elem_classes="unseen")

    made = Made()
    shared.demo.temp_file_sets.append(made)

    def packed(seen: View) -> Any:
        folder = shown_folder(root, seen)
        if not has_room():
            raise FontdemoError("This page has no room for files now. Try again in an hour.")
        with tempfile.TemporaryDirectory(prefix="fontdemo-") as temporary:
            file = export.pack(folder / "best", Path(temporary) / f"{folder.name}.zip")
            # Into Gradio's own cache, from where it is served, and deleted with all else there (`Blocks.delete_cache`).
            path = link.move_resource_to_block_cache(str(file))
        made.keep(str(path))
        return gr.DownloadButton(value=path)

    ask.click(user_errors(packed), view, link, **_QUICK).success(
        None, None, None, js="() => setTimeout(() => document.querySelector('#download-link').click(), 100)"
    )
    with gr.Accordion("Push to the Hugging Face Hub", open=False, elem_id="hub", visible=rights.train) as hub:
        if can_sign_in(os.environ):
            gr.LoginButton("Sign in to push to your own account", elem_id="hub-login", size="md", min_width=200)
        with gr.Row():
            repository = gr.Textbox(label="Repository", placeholder="ada/font-reader", max_lines=1, elem_id="hub-repo")
            token = gr.Textbox(
                label="Token with write access", type="password", max_lines=1, elem_id="hub-token",
                placeholder="this machine's login, if left empty" if rights.manage else "hf_...",
            )  # fmt: skip
        private = gr.Checkbox(True, label="Private repository")
        push = gr.Button("Push", interactive=False, elem_id="hub-push", size="md", elem_classes="narrow")
        said = gr.HTML("", apply_default_css=False, elem_id="hub-said")

    def push_it(
        seen: View, repo: str, secret: str, hidden: bool, sent: Any, who: gr.OAuthProfile | None = None,
        login: gr.OAuthToken | None = None,
    ) -> list[str]:  # fmt: skip
        mine = rights.of(sent)
        repo, secret = str(repo or "").strip(), str(secret or "")
        if who is not None and repo and "/" not in repo:
            repo = f"{who.username}/{repo}"
        try:
            mine.require_train()
            folder = shown_folder(root, seen)
            mine.require_owner(folder)
            token = secret.strip() or (login.token if login is not None else "")
            url = export.push(folder / "best", repo, token, private=bool(hidden), use_login=mine.manage)
        except FontdemoError as error:
            return [render("train/pushed.html", error=without_paths(str(error)), url=""), secret]
        return [render("train/pushed.html", error="", url=url), ""]

    push.click(push_it, [view, repository, token, private, shared.visitor], [said, token], api_visibility="private",
               concurrency_limit=1, concurrency_id="hub", show_progress="minimal")  # fmt: skip
    return Sharing(ask, push, hub)


def counted(revision: Any) -> float:
    """A browser's count as it can go back in JSON, which has no number as large as a browser may send; else 0."""
    return revision if isinstance(revision, (int, float)) and 0 <= revision < 2**53 else 0


def connect_estimate(form: tab_form.Form, launcher: Launcher, rights: Access, shared: PageContext) -> None:
    """Say how long the run would take whenever the form changes, or a run ends; a measurement of a second or two.

    The browser counts the form's changes and says that it is estimating (`tab_form.build`); what is measured carries
    the count that it belongs to, and is shown only while that is the newest.
    """

    def measured(revision: Any, sent: Any, *values: Any) -> list[Any]:
        mine = rights.of(sent)
        busy = launcher.preparing is not None or jobs.active(launcher.root) is not None
        text = tab_form.estimate_text(mine, values, busy=busy, standby=launcher.standby) if mine.train else ""
        return [counted(revision), text]

    waiting = json.dumps(tab_form.estimating())
    changes = [part.change for part in (form.recipe, form.device, *form.data, *form.settings, form.idle)]
    needed = [form.revision, shared.visitor, *form.inputs]
    once: dict[str, Any] = {
        "show_progress": "hidden", "api_visibility": "private", "concurrency_id": "estimate", "concurrency_limit": 1,
    }  # fmt: skip
    for event in (
        gr.on([shared.demo.load, *changes], measured, needed, form.measured, trigger_mode="always_last", **once),
        # All that hangs on a state's change is sent off at once, with the count of before: here one after the other.
        form.counted_design.then(measured, needed, form.measured, **once),
    ):
        event.then(
            None, [form.revision, form.measured], form.estimate, show_progress="hidden", api_visibility="private",
            js=f"(count, measured) => (measured && measured[0] === count ? measured[1] : {waiting})",
        )  # fmt: skip
