"""Connected parts against a flood fill, pixel by pixel."""

from __future__ import annotations

from collections import deque

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from fontdemo.glyph.connected import connected


def flood(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The number of each pixel's part, in the order of first pixels; -1 outside."""
    labels = np.full(mask.shape, -1)
    count = 0
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start] >= 0:
            continue
        labels[start] = count
        waiting = deque([start])
        while waiting:
            y, x = waiting.popleft()
            for near in ((y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)):
                inside = 0 <= near[0] < mask.shape[0] and 0 <= near[1] < mask.shape[1]
                if inside and mask[near] and labels[near] < 0:
                    labels[near] = count
                    waiting.append(near)
        count += 1
    return labels


@given(arrays.arrays(np.bool_, st.tuples(st.integers(1, 14), st.integers(1, 14))))
def test_parts_are_what_a_flood_fill_finds(mask: NDArray[np.bool_]) -> None:
    parts, wanted = connected(mask), flood(mask)
    assert np.array_equal(parts.labels, wanted)
    assert len(parts) == wanted.max() + 1
    for number in range(len(parts)):
        rows, columns = np.nonzero(wanted == number)
        assert parts.areas[number] == len(rows)
        assert parts.boxes[number].tolist() == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def test_a_spiral_is_one_part() -> None:
    # The worst case for labels that spread from neighbour to neighbour: a single long thread.
    mask = np.zeros((61, 61), bool)
    y, x, dy, dx, length = 30, 30, 0, 1, 2
    while 0 <= y + dy * length < 61 and 0 <= x + dx * length < 61:
        for _ in range(length):
            mask[y, x] = True
            y, x = y + dy, x + dx
        dy, dx, length = dx, -dy, length + 1
    assert len(connected(mask)) == 1
