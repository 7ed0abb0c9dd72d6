"""The middle line of a glyph's strokes: what a pen that draws the glyph would follow.

Thinning after Zhang and Suen, "A fast parallel algorithm for thinning digital patterns", Communications of the ACM 27
(1984), over many images at once. Numbers in, numbers out; what is drawn along the line is `train.handwriting.traced`'s
business.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Masks = NDArray[np.bool_]


def thin(masks: Masks) -> Masks:
    """Bool (N, H, W) -> bool (N, H, W): every stroke thinned to a line about one pixel wide, connected as before.

    Ink in the outermost rows and columns is taken to be paper.
    """
    found: Masks = masks.copy()
    found[:, [0, -1]] = False
    found[:, :, [0, -1]] = False
    busy = np.arange(len(found))  # images that still change
    while len(busy):
        part = found[busy]
        before = part.sum(axis=(1, 2))
        for first in (True, False):
            part &= ~_removable(part, first)
        found[busy] = part
        busy = busy[part.sum(axis=(1, 2)) != before]
    return found


def stroke_width(mask: Masks, line: Masks) -> float:
    """The mean width in pixels of the strokes of `mask` (H, W) whose middle line is `line`; 0 where there is none."""
    length = int(line.sum())
    return float(mask.sum()) / length if length else 0.0


def _removable(ink: Masks, first: bool) -> Masks:
    """The pixels that one of the two half steps takes away, in the paper's words: conditions (a) to (d)."""
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    height, width = ink.shape[1:]

    def shifted(down: int, right: int) -> Masks:
        moved: Masks = padded[:, 1 + down : 1 + down + height, 1 + right : 1 + right + width]
        return moved

    # P2 ... P9: the neighbours, clockwise from the one above.
    around = [shifted(*step) for step in ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))]
    up, right, down, left = around[0], around[2], around[4], around[6]
    count = np.zeros(ink.shape, np.uint8)
    rises = np.zeros(ink.shape, np.uint8)
    for this, following in zip(around, [*around[1:], around[0]], strict=True):
        count += this
        rises += ~this & following
    if first:
        sides = ~(up & right & down) & ~(right & down & left)
    else:
        sides = ~(up & right & left) & ~(up & down & left)
    removable: Masks = ink & (count >= 2) & (count <= 6) & (rises == 1) & sides
    return removable
