"""The Read tab's row of characters, where a picture holds several. Wiring only: `fontdemo.reading.words` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from fontdemo.glyph.glyph import Glyph
from fontdemo.reading import words
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.read.words_view import tiles
from fontdemo.ui.uploads import uploaded

#: The row and the chosen character where there is no line.
NONE: tuple[str, int | None] = ("", None)

_TILES = """
element.addEventListener('click', (event) => {
  const tile = event.target.closest('[data-index]');
  if (tile) trigger('click', { index: Number(tile.dataset.index) });
});
"""


def row() -> tuple[gr.HTML, gr.State]:
    """Put the row into the Blocks context: the row, and the number of the character chosen in it, or None."""
    return gr.HTML("", js_on_load=_TILES, apply_default_css=False, elem_id="letters"), gr.State(None)


def split(readers: NetworkStore, upload: Mapping[str, Any], network: str, chosen: int) -> tuple[Glyph, str, int | None]:
    """Of an uploaded picture (Gradio's record) the glyph of character `chosen`, the row, and `chosen` within bounds.

    The glyph of the whole, and no row, where it holds one character. GlyphError where it cannot be
    read, NotUploadedError where it was not uploaded.
    """
    parted = words.split(uploaded(upload))
    letters = words.read_letters(readers.get(network).reader, parted)
    if not letters:
        return words.whole(parted), *NONE
    chosen = min(max(chosen, 0), len(letters) - 1)
    return words.letter_glyph(parted, chosen), tiles(letters, chosen), chosen


def again(readers: NetworkStore, upload: Mapping[str, Any] | None, network: str, chosen: int | None) -> str:
    """The row as another network reads it."""
    return split(readers, upload, network, chosen)[1] if upload and chosen is not None else ""
