"""The Read tab's comparison: a second network on the same glyph, beside the chosen one.

Wiring only: the work is in `fontdemo.reading.compare`, the HTML in `fontdemo.ui.read.compare_view`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from fontdemo.glyph.glyph import Glyph
from fontdemo.reading.compare import compare
from fontdemo.ui.context import NetworkStore, PageContext, user_errors
from fontdemo.ui.read import compare_view

#: What the control says where nothing is compared; no network has this name, for names are folders'.
NOTHING = ("nothing", "")

_WAY = Path(__file__).parent.parent / "stages_view.js"


def compared(readers: NetworkStore, glyph: Glyph | None, network: str, other: str) -> tuple[str, str]:
    """Both answers side by side, and the way through the network `other`; both "" where nothing is compared."""
    if not other:
        return "", ""
    if other == network:
        return compare_view.same(readers.title(network)), ""
    first, second = readers.get(network), readers.get(other)
    names = readers.title(network), readers.title(other)
    sides = compare([(names[0], first.reader, first.facts), (names[1], second.reader, second.facts)], glyph)
    return compare_view.cards(sides), compare_view.way(sides[1], glyph, second.fields)


def build(shared: PageContext) -> None:
    """Put the section into the Blocks context and connect it."""

    def choices() -> list[tuple[str, str]]:
        return [NOTHING, *shared.readers.choices()]

    with gr.Accordion("Compare with another network", open=False, elem_id="comparing", elem_classes="asks-server"):
        other = gr.Dropdown(
            choices(), value=NOTHING[1], label="Compare with", elem_id="compare-with", interactive=True, min_width=160,
        )  # fmt: skip
        cards = gr.HTML("", apply_default_css=False, elem_id="compare")
        way = gr.HTML("", apply_default_css=False, elem_id="way-other", js_on_load=_WAY.read_text(encoding="utf-8"))
    quick: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": 4, "api_visibility": "private"}
    # What has been trained since is to choose from too.
    shared.demo.load(lambda: gr.Dropdown(choices=choices()), None, other, **quick)
    gr.on(
        [shared.glyph.change, shared.chooser.change, other.change],
        user_errors(partial(compared, shared.readers)),
        [shared.glyph, shared.chooser, other], [cards, way], trigger_mode="always_last", **quick,
    )  # fmt: skip
