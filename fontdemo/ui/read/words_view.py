"""The characters of a line as a row of tiles: each with its crop and what was read in it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from fontdemo.reading import wording
from fontdemo.reading.words import Letter
from fontdemo.ui import images

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
