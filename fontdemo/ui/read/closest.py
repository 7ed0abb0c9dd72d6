"""The Read tab's section of the closest typefaces. Wiring only.

`fontdemo.reading.nearest` searches, `fontdemo.ui.read.closest_view` shows.
"""

from __future__ import annotations

from functools import partial

from fontdemo.glyph.glyph import Glyph
from fontdemo.ui.context import NetworkStore, PageContext
from fontdemo.ui.read import folded
from fontdemo.ui.read.closest_view import section


def closest(readers: NetworkStore, glyph: Glyph | None, network: str) -> str:
    """The section for `glyph`."""
    loaded = readers.get(network)
    if loaded.index is None:
        return '<section class="closest"><p>This network has no index of typefaces.</p></section>'
    return section(loaded.index, loaded.reader.read(glyph) if glyph is not None else None)


def build(shared: PageContext) -> None:
    """Put the section into the Blocks context and connect it."""
    folded.section(shared, "Closest typefaces", "closest", partial(closest, shared.readers), "")
