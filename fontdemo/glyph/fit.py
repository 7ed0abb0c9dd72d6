"""The one way to crop and scale into layout `fit`: for pictures, drawings, rendered faces and made-up hands alike.

The longer side of the ink becomes FIT_SIDE pixels, aspect kept, and its middle is the square's. Light and grain of
pictures are dealt with before (`fontdemo.glyph.binarize`); `train.loop.augment.refit` fits a batch of tensors alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fontdemo.glyph.connected import Mask
from fontdemo.glyph.layout import FIT_SIDE, SIDE

#: Left, top, right, bottom in pixels, the last two beyond the ink.
Box = tuple[int, int, int, int]

# Where no pixel has this much ink, there is none.
_BLANK = 0.25

# Enlarged edges are made steeper by what they were enlarged, up to this; more would eat thin strokes.
_STEEPEST = 4.0


def box_of(mask: Mask) -> Box | None:
    """The box round what is set in `mask` (H, W); None where nothing is."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1) if len(rows) else None


def ink_box(ink: NDArray[np.float32]) -> Box | None:
    """The box round the ink of a clean rendering (H, W), 0..1: what is at least half as dark as its darkest pixel.

    So a hairline's box is as tight as a bold stroke's, and as tight as in a picture. None if it is blank.
    """
    darkest = float(ink.max())
    return box_of(ink >= darkest / 2) if darkest > _BLANK else None


def fit_ink(ink: NDArray[np.float32], box: Box) -> NDArray[np.float32]:
    """The part `box` of `ink` (H, W), 0..1, in layout `fit`: float32 (SIDE, SIDE) in 0..1.

    Ink that is enlarged gets back the sharp edges that it has in larger pictures.
    """
    left, top, right, bottom = box
    side = max(right - left, bottom - top)
    # The square round the box that becomes the image, in pixels of `ink`; it may reach beyond the ink's own edges.
    reach = side * SIDE / FIT_SIDE / 2
    margin = int(np.ceil(reach))
    part = Image.fromarray(np.pad(ink[top:bottom, left:right], margin))
    x, y = (right - left) / 2 + margin, (bottom - top) / 2 + margin
    window = (x - reach, y - reach, x + reach, y + reach)
    scaled = np.asarray(part.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=window))
    slope = min(max(FIT_SIDE / side, 1.0), _STEEPEST)
    return np.clip((scaled - 0.5) * slope + 0.5, 0, 1).astype(np.float32)


def fit_points(points: NDArray[np.float64], pen: float) -> NDArray[np.float64]:
    """Points (n, 2) of any scale that a pen of `pen` pixels goes along -> in layout `fit`, in pixels of the square.

    The pen's width counts as ink. Points that coincide lie at the middle.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    # Halves first: the span of two huge finite numbers may not be finite.
    middle, half = low / 2 + high / 2, float((high / 2 - low / 2).max())
    scale = (FIT_SIDE - pen) / 2 / half if half else 0.0
    return np.asarray((points - middle) * scale + SIDE / 2)
