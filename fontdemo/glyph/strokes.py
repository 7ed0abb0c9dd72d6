"""Pen strokes: checked when they come from outside, and drawn with a round pen into the square that networks see.

A stroke is a list of points [x, y], y downward; a drawing is a list of strokes. This module knows nothing of pictures
that people upload (`fontdemo.glyph.picture`) nor of the steps shown on the page (`fontdemo.glyph.glyph`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from fontdemo.errors import GlyphError
from fontdemo.glyph.fit import fit_points
from fontdemo.glyph.layout import SIDE

Drawing = Sequence[Sequence[Sequence[float]]]

#: Width of the pen in pixels of the square: the median stem of the letter l in regular text faces at layout `course`'s
#: size (289 faces; half of them lie between 7.6 and 9.7).
PEN = 8.5

#: Limits on what a browser or a file may send: far above any character, far below what would keep the machine busy.
MAX_TEXT = 500_000
MAX_STROKES = 500
MAX_POINTS = 10_000

# The pen is drawn this many times larger and then averaged down, which makes its edges smooth.
_OVERSAMPLING = 8

# Points farther out than this many sides are moved there: they cannot be seen, and huge numbers upset the drawing.
_FAR = 8.0


def parse_strokes(text: str) -> list[list[list[float]]]:
    """The drawing in `text`, JSON of the form [[[x, y], ...], ...]; "" and null are the empty drawing.

    GlyphError if it is anything else, or more than MAX_TEXT characters, MAX_STROKES strokes or MAX_POINTS points.
    """
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise GlyphError("The drawing is too long. Draw one character.")
    if not text.strip():
        return []
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise GlyphError("The drawing is not JSON of the form [[[x, y], ...], ...].") from None
    return check_strokes([] if value is None else value)


def check_strokes(value: object) -> list[list[list[float]]]:
    """`value` as a drawing of plain finite floats, without empty strokes; GlyphError if it is none or too large."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(stroke, (list, tuple)) for stroke in value):
        raise GlyphError("A drawing is a list of strokes, and a stroke is a list of points [x, y].")
    if len(value) > MAX_STROKES or sum(len(stroke) for stroke in value) > MAX_POINTS:
        raise GlyphError(f"The drawing has more than {MAX_STROKES} strokes or {MAX_POINTS} points.")
    return [[_check_point(point) for point in stroke] for stroke in value if stroke]


def _check_point(point: object) -> list[float]:
    if not isinstance(point, (list, tuple)) or len(point) != 2:
        raise GlyphError("A point of a drawing is [x, y].")
    if not all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in point):
        raise GlyphError("The coordinates of a drawing must be numbers.")
    try:
        x, y = float(point[0]), float(point[1])
    except OverflowError:
        x = y = math.inf
    if not (math.isfinite(x) and math.isfinite(y)):
        raise GlyphError("The coordinates of a drawing must be finite numbers.")
    return [x, y]


def fitted(strokes: Drawing) -> list[list[list[float]]]:
    """`strokes` of any scale, moved and scaled (aspect kept) so that their ink fills FIT_SIDE pixels at the middle.

    The longer side of the ink, pen included, becomes FIT_SIDE pixels of the unit square's SIDE; a lone dot stays a dot.
    """
    points = fit_points(np.array([point for stroke in strokes for point in stroke], dtype=np.float64), PEN) / SIDE
    ends = np.cumsum([len(stroke) for stroke in strokes])
    return [[[float(x), float(y)] for x, y in part] for part in np.split(points, ends[:-1])]


def draw(strokes: Drawing, width: float = PEN) -> NDArray[np.float32]:
    """The ink of `strokes` (unit square, y downward): float32 (SIDE, SIDE) in 0..1, ink 1, with smooth edges.

    width: the round pen's, in pixels of the square. What lies outside the square is cut off. A stroke of one point,
    or of points that coincide, is a round dot.
    """
    scale = SIDE * _OVERSAMPLING
    # Pillow counts a pixel as its whole width at both ends, and from its middle.
    radius = (width * _OVERSAMPLING - 1) / 2
    sheet = Image.new("L", (scale, scale), 0)
    pen = ImageDraw.Draw(sheet)
    for stroke in strokes:
        path = np.clip(np.array(stroke, dtype=np.float64), -_FAR, _FAR) * scale - 0.5
        # Points nearer than the drawing can show would only cost time.
        keep = np.concatenate([[True], (np.diff(np.round(path), axis=0) != 0).any(axis=1)])
        path = path[keep]
        for x, y in path:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        for (x, y), (dx, dy) in zip(path[:-1], np.diff(path, axis=0), strict=True):
            # The bar between two discs: half a pen to either side of the line from point to point.
            across, down = radius * dy / math.hypot(dx, dy), -radius * dx / math.hypot(dx, dy)
            pen.polygon(
                [(x + across, y + down), (x + dx + across, y + dy + down), (x + dx - across, y + dy - down),
                 (x - across, y - down)], fill=255,
            )  # fmt: skip
    ink: NDArray[np.float32] = np.divide(np.asarray(sheet.reduce(_OVERSAMPLING)), 255, dtype=np.float32)
    return ink
