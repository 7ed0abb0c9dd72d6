"""The Read tab's section of the closest typefaces. Wiring only.

`fontdemo.reading.nearest` searches, `fontdemo.ui.read.closest_view` shows.
It follows the glyph that was read last and the chosen network by itself, so the answer never waits for it.
"""

from __future__ import annotations

from functools import partial

import gradio as gr

from fontdemo.glyph.glyph import Glyph
from fontdemo.ui.context import NetworkStore, PageContext, user_errors
from fontdemo.ui.read.closest_view import section


def closest(readers: NetworkStore, glyph: Glyph | None, network: str) -> str:
    """The section for `glyph`."""
    loaded = readers.get(network)
    reading = loaded.read(glyph) if glyph is not None and loaded.index is not None else None
    return section(loaded.index, reading)


def build(shared: PageContext) -> None:
    """Put the section into the Blocks context and connect it."""
    readers, network, glyph = shared.readers, shared.chooser, shared.glyph
    view = gr.HTML(closest(readers, None, readers.names()[0]), apply_default_css=False, elem_id="closest")
    gr.on(
        [glyph.change, network.change], user_errors(partial(closest, readers)), [glyph, network], view,
        trigger_mode="always_last", show_progress="hidden", concurrency_limit=4, api_visibility="private",
        preprocess=False,
    )  # fmt: skip
