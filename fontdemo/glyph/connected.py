"""The connected parts of a mask: which pixels touch, how large each part is and where it lies. By scipy.ndimage.

It does not judge which parts belong to a character (`fontdemo.glyph.foreground`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

# With more parts than this, as in a picture of dots, scipy's list of their boxes takes most of the time.
_MANY = 1000

#: Pixels that touch by a side or a corner are connected.
AROUND = np.ones((3, 3), dtype=bool)


@dataclass(frozen=True)
class Components:
    """The connected parts of a mask, numbered from 0 in the order of their first pixel, row by row.

    labels: int32 (H, W), a pixel's part, -1 outside the mask. areas: int (n,), pixels.
    boxes: int (n, 4), left, top, right, bottom, the last two beyond the part.
    """

    labels: NDArray[np.int32]
    areas: NDArray[np.int64]
    boxes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.areas)


def outline(mask: Mask) -> NDArray[np.float64]:
    """The corners of the first and the last pixel of each row of `mask` that has any: (4 n, 2), across and down.

    What is convex round `mask` is so round these.
    """
    rows = np.flatnonzero(mask.any(axis=1))
    firsts = mask[rows].argmax(axis=1)
    lasts = mask.shape[1] - mask[rows, ::-1].argmax(axis=1)
    corners = [np.stack([edge, rows + lower], axis=1) for edge in (firsts, lasts) for lower in (0, 1)]
    return np.concatenate(corners).astype(np.float64)


def connected(mask: Mask) -> Components:
    """The connected parts of `mask`, bool (H, W)."""
    from scipy import ndimage  # takes half a second to load; a drawing does without

    found: Any = ndimage.label(mask, AROUND)
    labels, count = found
    if count > _MANY:
        boxes = _boxes(labels, count)
    else:
        spans = [(across.start, down.start, across.stop, down.stop) for down, across in ndimage.find_objects(labels)]
        boxes = np.array(spans, dtype=np.int64).reshape(count, 4)
    areas = np.bincount(labels[mask], minlength=count + 1)[1:]
    return Components(labels - 1, areas.astype(np.int64), boxes)


def _boxes(labels: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """The boxes, int (count, 4), of the parts with the labels 1 to `count`, by the pixels that reach farthest."""
    rows, columns = np.nonzero(labels)
    own = labels[rows, columns]
    low = np.full((count + 1, 2), max(labels.shape), dtype=np.int64)
    high = np.zeros((count + 1, 2), dtype=np.int64)
    for side, at in enumerate((columns, rows)):
        np.minimum.at(low[:, side], own, at)
        np.maximum.at(high[:, side], own, at + 1)
    return np.hstack([low, high])[1:]
