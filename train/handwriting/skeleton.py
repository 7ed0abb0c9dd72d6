"""The middle line of a glyph's strokes: what a pen that draws the glyph would follow.

Arrays in, arrays out; `train.handwriting.traced` draws along the line.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Masks = NDArray[np.bool_]


def thin(masks: Masks) -> Masks:
    """Bool (N, H, W) -> bool (N, H, W): every stroke thinned to a line about one pixel wide, connected as before.

    Ink in the outermost rows and columns is taken to be paper.
    """
    from skimage.morphology import skeletonize  # takes a second to load

    inner = np.pad(masks[:, 1:-1, 1:-1], ((0, 0), (1, 1), (1, 1)))
    return np.stack([skeletonize(mask) for mask in inner])  # type: ignore[no-untyped-call]


def stroke_width(mask: Masks, line: Masks) -> float:
    """The mean width in pixels of the strokes of `mask` (H, W) whose middle line is `line`; 0 where there is none."""
    length = int(line.sum())
    return float(mask.sum()) / length if length else 0.0
