"""The characters of a line as a row of tiles, each with its crop and what `fontdemo.reading.words` reads in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import gradio as gr

from fontdemo.glyph.glyph import Glyph
from fontdemo.reading import wording, words
from fontdemo.reading.words import Letter
from fontdemo.ui import images
from fontdemo.ui.context import NetworkStore
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


_TOUCHING = "Some letters touch and are taken for one: leave a gap between them."


def tiles(letters: Sequence[Letter], chosen: int) -> str:
    """The row of buttons, the `chosen` one pressed, each with its place as data-index; "" where there are none."""
    if not letters:
        return ""
    buttons = "".join(_tile(place, letter, place == chosen) for place, letter in enumerate(letters))
    told = f"{len(letters)} characters, read one by one. Choose which one is shown."
    touching = f" {_TOUCHING}" if any(letter.touching for letter in letters) else ""
    return f'<section class="letters"><p>{told}{touching}</p><div class="letter-row">{buttons}</div></section>'


def _tile(place: int, letter: Letter, pressed: bool) -> str:
    reading = letter.reading
    shown = letter.character if reading.answer.certain else "?"
    image = images.data_uri(images.ink_png(letter.glyph.image))
    said = escape(f"Character {place + 1}: {wording.line(reading)}{', may be several' if letter.touching else ''}")
    marks = " letter-gap" * letter.spot.space
    marks += " letter-touching" * letter.touching
    return (
        f'<button type="button" class="letter{marks}" data-index="{place}" aria-pressed="{str(pressed).lower()}" '
        f'aria-label="{said}" title="{said}"><img src="{image}" width="100" height="100" alt=""><b>{escape(shown)}</b>'
        "</button>"
    )
