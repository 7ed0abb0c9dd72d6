"""A section of the Read tab that is worked out by the server, only while it is open. Wiring only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from fontdemo.glyph.glyph import Glyph
from fontdemo.ui.context import PageContext, user_errors

#: What stands in the section: made of the glyph that was read last, and the chosen network's name.
Make = Callable[[Glyph | None, str], str]


def section(context: PageContext, title: str, elem_id: str, make: Make, closed: str) -> None:
    """Put a section that opens into the Blocks context. closed: what stands in it until it is opened.

    While it is open it follows what is read; live_view.js sends the server what is drawn as long as one is.
    """
    network, glyph = context.chooser, context.glyph
    open_ = gr.State(False)
    with gr.Accordion(title, open=False, elem_id=elem_id, elem_classes="asks-server") as part:
        view = gr.HTML(closed, apply_default_css=False)
    quick: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": 2, "api_visibility": "private"}
    opened = user_errors(lambda glyph, network: (True, make(glyph, network)))
    part.expand(opened, [glyph, network], [open_, view], **quick)
    part.collapse(lambda: False, None, open_, **quick)
    gr.on(
        [glyph.change, network.change],
        user_errors(lambda is_open, glyph, network: make(glyph, network) if is_open else gr.skip()),
        [open_, glyph, network], view, trigger_mode="always_last", **quick,
    )  # fmt: skip
