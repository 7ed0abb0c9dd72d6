"""A picture with several characters in a line -> a glyph of each, and what a network reads in them.

Where the characters are is found in `fontdemo.glyph.segment`. A picture of one character gives what
`glyph.from_picture` gives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fontdemo.errors import GlyphError
from fontdemo.glyph.fit import fit_ink
from fontdemo.glyph.foreground import near
from fontdemo.glyph.glyph import Glyph, Opened, fitted_glyph, from_opened, open_ink
from fontdemo.glyph.picture import Picture, Values
from fontdemo.glyph.segment import WIDE, Spot, find_spots, may_be_one
from fontdemo.reading import letter_case
from fontdemo.reading.reader import Reader, Reading

# A wide character that is read with this share, or more, is no two that touch; but none is so wide as the latter.
_SURE, _TOO_WIDE = 0.9, 1.7


@dataclass(frozen=True, eq=False)
class Split:
    """A picture opened, and its characters in reading order; no spots where it holds but one."""

    opened: Opened
    spots: tuple[Spot, ...]


@dataclass(frozen=True, eq=False)
class Letter:
    """One character of a line, read. spot: where it stands. touching: whether it may be several that touch.

    character: what was read, in the case that its word shows (`fontdemo.reading.letter_case`).
    """

    spot: Spot
    glyph: Glyph
    reading: Reading
    touching: bool
    character: str


def split(source: Picture) -> Split:
    """The characters of a picture: an image, a file's bytes, or its path. GlyphError as `glyph.from_picture`.

    A picture with too many to be a line is taken for one character, as dots and grain make it so.
    """
    opened = open_ink(source)
    try:
        spots = find_spots(opened.ink.all_mask)
    except GlyphError:
        spots = []
    return Split(opened, tuple(spots) if len(spots) > 1 else ())


def whole(parted: Split) -> Glyph:
    """The glyph of the picture taken for one character."""
    return from_opened(parted.opened)


def letter_glyph(parted: Split, index: int) -> Glyph:
    """The glyph of spot number `index`, with the steps to it; IndexError if there is none."""
    spot, ink = parted.spots[index], parted.opened.ink
    left, top, right, bottom = spot.box
    values = np.zeros_like(ink.all_values)
    values[top:bottom, left:right] = _values(parted, spot)
    cut = f"Cut to the box round character {index + 1} of {len(parted.spots)}."
    return fitted_glyph(parted.opened, values, spot.box, cut)


def read_letters(reader: Reader, parted: Split) -> list[Letter]:
    """The characters of a line, read one by one; none where the picture is better read as one character.

    That is asked of the network where they stand so close together that they may be pieces of one: the larger share
    wins (of several characters, the geometric mean of theirs).
    """
    glyphs = [_plain_glyph(parted, spot) for spot in parted.spots]
    if not glyphs:
        return []
    readings = list(reader.read_many(glyphs))
    if may_be_one(list(parted.spots)):
        together = next(reader.read_many([whole(parted)])).probabilities
        if float(together.max()) >= float(np.exp(np.mean([np.log(each.probabilities.max()) for each in readings]))):
            return []
    letters = []
    for spot, glyph, reading in zip(parted.spots, glyphs, readings, strict=True):
        sure = reading.answer.certain and reading.answer.share >= _SURE
        touching = spot.wide >= (_TOO_WIDE if sure else WIDE)
        letters.append(Letter(spot, glyph, reading, touching, reading.character))
    known: dict[int, list[tuple[str, int]]] = defaultdict(list)  # line -> characters of known case and their heights
    for letter in letters:
        if letter.reading.twin is None:
            known[letter.spot.line].append((letter.character, _height(letter)))
    return [letter for word in _words(letters) for letter in _cased(word, known[word[0].spot.line])]


def _words(letters: Sequence[Letter]) -> list[list[Letter]]:
    """The letters of each word."""
    words: list[list[Letter]] = []
    for letter in letters:
        if not words or letter.spot.space or letter.spot.line != words[-1][-1].spot.line:
            words.append([])
        words[-1].append(letter)
    return words


def _cased(word: Sequence[Letter], line: Sequence[tuple[str, int]]) -> list[Letter]:
    """The letters of `word` with their cases as it and the known letters of its line tell them."""
    found = letter_case.resolve(
        [letter.character for letter in word],
        [letter.reading.twin for letter in word],
        [_height(letter) for letter in word],
        line,
    )
    return [replace(letter, character=character) for letter, character in zip(word, found, strict=True)]


def _height(letter: Letter) -> int:
    return letter.spot.box[3] - letter.spot.box[1]


def text(letters: Sequence[Letter]) -> str:
    """What was read, with spaces between words and line breaks between lines."""
    read, line = "", 0
    for letter in letters:
        read += "\n" if letter.spot.line != line else " " if letter.spot.space else ""
        read += letter.character
        line = letter.spot.line
    return read


def as_json(letters: Sequence[Letter]) -> dict[str, Any]:
    """The "text" of a line, and "line": each one's character, label, twin, share, touching; {} if there are none."""
    if not letters:
        return {}
    line = [
        {
            "character": letter.character,
            "label": letter.reading.character,
            "twin": letter.reading.twin,
            "share": float(letter.reading.probabilities.max()),
            "touching": letter.touching,
        }
        for letter in letters
    ]
    return {"text": text(letters), "line": line}


def _plain_glyph(parted: Split, spot: Spot) -> Glyph:
    """The glyph of a spot without the steps to it."""
    values = _values(parted, spot)
    height, width = values.shape
    return Glyph(fit_ink(values, (0, 0, width, height)), (), "picture", cropped=True)


def _values(parted: Split, spot: Spot) -> Values:
    """The ink of a spot alone, in its box."""
    left, top, right, bottom = spot.box
    ink = parted.opened.ink
    around = near(spot.mask, ink.all_mask[top:bottom, left:right])
    return np.where(around, ink.all_values[top:bottom, left:right], 0).astype(np.float32)
