"""The Read tab's row of characters, where a picture holds several. Wiring only: `fontdemo.reading.words` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from fontdemo.glyph.glyph import Glyph
from fontdemo.reading import words
from fontdemo.reading.among import ANYTHING
from fontdemo.reading.reader import PictureReading
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


@dataclass(frozen=True, eq=False)
class Shown:
    """What a picture comes to on the page. glyph: what goes through the network. row: of the characters of a line, and
    `chosen`, the place of the one that is shown. picture: the ways to see it; None of one that was not asked about.
    """

    glyph: Glyph
    row: str = NONE[0]
    chosen: int | None = NONE[1]
    picture: PictureReading | None = None


def read(
    readers: NetworkStore, upload: Mapping[str, Any], network: str, chosen: int, among: str = ANYTHING,
    taken: int | None = None,
) -> Shown:  # fmt: skip
    """An uploaded picture (Gradio's record): of a line character `chosen`, else the whole; seen in way `taken`.

    GlyphError where it cannot be read, NotUploadedError where it was not uploaded.
    """
    page = words.read_page(readers.get(network).reader, words.split(uploaded(upload)), among, taken)
    if not page.letters:
        return Shown(page.picture.glyph, picture=page.picture)
    chosen = min(max(chosen, 0), len(page.letters) - 1)
    return Shown(words.letter_glyph(page.split, chosen), tiles(page.letters, chosen), chosen, page.picture)


def again(
    readers: NetworkStore, upload: Mapping[str, Any] | None, network: str, chosen: int | None, among: str = ANYTHING
) -> str:
    """The row as another network reads it."""
    return read(readers, upload, network, chosen, among).row if upload and chosen is not None else ""
