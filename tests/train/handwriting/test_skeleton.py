"""train.handwriting.skeleton: against strokes whose middle line is known."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from fontdemo.glyph.connected import connected
from train.handwriting.skeleton import stroke_width, thin


def drawn(*lines: tuple[int, int, int, int], width: int = 9) -> np.ndarray:
    sheet = Image.new("1", (80, 80))
    for line in lines:
        ImageDraw.Draw(sheet).line(line, fill=1, width=width)
    return np.asarray(sheet.convert("L")) > 0


def test_a_bar_becomes_its_middle_line() -> None:
    bar = drawn((20, 40, 60, 40))
    line = thin(bar[None])[0]
    rows, columns = np.nonzero(line)
    assert abs(rows - 40).max() <= 1
    assert columns.min() <= 25 and columns.max() >= 55  # shorter by half a stroke at either end at most
    assert line.sum(axis=0).max() == 1
    assert abs(stroke_width(bar, line) - 9) < 3


def test_a_ring_stays_a_ring_and_parts_stay_apart() -> None:
    sheet = Image.new("1", (80, 80))
    ImageDraw.Draw(sheet).ellipse((10, 10, 50, 50), outline=1, width=8)
    ImageDraw.Draw(sheet).line((60, 10, 75, 70), fill=1, width=7)
    line = thin((np.asarray(sheet.convert("L")) > 0)[None])[0]
    assert len(connected(line)) == 2
    rows, columns = np.nonzero(line[:, :55])
    radius = np.hypot(rows - 30, columns - 30)
    assert radius.min() > 13 and radius.max() < 19  # the stroke runs from 12 to 20
    angles = np.unique((np.degrees(np.arctan2(rows - 30, columns - 30)) // 10).astype(int) % 36)
    assert len(angles) == 36  # all round


def test_many_images_at_once_are_as_one_by_one_and_blanks_are_fine() -> None:
    masks = np.stack([drawn((10, 10, 70, 70)), np.zeros((80, 80), bool), drawn((10, 60, 60, 20), (10, 20, 60, 60))])
    together = thin(masks)
    for mask, line in zip(masks, together, strict=True):
        assert np.array_equal(line, thin(mask[None])[0])
        assert not (line & ~mask).any()
    assert not together[1].any() and stroke_width(masks[1], together[1]) == 0


def test_ink_at_the_rim_is_no_ink() -> None:
    assert not thin(np.ones((1, 3, 3), bool))[0][0].any()
