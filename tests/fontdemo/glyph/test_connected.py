"""Connected parts against a flood fill, pixel by pixel."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
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


@settings(deadline=None)  # the first one loads scipy
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


@settings(deadline=None)  # the first one loads scipy
@given(arrays.arrays(np.bool_, st.tuples(st.integers(1, 14), st.integers(1, 14))))
def test_of_many_parts_the_boxes_are_the_same(mask: NDArray[np.bool_]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fontdemo.glyph.connected._MANY", 0)
        many = connected(mask)
    assert np.array_equal(many.boxes, connected(mask).boxes) and many.boxes.dtype == np.int64


def test_a_picture_of_dots_takes_no_seconds() -> None:
    """So many parts that the list of their boxes took most of the time of a picture that took four seconds."""
    dots = np.zeros((640, 640), dtype=bool)
    dots[::2, ::2] = True
    connected(dots)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scipy.ndimage.find_objects", None)
        parts = connected(dots)
    assert len(parts) == 320 * 320 and parts.boxes[-1].tolist() == [638, 638, 639, 639]
