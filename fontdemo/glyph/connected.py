"""Connected parts of a mask: which pixels hang together, how large each part is and where it lies. Plain numpy.

It does not judge which parts belong to a character (`fontdemo.glyph.binarize`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


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


def connected(mask: Mask) -> Components:
    """The parts of `mask` (H, W); pixels that touch by a side or a corner hang together.

    Runs of pixels along the rows are joined, not single pixels: a run takes the least number among all that it touches,
    until nothing changes.
    """
    height, width = mask.shape
    stride = width + 2
    # One empty pixel at either end of every row, so that no run goes on into the next row.
    flat = np.pad(mask, ((0, 0), (1, 1))).ravel().view(np.int8)
    change = np.diff(flat)
    starts, ends = np.flatnonzero(change == 1) + 1, np.flatnonzero(change == -1) + 1
    above, below = _touching(starts, ends, stride)
    part = _joined(len(starts), above, below)
    _, part = np.unique(part, return_inverse=True)
    count = int(part.max()) + 1 if len(part) else 0

    rows, lefts, rights = starts // stride, starts % stride - 1, ends - starts // stride * stride - 1
    boxes = np.empty((count, 4), dtype=np.int64)
    boxes[:, :2], boxes[:, 2:] = max(height, width), 0
    for column, least, values in ((0, True, lefts), (1, True, rows), (2, False, rights), (3, False, rows + 1)):
        (np.minimum if least else np.maximum).at(boxes[:, column], part, values)
    areas = np.bincount(part, weights=ends - starts, minlength=count).astype(np.int64)
    labels = np.full(height * stride, -1, dtype=np.int32)
    labels[flat.view(np.bool_)] = np.repeat(part, ends - starts)
    return Components(labels.reshape(height, stride)[:, 1:-1], areas, boxes)


def _touching(starts: NDArray[np.int64], ends: NDArray[np.int64], stride: int) -> tuple[NDArray[np.int64], ...]:
    """The pairs of runs, upper and lower, that touch; a run is flat pixels [start, end) of rows `stride` long."""
    first = np.searchsorted(ends, starts + stride, side="left")
    last = np.searchsorted(starts, ends + stride, side="right")
    counts = np.maximum(last - first, 0)
    upper = np.repeat(np.arange(len(starts)), counts)
    lower = np.arange(len(upper)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    return upper, lower


def _joined(count: int, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each of `count` things the least one that it hangs together with, given the pairs (left, right)."""
    root = np.arange(count)
    while True:
        a, b = root[left], root[right]
        apart = a != b
        if not apart.any():
            return root
        left, right, a, b = left[apart], right[apart], a[apart], b[apart]
        np.minimum.at(root, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(root, shorter := root[root]):
            root = shorter
