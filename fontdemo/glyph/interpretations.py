"""The ways in which a picture can be seen: its ink dark or light, cut by its edge or not, on the whole or on a sheet.

Most pictures leave no choice. Where several are left a network reads them all and the likeliest one is taken
(`Reader.read_picture`); `prior` says how likely each is by its look alone. Nothing is read here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fontdemo.errors import GlyphError
from fontdemo.glyph.binarize import Guess, border_fraction, find_ink, guess_ink, reduced
from fontdemo.glyph.foreground import has_parts_apart
from fontdemo.glyph.glyph import Glyph, Opened, from_opened
from fontdemo.glyph.page.enclosure import find_enclosed
from fontdemo.glyph.page.sheet import any_sheet
from fontdemo.glyph.page.surface import without_lines, without_shade
from fontdemo.glyph.picture import Picture, Plane, Received, open_picture, to_plane

# The other side is not the ink where more of the picture's border would be ink than this.
_MOST_BORDER = 0.9

# What a prior is multiplied by: for the less likely side; for keeping what the edge cuts; for ink all along the border;
# beside a sheet or what is left without ruled lines; without shadows, a few lines, or what stands apart.
_SECOND, _KEPT, _BORDER, _BESIDE, _WITHOUT = 0.95, 0.85, 0.67, 0.7, 0.9

# A picture whose longer side is shorter is a crop, in which no shadow ends and no line of a page is left.
_CROP = 100

# So many lines right across are ruled; a few may be a character's own.
_RULED = 4

# Longer side to which a picture is reduced for all but the first guess, and for that one too beside a sheet.
_SIDE = 256


@dataclass(frozen=True, eq=False)
class Interpretation:
    """One way to see a picture. name: in words for people. opened: its plane and ink. glyph: what a network sees.

    prior: 0..1, what a network's confidence in this one is multiplied by before it is compared with the others'.
    bare: whether what the picture has beside ink and paper was taken off: what a sheet lies on, ruled lines, shadows.
    """

    name: str
    opened: Opened
    glyph: Glyph
    prior: float
    bare: bool = False


def interpretations(source: Picture) -> list[Interpretation]:
    """The ways to see a picture (an image, a file's bytes, or its path), the one that looks likeliest first.

    GlyphError if `source` is no picture, damaged, of more than 50 million pixels, or no character is found in it.
    """
    received = open_picture(source)
    plane = to_plane(received.image)
    small = replace(plane, values=reduced(plane.values, _SIDE))
    sheet = any_sheet(plane.values) if plane.ink_is_high is None else None
    likeliest, *others = guess_ink(plane)
    guesses = [likeliest, *(other for other in others if other.border <= _MOST_BORDER)]
    ways = _Ways(received)
    for number, guess in enumerate(guesses):
        side, prior = _side(guess), _SECOND if number else 1.0
        ways.add(side, plane if number == 0 and sheet is None else small, guess, prior)
        if guess.border:
            ways.add(f"{side}, up to the edge", small, guess, _KEPT * prior, cut=True)
    if ways.found and has_parts_apart(reduced(ways.found[0].opened.ink.mask.astype(np.float32), _SIDE) > 0):
        first = ways.found[0]
        ways.add(f"{first.name}, without what stands apart", first.opened.plane, likeliest, _WITHOUT, alone=True)
    for one in list(ways.found) if plane.ink_is_high is None and sheet is None else ():
        ways.add_enclosed(one)
    if sheet is not None:
        tone = "light" if sheet.light else "dark"
        cut = Plane(sheet.values, sheet.ink_is_high, f"{plane.sentence} Cut to the {tone} sheet in the picture.")
        ways.add(f"on the {tone} sheet", cut, None, 1.0, bare=True)
    surest = any(one.bare for one in ways.found)
    page = plane.ink_is_high is None and max(plane.values.shape) >= _CROP
    for number, guess in enumerate(guesses if page else ()):
        lines = ways.add_without(small, guess, bare=number == 0, shaded=sheet is not None)
        surest |= number == 0 and lines >= _RULED
    if not ways.found:
        raise ways.faults[0]
    return [one if one.bare or not surest else replace(one, prior=_BESIDE * one.prior) for one in ways.found]


class _Ways:
    """The ways found so far, no two of them alike, and why others are none."""

    def __init__(self, received: Received) -> None:
        self.received = received
        self.found: list[Interpretation] = []
        self.faults: list[GlyphError] = []

    def add(
        self, name: str, plane: Plane, guess: Guess | None, prior: float, *,
        cut: bool = False, alone: bool = False, bare: bool = False,
    ) -> None:  # fmt: skip
        """Another way, unless no character is found in it; cut, alone: as `find_ink` has keep_cut and alone."""
        try:
            opened = Opened(self.received, plane, find_ink(plane, guess, keep_cut=cut, alone=alone))
            glyph = from_opened(opened)
        except GlyphError as error:
            self.faults.append(error)
            return
        prior *= _BORDER ** border_fraction(opened.ink.mask)
        if not any(np.array_equal(glyph.image, other.glyph.image) for other in self.found):
            self.found.append(Interpretation(name, opened, glyph, prior, bare))

    def add_enclosed(self, way: Interpretation) -> None:
        """What a ring or a disc encloses in a way that was found, if there is one."""
        plane = way.opened.plane
        values = reduced(plane.values, _SIDE)
        ink = reduced(way.opened.ink.all_mask.astype(np.float32), _SIDE) > 0.25  # thin rings too
        found = find_enclosed(values, ink, way.opened.ink.dark)
        if found is not None:
            name, around = ("in the ring", "ring") if found.ring else ("in the disc", "disc")
            cut = Plane(found.values, not found.dark, f"{plane.sentence} Cut to what stands in a {around}.")
            self.add(name, cut, None, 1.0)

    def add_without(self, plane: Plane, guess: Guess, *, bare: bool, shaded: bool) -> int:
        """The ways without ruled lines and without shadows; the number of lines.

        shaded: whether there is more than ink and paper, which is also looked for in `guess`.
        """
        side, without = _side(guess), without_lines(plane.values, guess.dark)
        lines = 0 if without is None else without.lines
        if without is not None:
            prior = 1.0 if lines >= _RULED else _WITHOUT
            plane = replace(plane, values=without.values, sentence=f"{plane.sentence} Its ruled lines are taken off.")
            self.add(f"{side}, without lines", plane, replace(guess, paper=None), prior, bare=bare)
        if shaded or guess.border or guess.paper is not None:
            flat = without_shade(plane.values, guess.dark)
            plane = Plane(flat, False, f"{plane.sentence} Each place is compared with what lies under it.")
            self.add(f"{side}, without shadows", plane, Guess(True, None), _WITHOUT, bare=bare)
        return lines


def _side(guess: Guess) -> str:
    return "dark ink" if guess.dark else "light ink"
