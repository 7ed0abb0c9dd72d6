"""The ways in which a picture can be seen: its ink dark or light, cut by its edge or not, on the whole or on a sheet.

Most pictures leave no choice. Where several are left a network reads them all and the likeliest one is taken
(`Reader.read_picture`); `prior` says how likely each is by its look alone. Nothing is read here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fontdemo.errors import GlyphError
from fontdemo.glyph.binarize import Guess, border_fraction, find_ink, guess_ink, reduced
from fontdemo.glyph.glyph import Glyph, Opened, from_opened
from fontdemo.glyph.picture import Picture, Plane, open_picture, to_plane
from fontdemo.glyph.sheet import any_sheet

# The other side is not the ink where more of the picture's border would be ink than this.
_MOST_BORDER = 0.9

# What a prior is multiplied by: for the less likely side; for keeping what the edge cuts; for ink all along the border;
# beside a sheet.
_SECOND, _KEPT, _BORDER, _NO_SHEET = 0.95, 0.85, 0.67, 0.7

# Longer side to which a picture is reduced for all but the first guess, and for that one too beside a sheet.
_SIDE = 256


@dataclass(frozen=True, eq=False)
class Interpretation:
    """One way to see a picture. name: in words for people. opened: its plane and ink. glyph: what a network sees.

    prior: 0..1, what a network's confidence in this one is multiplied by before it is compared with the others'.
    sheet: whether only a sheet in the picture is looked at.
    """

    name: str
    opened: Opened
    glyph: Glyph
    prior: float
    sheet: bool = False


def interpretations(source: Picture) -> list[Interpretation]:
    """The ways to see a picture (an image, a file's bytes, or its path), the one that looks likeliest first.

    GlyphError if `source` is no picture, damaged, of more than 50 million pixels, or no character is found in it.
    """
    received = open_picture(source)
    plane = to_plane(received.image)
    found: list[Interpretation] = []
    faults: list[GlyphError] = []

    def add(
        name: str, plane: Plane, guess: Guess | None, prior: float, keep_cut: bool = False, on_sheet: bool = False
    ) -> None:
        try:
            opened = Opened(received, plane, find_ink(plane, guess, keep_cut=keep_cut))
            glyph = from_opened(opened)
        except GlyphError as error:
            faults.append(error)
            return
        prior *= _BORDER ** border_fraction(opened.ink.mask)
        if not any(np.array_equal(glyph.image, other.glyph.image) for other in found):
            found.append(Interpretation(name, opened, glyph, prior, on_sheet))

    sheet = any_sheet(plane.values) if plane.ink_is_high is None else None
    small = replace(plane, values=reduced(plane.values, _SIDE))
    for number, guess in enumerate(guess_ink(plane)):
        if number and guess.border > _MOST_BORDER:
            continue
        name, prior = "dark ink" if guess.dark else "light ink", _SECOND if number else 1.0
        add(name, plane if number == 0 and sheet is None else small, guess, prior)
        if guess.border:
            add(f"{name}, up to the edge", small, guess, _KEPT * prior, keep_cut=True)
    if sheet is not None:
        tone = "light" if sheet.light else "dark"
        cut = Plane(sheet.values, not sheet.light, f"{plane.sentence} Cut to the {tone} sheet in the picture.")
        add(f"on the {tone} sheet", cut, None, 1.0, on_sheet=True)
    if not found:
        raise faults[0]
    if any(one.sheet for one in found):
        found = [one if one.sheet else replace(one, prior=_NO_SHEET * one.prior) for one in found]
    return found

