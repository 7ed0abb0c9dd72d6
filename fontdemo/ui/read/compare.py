"""The Read tab's comparison: a second network on the same glyph, beside the chosen one.

Wiring only: the work is in `fontdemo.reading.compare`, the HTML in `fontdemo.ui.read.compare_view`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import gradio as gr

from fontdemo.glyph.glyph import Glyph
from fontdemo.reading.compare import compare
from fontdemo.ui.context import NetworkStore, PageContext, user_errors
from fontdemo.ui.read import compare_view

#: What the control says where nothing is compared; no network has this name, for names are folders'.
NOTHING = ("nothing", "")


def compared(readers: NetworkStore, glyph: Glyph | None, network: str, other: str, own_scale: bool) -> tuple[str, str]:
    """Both answers side by side, and the way through the network `other`; both "" where nothing is compared."""
    if not other:
        return "", ""
    if other == network:
        return compare_view.same(network), ""
    first, second = readers.get(network), readers.get(other)
    sides = compare([(network, first.reader, first.facts), (other, second.reader, second.facts)], glyph, first.readings)
    return compare_view.cards(sides), compare_view.way(sides[1], glyph, second.fields, own_scale=bool(own_scale))


def chooser(shared: PageContext) -> gr.Dropdown:
    """The control that chooses the second network."""
    def choices() -> list[tuple[str, str]]:
        return [NOTHING, *((name, name) for name in shared.readers.names())]

    other = gr.Dropdown(
        choices(), value=NOTHING[1], label="Compare with", elem_id="compare-with", interactive=True, min_width=160,
        scale=0,
    )  # fmt: skip
    # What has been trained since is to choose from too.
    shared.demo.load(
        lambda: gr.Dropdown(choices=choices()), None, other,
        show_progress="hidden", api_visibility="private", concurrency_limit=4,
    )  # fmt: skip
    return other


@contextmanager
def beside(shared: PageContext, other: gr.Dropdown, own_scale: gr.Checkbox, script: str) -> Iterator[None]:
    """Puts what is made inside next to the second network's way, and both answers above; connects them.

    script: what opens a map of the way large.
    """
    cards = gr.HTML("", apply_default_css=False, elem_id="compare")
    with gr.Row(elem_classes="ways"):
        yield
        way = gr.HTML("", apply_default_css=False, elem_id="way-other", js_on_load=script)
    quick: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": 2, "api_visibility": "private"}
    gr.on(
        [shared.glyph.change, shared.chooser.change, other.change, own_scale.change],
        user_errors(partial(compared, shared.readers)),
        [shared.glyph, shared.chooser, other, own_scale], [cards, way], trigger_mode="always_last", **quick,
    )  # fmt: skip
