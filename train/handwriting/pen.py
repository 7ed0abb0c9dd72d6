"""What a hand and a pen do to lines: bend them a little, and draw along them. Points in, points or ink out.

For letters drawn after faces (`train.handwriting.traced`) and for letterforms as they are written
(`train.handwriting.writers`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from fontdemo.glyph.layout import SIDE
from fontdemo.glyph.strokes import draw
from train.fonts.render import Glyphs

Points = NDArray[np.float64]

# How far, as fractions of the glyph's longer side: the bends, at each of 4 x 4 knots; how much turn, slant, stretch.
_BEND, _TURN, _SLANT, _STRETCH = 0.045, 0.16, 0.25, 0.18

_OVERSAMPLING = 4


def unsteady(points: Points, rng: np.random.Generator) -> Points:
    """`points` (n, 2), y downward, bent, stretched, slanted and turned about their middle."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle, side = (low + high) / 2, max(float((high - low).max()), 20.0)
    local = (points - middle) / side  # within -0.5 .. 0.5
    knots = rng.normal(0, _BEND, (4, 4, 2))
    local = local + _between_knots(knots, local)
    stretch = np.exp(rng.normal(0, _STRETCH, 2) / 2)
    turn, slant = rng.normal(0, _TURN / 2), rng.normal(0, _SLANT / 2)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ [[1, slant], [0, 1]]
    return np.asarray((local * stretch) @ matrix.T * side + middle)


def _between_knots(knots: Points, local: Points) -> Points:
    """Shifts (n, 2) at `local` (n, 2) within -0.5 .. 0.5, bilinear between knots (4, 4, 2) over that square."""
    last = len(knots) - 1
    position = np.clip((local + 0.5) * last, 0, last - 1e-9)
    whole, part = position.astype(int), position % 1
    x, y, u, v = whole[:, 0], whole[:, 1], part[:, :1], part[:, 1:]
    upper = knots[y, x] * (1 - u) + knots[y, x + 1] * u
    lower = knots[y + 1, x] * (1 - u) + knots[y + 1, x + 1] * u
    return np.asarray(upper * (1 - v) + lower * v)


def draw_strokes(points: Points, lengths: Sequence[int], width: float) -> Glyphs:
    """Lines through `points` (n, 2) of the square, so many to a stroke, as the page's pen draws them in this width:
    uint8 (SIDE, SIDE), ink 255.
    """
    strokes = np.split(points / SIDE, np.cumsum(lengths)[:-1])
    return np.round(draw([stroke.tolist() for stroke in strokes], width) * 255).astype(np.uint8)


def draw_pen(points: Points, width: float) -> Glyphs:
    """Discs of `width` pixels at `points` (n, 2) of the square: uint8 (SIDE, SIDE), ink 255, with smooth edges."""
    sheet = Image.new("L", (SIDE * _OVERSAMPLING, SIDE * _OVERSAMPLING))
    pen = ImageDraw.Draw(sheet)
    radius = width * _OVERSAMPLING / 2
    for x, y in points * _OVERSAMPLING:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(sheet.reduce(_OVERSAMPLING))
