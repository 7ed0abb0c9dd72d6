"""A run on ZeroGPU as the page trains it: the visitor's browser asks for one slice of the card after another.

Each slice is an event of its own, so that it counts against this visitor's quota, with a fresh proof of who they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from fontdemo.ui.context import PageContext, user_errors
from train.access import Access, owner_of
from train.runs.background import Launcher
from train.runs.zerogpu import Slices

#: Seconds between two looks whether a slice is wanted, while a run of this visitor's is under way.
TICK = 2.0

_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def connect(launcher: Launcher, slices: Slices, rights: Access, shared: PageContext, begun: Sequence[Any]) -> None:
    """Put the parts that no one sees into the Blocks context and connect them. begun: the events that begin runs."""
    timer = gr.Timer(TICK, active=False)
    wanted = gr.Textbox("", visible="hidden")

    def look(sent: Any) -> list[Any]:
        mine = rights.of(sent)
        launcher.keep_ready()
        named = slices.wanted(own(mine))
        preparing = launcher.preparing
        begins = preparing is not None and mine.starter(preparing.starter)
        waits = launcher.line.place(mine.browser) is not None
        return [gr.Timer(active=bool(named) or begins or waits), named]

    def train_slice(named: Any, sent: Any) -> None:
        mine = rights.of(sent)
        mine.require_train()
        if isinstance(named, str) and named:
            slices.train(named, own(mine))

    quick = {**_QUIET, "concurrency_limit": 4}
    for event in begun:
        event.then(look, shared.visitor, [timer, wanted], **quick)
    gr.on([timer.tick, shared.demo.load], look, shared.visitor, [timer, wanted], **quick)
    one_at_a_time = {**_QUIET, "concurrency_limit": 1, "concurrency_id": "zerogpu"}
    wanted.change(user_errors(train_slice), [wanted, shared.visitor], None, **one_at_a_time)


def own(access: Access) -> Callable[[Path], bool]:
    """Which runs are this visitor's to spend quota on: even the host spends theirs on none but the host's."""

    def owns(folder: Path) -> bool:
        owner = owner_of(folder)
        return access.owns(folder) and (owner == access.browser if owner else access.manage)

    return owns
