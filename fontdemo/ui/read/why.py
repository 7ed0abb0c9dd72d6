"""The Read tab's "Why?". Wiring only.

The work is in `fontdemo.network.attribution`, what is shown is made in `fontdemo.ui.read.why_view`.
It is worked out only while it is open, for the glyph that was read last.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import gradio as gr

from fontdemo.glyph.glyph import Glyph
from fontdemo.ui.context import NetworkStore, PageContext, user_errors
from fontdemo.ui.read.why_view import section


def why(readers: NetworkStore, glyph: Glyph | None, network: str) -> str:
    """Why the network takes `glyph` for what it does."""
    loaded = readers.get(network)
    return section(loaded.reader.network, glyph, loaded.read(glyph) if glyph is not None else None)


def build(shared: PageContext) -> None:
    """Put the part that opens into the Blocks context and connect it."""
    readers, network, glyph = shared.readers, shared.chooser, shared.glyph
    open_ = gr.State(False)
    with gr.Accordion("Why this answer?", open=False, elem_id="why") as part:
        view = gr.HTML(section(readers.get(readers.names()[0]).reader.network, None, None), apply_default_css=False)
    quick: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": 2, "api_visibility": "private"}
    explain = partial(why, readers)
    opened = user_errors(lambda glyph, network: (True, explain(glyph, network)))
    part.expand(opened, [glyph, network], [open_, view], **quick)
    part.collapse(lambda: False, None, open_, **quick)
    gr.on(
        [glyph.change, network.change],
        user_errors(lambda is_open, glyph, network: explain(glyph, network) if is_open else gr.skip()),
        [open_, glyph, network], view, trigger_mode="always_last", **quick,
    )  # fmt: skip
