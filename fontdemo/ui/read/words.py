"""The characters of a line as a row of tiles, each with its crop and what `fontdemo.reading.words` reads in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from fontdemo.glyph.glyph import Glyph
from fontdemo.reading import wording, words
from fontdemo.reading.among import ANYTHING
from fontdemo.reading.reader import PictureReading
from fontdemo.reading.words import Letter
from fontdemo.ui import images
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.gate.uploads import uploaded
from fontdemo.ui.html import render

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
    `chosen`, the index of the one that is shown. picture: the ways to see it; None of one that was not asked about.
    """

    glyph: Glyph
    row: str = NONE[0]
    chosen: int | None = NONE[1]
    picture: PictureReading | None = None


def read(
    networks: NetworkStore, upload: Mapping[str, Any], network: str, chosen: int, among: str = ANYTHING,
    taken: int | None = None,
) -> Shown:  # fmt: skip
    """An uploaded picture (Gradio's record): of a line character `chosen`, else the whole; seen in way `taken`.

    GlyphError where it cannot be read, NotUploadedError where it was not uploaded.
    """
    page = words.read_page(networks.get(network).reader, words.split(uploaded(upload)), among, taken)
    if not page.letters:
        return Shown(page.picture.glyph, picture=page.picture)
    chosen = min(max(chosen, 0), len(page.letters) - 1)
    return Shown(words.letter_glyph(page.split, chosen), tiles(page.letters, chosen), chosen, page.picture)


def again(
    networks: NetworkStore, upload: Mapping[str, Any] | None, network: str, chosen: int | None, among: str = ANYTHING
) -> str:
    """The row as another network reads it."""
    return read(networks, upload, network, chosen, among).row if upload and chosen is not None else ""


def tiles(letters: Sequence[Letter], chosen: int) -> str:
    """The row of buttons, the `chosen` one pressed, each with its index as data-index; "" where there are none."""
    if not letters:
        return ""
    return render(
        "read/letters.html", word=words.pieces(letters),
        changes=[f"{each.reading.character} to {each.character}" for each in letters if each.changed],
        touching=any(letter.touching for letter in letters),
        tiles=[_tile(index, letter, index == chosen) for index, letter in enumerate(letters)],
    )  # fmt: skip


def _tile(index: int, letter: Letter, pressed: bool) -> dict[str, Any]:
    several = ", may be several" if letter.touching else ""
    return {
        "shown": letter.character if letter.reading.answer.certain else "?",
        "text": f"Character {index + 1}: {wording.line(letter.reading)}{several}",
        "uri": images.data_uri(images.ink_png(letter.glyph.image)),
        "pressed": str(pressed).lower(), "gap": letter.spot.space, "touching": letter.touching,
    }  # fmt: skip
