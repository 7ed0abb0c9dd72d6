"""The Read tab's "Why this answer?". Wiring only.

The work is in `fontdemo.network.attribution`, what is shown is made in `fontdemo.ui.read.why_view`.
"""

from __future__ import annotations

from functools import partial

from fontdemo.glyph.glyph import Glyph
from fontdemo.ui.context import NetworkStore, PageContext
from fontdemo.ui.read import folded
from fontdemo.ui.read.why_view import NOTHING, section


def why(readers: NetworkStore, glyph: Glyph | None, network: str) -> str:
    """Why the network takes `glyph` for what it does."""
    reader = readers.get(network).reader
    return section(reader.network, glyph, reader.read(glyph) if glyph is not None else None)


def build(shared: PageContext) -> None:
    """Put the part that opens into the Blocks context and connect it."""
    closed = f'<div class="why why-nothing"><p>{NOTHING}</p></div>'
    folded.section(shared, "Why this answer?", "why", partial(why, shared.readers), closed)
