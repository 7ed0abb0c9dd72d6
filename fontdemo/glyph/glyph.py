"""A drawing or a picture -> the square of ink that networks see, with every step to it kept for show.

Drawings keep the size and position that a person gave them between the guide lines; pictures are cropped and fitted.
`fontdemo.glyph.strokes`, `picture`, `binarize` and `fit` do the work; this module joins it and describes each step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fontdemo.errors import GlyphError
from fontdemo.glyph.binarize import Ink, find_ink
from fontdemo.glyph.fit import Box, box_of, fit_ink
from fontdemo.glyph.layout import FIT_SIDE, SIDE
from fontdemo.glyph.picture import Picture, Plane, Received, open_picture, to_plane
from fontdemo.glyph.strokes import Drawing, check_strokes, draw, fitted, parse_strokes

__all__ = ["Glyph", "GlyphError", "Step", "from_drawing", "from_picture", "parse_strokes"]

# Width, in pixels of the square, of the thin line that shows where a pen went.
_TRAIL = 1.5


@dataclass(frozen=True)
class Step:
    """One step of how a glyph came to be, for show: ink dark, paper light.

    name: "as received", "grey", "ink and paper decided", "cropped" or "placed". sentence: what was done, in words.
    """

    name: str
    sentence: str
    picture: Image.Image


@dataclass(frozen=True, eq=False)
class Glyph:
    """What a network sees, and how it came to be.

    image: float32 (100, 100) in 0..1, ink 1 and paper 0. steps: in order, the last one shows `image`.
    source: whether a pen or a picture made it. cropped: whether the size and position it had are lost, so that they
    cannot tell a capital from a small letter of the same shape.
    """

    image: NDArray[np.float32]
    steps: tuple[Step, ...]
    source: Literal["drawing", "picture"]
    cropped: bool = False


def from_drawing(strokes: Drawing, *, fit: bool = False) -> Glyph:
    """The glyph of pen strokes: lists of points [x, y], y downward.

    By default x and y are in units of the pad's side, and the pad is the square of layout `course`: size and position
    are kept, what lies outside is cut off. fit: x and y are of any scale, and the drawing is fitted as a crop is.
    GlyphError if it is blank, too large, or no drawing.
    """
    strokes = check_strokes(strokes)
    if not strokes:
        raise GlyphError("The pad is empty. Draw one character.")
    if fit:
        strokes = fitted(strokes)
    image = draw(strokes)
    if not image.any():
        raise GlyphError("The drawing lies outside the pad. Draw one character between the lines.")
    count = "1 stroke" if len(strokes) == 1 else f"{len(strokes)} strokes"
    moved = "scaled to fill the square" if fit else "size and position unchanged"
    return Glyph(
        image,
        (
            Step("as received", f"The path of the pen: {count}.", _shown(draw(strokes, _TRAIL))),
            Step("placed", f"Redrawn with a pen as thick as printed text; {moved}.", _shown(image)),
        ),
        "drawing",
        cropped=fit,
    )


@dataclass(frozen=True, eq=False)
class Opened:
    """A picture with its plane of grey and the ink in it."""

    received: Received
    plane: Plane
    ink: Ink


def open_ink(source: Picture) -> Opened:
    """The ink of a picture: an image, a file's bytes, or its path.

    GlyphError if `source` is no picture, damaged, of more than 50 million pixels, or no character is found in it.
    """
    received = open_picture(source)
    plane = to_plane(received.image)
    return Opened(received, plane, find_ink(plane))


def from_picture(source: Picture) -> Glyph:
    """The glyph of a picture of one character: an image, a file's bytes, or its path.

    The ink is found, cropped, scaled (aspect kept) so that its longer side is FIT_SIDE pixels, and centred.
    GlyphError as `open_ink`.
    """
    return from_opened(open_ink(source))


def from_opened(opened: Opened) -> Glyph:
    """The glyph of all the ink of a picture, as from_picture gives it."""
    box = box_of(opened.ink.mask)
    if box is None:
        raise GlyphError("No character found in the picture. Use one that shows it larger or clearer.")
    return fitted_glyph(opened, opened.ink.values, box, "Cropped to the ink.")


def fitted_glyph(opened: Opened, ink: NDArray[np.float32], box: Box, cut: str) -> Glyph:
    """The glyph of the part `box` (left, top, right, bottom) of `ink` (H, W), which is the picture's; `cut` tells."""
    left, top, right, bottom = box
    image = fit_ink(ink, box)
    width, height = opened.received.size
    steps = (
        Step("as received", f"A picture of {width} by {height} pixels.", opened.received.image),
        Step("grey", opened.plane.sentence, _shown(1 - opened.plane.values)),
        Step("ink and paper decided", opened.ink.sentence, _shown(ink)),
        Step("cropped", cut, _shown(ink[top:bottom, left:right])),
        Step("placed", f"Scaled so that its longer side is {FIT_SIDE} of {SIDE} pixels, then centred.", _shown(image)),
    )
    return Glyph(image, steps, "picture", cropped=True)


def _shown(ink: NDArray[np.float32]) -> Image.Image:
    """Ink 1 as black, paper 0 as white."""
    return Image.fromarray(np.round(255 * (1 - ink)).astype(np.uint8))
