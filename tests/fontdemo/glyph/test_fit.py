"""Cropping and scaling against plain resizing, and the same for all that is cropped: pictures, renderings, points."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fontdemo.glyph.fit import fit_ink, fit_points, ink_box
from fontdemo.glyph.glyph import from_picture
from fontdemo.glyph.layout import FIT_SIDE, SIDE
from train.fonts.face import Face
from train.fonts.render import LARGE, render_face

FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


@pytest.mark.parametrize("side", [36, 72, 150])
def test_placing_is_plain_resizing_with_edges_as_steep_as_they_were(side: int) -> None:
    rng = np.random.default_rng(0)
    ink = rng.random((side, side)).astype(np.float32)
    around = np.pad(ink, side)
    placed = fit_ink(np.pad(ink, 4, constant_values=1.0), (4, 4, side + 4, side + 4))
    # Three boxes in a row become three fitted boxes; the square is the middle one with what is around it.
    resized = Image.fromarray(around).resize((3 * FIT_SIDE, 3 * FIT_SIDE), Image.Resampling.LANCZOS)
    low, high = FIT_SIDE - (SIDE - FIT_SIDE) // 2, 2 * FIT_SIDE + (SIDE - FIT_SIDE) // 2
    wanted = (np.asarray(resized)[low:high, low:high] - 0.5) * max(FIT_SIDE / side, 1) + 0.5
    assert np.allclose(placed, np.clip(wanted, 0, 1), atol=1e-4)


def test_what_a_network_trains_on_is_what_a_cropped_picture_of_it_gives() -> None:
    characters = "RgWi1Qt"
    rendered = render_face(characters, "fit", Face(FONT, 0, (), "DejaVu Sans", "Book", "dejavu", "Sans Serif"))
    font = ImageFont.truetype(str(FONT), LARGE, layout_engine=ImageFont.Layout.BASIC)
    for character, image in zip(characters, rendered, strict=True):
        sheet = Image.new("L", (400, 400), 255)
        ImageDraw.Draw(sheet).text((100, 300), character, 0, font, anchor="ls")
        read = from_picture(sheet).image
        assert np.abs(image / 255 - read).sum() < 0.005 * read.sum(), character


def test_ink_is_what_is_half_as_dark_as_the_darkest_and_a_blank_has_none() -> None:
    ink = np.zeros((50, 50), np.float32)
    assert ink_box(ink) is None
    ink[20, 10:41] = 0.35  # a hairline never gets to half
    ink[19, 10:41] = 0.1
    assert ink_box(ink) == (10, 20, 41, 21)
    assert ink_box(ink / 2) is None


@pytest.mark.parametrize("points", [
    np.array([[0.0, 0.0], [3.0, 1.0]]), np.array([[-5e6, 2.0], [7.0, 8e6]]), np.array([[-1e308, -1.0], [1e308, 1.0]]),
])  # fmt: skip
def test_points_and_the_pen_round_them_fill_the_box(points: NDArray[np.float64]) -> None:
    found = fit_points(points, 8.0)
    low, high = found.min(axis=0) - 4, found.max(axis=0) + 4
    assert (high - low).max() == pytest.approx(FIT_SIDE) and (low + high) == pytest.approx(np.full(2, SIDE))
    assert np.array_equal(fit_points(points[:1], 8.0), [[SIDE / 2, SIDE / 2]])
