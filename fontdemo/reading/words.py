"""A picture with one character, or several in a line -> a glyph of each, and what a network reads in them.

`fontdemo.glyph.interpretations` lists the ways to see the picture, and `fontdemo.glyph.segment` finds the characters of
a line; the network's confidence decides between them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from fontdemo.errors import GlyphError
from fontdemo.glyph.fit import fit_ink
from fontdemo.glyph.foreground import near
from fontdemo.glyph.glyph import Glyph, Opened, fitted_glyph
from fontdemo.glyph.interpretations import Interpretation, interpretations
from fontdemo.glyph.picture import Picture, Values
from fontdemo.glyph.segment import WIDE, Spot, find_spots, may_be_one, side_by_side
from fontdemo.reading.among import ANYTHING
from fontdemo.reading.letter_case import Seen, resolve
from fontdemo.reading.reader import PictureReading, Reader, Reading

# A wide character that is read with this probability, or more, is no two that touch; but none is so wide as the latter.
_SURE, _TOO_WIDE = 0.9, 1.7

# A picture of no more pixels across is a crop of one character, which may hold a stroke of the one beside it.
_CELL = 64


@dataclass(frozen=True, eq=False)
class Split:
    """A picture seen in one way, and its characters in reading order; no spots where it holds but one."""

    interpretation: Interpretation
    spots: tuple[Spot, ...]

    @property
    def opened(self) -> Opened:
        """The picture with its ink as it is seen."""
        return self.interpretation.opened


@dataclass(frozen=True, eq=False)
class Letter:
    """One character of a line, read. spot: where it stands. touching: whether it may be several that touch.

    character: what was read, as its word shows it (`fontdemo.reading.letter_case`).
    """

    spot: Spot
    glyph: Glyph
    reading: Reading
    touching: bool
    character: str

    @cached_property
    def seen(self) -> Seen:
        """All characters that the network does not rule out: of the answer's classes, in either case."""
        together = self.reading.answer.together
        chances = {character: chance for label, chance in together for character in self.reading.characters(label)}
        return Seen(chances, self.spot.box[1], self.spot.box[3])

    @property
    def changed(self) -> bool:
        """Whether its word shows another character than the network alone read."""
        return self.character != self.reading.character


@dataclass(frozen=True, eq=False)
class Page:
    """What a network reads in a picture. splits: the ways to see it; picture: what was read in each of them as one
    character, and which one is taken. letters: the characters of a line in that one, if it holds several.
    """

    splits: tuple[Split, ...]
    picture: PictureReading
    letters: tuple[Letter, ...]

    @property
    def split(self) -> Split:
        """The way that is taken."""
        return self.splits[self.picture.chosen]


def split(source: Picture) -> list[Split]:
    """The ways to see a picture (an image, a file's bytes, or its path), likeliest first, each with its characters.

    GlyphError as `interpretations`. A picture with too many to be a line is taken for one character, as dots and grain
    make it so. Lines are looked for in the likeliest way and on bare paper: bits of paper between strokes are none.
    """
    return [Split(one, _spots(one) if index == 0 or one.bare else ()) for index, one in
            enumerate(interpretations(source))]  # fmt: skip


def _spots(one: Interpretation) -> tuple[Spot, ...]:
    try:
        spots = find_spots(one.opened.ink.all_mask)
    except GlyphError:
        spots = []
    return tuple(spots) if len(spots) > 1 else ()


def read_page(reader: Reader, splits: Sequence[Split], among: str = ANYTHING, chosen: int | None = None) -> Page:
    """What `reader` makes of a picture: of the way that it is surest of, or of number `chosen`.

    A way with a line in it counts with the geometric mean of its characters' confidence. among: as `Reader.read`.
    """
    picture = reader.read_picture([one.interpretation for one in splits], among)
    lines = [read_letters(reader, one, among) for one in splits]
    if chosen is not None:
        picture = replace(picture, chosen=min(max(chosen, 0), len(splits) - 1))
    elif any(lines):
        sure = [
            float(np.exp(np.mean([np.log(letter.reading.answer.probability) for letter in line]))) if line
            else reading.answer.probability
            for line, reading in zip(lines, picture.readings, strict=True)
        ]  # fmt: skip
        scores = [one.interpretation.prior * probability for one, probability in zip(splits, sure, strict=True)]
        picture = replace(picture, chosen=int(np.argmax(scores)))
    return Page(tuple(splits), picture, tuple(lines[picture.chosen]))


def letter_glyph(parted: Split, index: int) -> Glyph:
    """The glyph of spot number `index`, with the steps to it; IndexError if there is none."""
    spot, ink = parted.spots[index], parted.opened.ink
    left, top, right, bottom = spot.box
    values = np.zeros_like(ink.all_values)
    values[top:bottom, left:right] = _values(parted, spot)
    cut = f"Cut to the box around character {index + 1} of {len(parted.spots)}."
    return fitted_glyph(parted.opened, values, spot.box, cut)


def read_letters(reader: Reader, parted: Split, among: str = ANYTHING) -> list[Letter]:
    """The characters of a line, read one by one; none where the picture is better read as one character.

    That is asked of the network where they stand so close together that they may be pieces of one: the larger
    probability wins (of several characters, the geometric mean of theirs). among: as `Reader.read`, of each.
    """
    glyphs = [_plain_glyph(parted, spot) for spot in parted.spots]
    if not glyphs:
        return []
    readings = list(reader.read_many(glyphs, among=among))
    if may_be_one(list(parted.spots)) and not _side_by_side(parted, readings):
        together = next(reader.read_many([parted.interpretation.glyph], among=among)).probabilities
        if float(together.max()) >= float(np.exp(np.mean([np.log(each.probabilities.max()) for each in readings]))):
            return []
    letters = []
    for spot, glyph, reading in zip(parted.spots, glyphs, readings, strict=True):
        sure = reading.answer.certain and reading.answer.probability >= _SURE
        touching = spot.wide >= (_TOO_WIDE if sure else WIDE)
        letters.append(Letter(spot, glyph, reading, touching, reading.character))
    lines: dict[int, list[Seen]] = defaultdict(list)
    for letter in letters:
        lines[letter.spot.line].append(letter.seen)
    page = [seen for line in lines.values() for seen in line]
    return [letter for word in _words(letters) for letter in _resolved(word, lines[word[0].spot.line], page)]


def _side_by_side(parted: Split, readings: Sequence[Reading]) -> bool:
    """Whether all spots are surely characters of their own, in a picture that is no crop.

    A network that has learned to pass over a neighbour's stroke is as sure of both together, of If as of an f.
    """
    tall = side_by_side(parted.interpretation.glyph.image) and max(parted.opened.ink.mask.shape) > _CELL
    return tall and all(each.answer.certain and each.answer.probability >= _SURE for each in readings)


def _words(letters: Sequence[Letter]) -> list[list[Letter]]:
    """The letters of each word."""
    words: list[list[Letter]] = []
    for letter in letters:
        if not words or letter.spot.space or letter.spot.line != words[-1][-1].spot.line:
            words.append([])
        words[-1].append(letter)
    return words


def _resolved(word: Sequence[Letter], line: Sequence[Seen], page: Sequence[Seen]) -> list[Letter]:
    """The letters of `word` with look-alikes and cases as it and the letters of its line, or of all lines, show."""
    found = resolve([letter.seen for letter in word], line, page)
    return [replace(letter, character=character) for letter, character in zip(word, found, strict=True)]


def text(letters: Sequence[Letter]) -> str:
    """What was read, with spaces between words and line breaks between lines."""
    return "".join(part for part, _ in pieces(letters))


def pieces(letters: Sequence[Letter]) -> list[tuple[str, bool]]:
    """What was read, piece by piece, and of each whether the word changed it."""
    found: list[tuple[str, bool]] = []
    line = 0
    for letter in letters:
        if letter.spot.line != line or letter.spot.space:
            found.append(("\n" if letter.spot.line != line else " ", False))
        found.append((letter.character, letter.changed))
        line = letter.spot.line
    return found


def as_json(page: Page) -> dict[str, Any]:
    """How a picture was seen, as JSON: "seen" as what, and "rejected", the other ways with what was read in each.

    Of a line also its "text" and "line": each one's character, label, twin, probability, touching, and whether
    its word changed it.
    """
    pairs = zip(page.picture.interpretations, page.picture.readings, strict=True)
    others = [
        {"seen": one.name, "label": reading.character, "twin": reading.twin, "probability": reading.answer.probability}
        for index, (one, reading) in enumerate(pairs) if index != page.picture.chosen
    ]  # fmt: skip
    seen = {"seen": page.split.interpretation.name, "rejected": others}
    if not page.letters:
        return seen
    line = [
        {
            "character": letter.character,
            "label": letter.reading.character,
            "twin": letter.reading.twin,
            "probability": float(letter.reading.probabilities.max()),
            "touching": letter.touching,
            "changed": letter.changed,
        }
        for letter in page.letters
    ]
    return seen | {"text": text(page.letters), "line": line}


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
