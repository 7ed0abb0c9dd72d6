"""Ink and paper where pictures are spoilt by light, grain, specks, frames, neighbours; against plain Pillow."""

from __future__ import annotations

import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from fontdemo.errors import GlyphError
from fontdemo.glyph.binarize import find_ink, otsu
from fontdemo.glyph.glyph import from_picture
from fontdemo.glyph.picture import Plane
from tests.support.letters import coverage, fitted, likeness, picture

Floats = NDArray[np.float64]
CHARACTERS = string.digits + string.ascii_letters
#: What the letters of these tests are drawn in; a picture on dark paper has light ink.
PAPERS = [(0.9, 0.1), (0.15, 0.85), (0.6, 0.45)]


def letter(character: str = "R", paper: float = 0.9, ink: float = 0.1, margin: int = 30, height: int = 120) -> Floats:
    """A letter as values 0..1, in which something can be spoilt."""
    return np.asarray(picture(character, 255 * paper, 255 * ink, margin=margin, height=height), dtype=np.float64) / 255


def image(values: Floats) -> Image.Image:
    return Image.fromarray(np.round(255 * np.clip(values, 0, 1)).astype(np.uint8))


def read(values: Floats) -> NDArray[np.float32]:
    return from_picture(image(values)).image


@pytest.mark.parametrize(
    "font, margin", [("DejaVuSans.ttf", 3), ("DejaVuSerif-Bold.ttf", 40), ("DejaVuSansMono-Oblique.ttf", 12)]
)
def test_either_side_may_be_the_ink(font: str, margin: int) -> None:
    for character in CHARACTERS:
        wanted = fitted(character, font)
        for paper, ink in ((255, 0), (0, 255)):
            found = from_picture(picture(character, paper, ink, margin=margin, font=font)).image
            assert likeness(found, wanted) > 0.7, (character, paper)


@pytest.mark.parametrize("paper, ink", PAPERS)
@pytest.mark.parametrize("angle", range(0, 360, 45))
def test_light_may_fall_off_to_any_side(angle: int, paper: float, ink: float) -> None:
    values = letter(paper=paper, ink=ink)
    rows, columns = np.mgrid[-1 : 1 : values.shape[0] * 1j, -1 : 1 : values.shape[1] * 1j]
    slope = np.cos(np.radians(angle)) * columns + np.sin(np.radians(angle)) * rows
    assert likeness(read(values * (0.75 + 0.25 * slope / slope.max())), fitted("R")) > 0.8


def test_a_shadow_across_the_letter_is_seen_through() -> None:
    values = letter(margin=50)
    rows, columns = np.mgrid[: values.shape[0], : values.shape[1]]
    shaded = values * np.where(columns + 0.5 * rows > 0.75 * values.shape[1], 0.6, 1)
    # Its sharp rim may leave a trace, but the letter is there, and the shadow is not.
    assert likeness(read(shaded), fitted("R")) > 0.6


@pytest.mark.parametrize("paper, ink", PAPERS)
def test_grain_is_flattened(paper: float, ink: float) -> None:
    values = letter(paper=paper, ink=ink)
    noise = np.random.default_rng(1).normal(0, 0.12 * abs(paper - ink), values.shape)
    found = read(values + noise)
    assert likeness(found, fitted("R")) > 0.85
    assert (found[fitted("R") == 0] > 0.5).sum() < 5


def test_a_clean_edge_keeps_its_shades() -> None:
    # Nothing to flatten: the fraction of ink of every pixel comes back as it was drawn.
    fraction = np.asarray(coverage("S", height=60), dtype=np.float32) / 255
    ink = find_ink(Plane((0.8 - 0.5 * fraction).astype(np.float32), None, ""))
    assert ink.dark
    assert np.abs(ink.values - fraction).max() < 0.02


@pytest.mark.parametrize("paper, ink", PAPERS)
def test_specks_are_left_out_and_counted(paper: float, ink: float) -> None:
    values = letter(paper=paper, ink=ink)
    for y, x in ((5, 5), (12, 80), (140, 9), (100, 12)):
        values[y : y + 2, x : x + 2] = ink
    glyph = from_picture(image(values))
    assert likeness(glyph.image, fitted("R")) > 0.9
    assert "4 specks" in glyph.steps[2].sentence


@pytest.mark.parametrize("character", "ij")
def test_dots_are_no_specks(character: str) -> None:
    for height in (30, 120, 400):
        for font in ("DejaVuSans.ttf", "DejaVuSerif.ttf"):
            found = from_picture(picture(character, height=height, font=font)).image
            assert likeness(found, fitted(character, font)) > 0.75


@pytest.mark.parametrize("outside", [0, 15])
@pytest.mark.parametrize("paper, ink", PAPERS)
def test_a_frame_is_left_out(outside: int, paper: float, ink: float) -> None:
    for character in "RITO":
        values = np.pad(letter(character, paper, ink, margin=25), 6, constant_values=ink)
        values = np.pad(values, outside, constant_values=paper)
        assert likeness(read(values), fitted(character)) > 0.85, character


@pytest.mark.parametrize("paper, ink", PAPERS)
@pytest.mark.parametrize("flip", [False, True])
def test_a_neighbour_cut_by_the_edge_is_left_out(flip: bool, paper: float, ink: float) -> None:
    values, other = letter("R", paper, ink), letter("H", paper, ink)
    values = np.hstack([values[:, :-10], other[:, 30:60]])
    wanted = fitted("R")
    if flip:
        values, wanted = values[:, ::-1], wanted[:, ::-1]
    assert likeness(read(values), wanted) > 0.85


@pytest.mark.parametrize("paper, ink", PAPERS)
def test_a_cut_right_at_the_ink_is_read(paper: float, ink: float) -> None:
    for character in "ACHJLSTUVXYaehnorstuy23457":
        assert likeness(read(letter(character, paper, ink, margin=0)), fitted(character)) > 0.8, character


def test_blank_paper_holds_no_character() -> None:
    numbers = np.random.default_rng(0)
    grain = numbers.normal(0, 0.1, (120, 100))
    slope = np.linspace(0.3, 0.8, 100) * np.ones((120, 1))
    for values in (0.7 + grain, 0.2 + grain / 3, slope, slope + grain / 5):
        with pytest.raises(GlyphError):
            read(values)


@given(st.lists(st.integers(0, 255), min_size=2, max_size=60).filter(lambda values: len(set(values)) > 1))
def test_otsu_finds_the_cut_of_least_variance(numbers: list[int]) -> None:
    values = np.array(numbers, dtype=np.float32)
    cut, fraction = otsu(values)

    def within(cut: float) -> float:
        return sum(float(side.var() * side.size) for side in (values[values <= cut], values[values > cut]) if side.size)

    # A bin is 1/256 of the range, so values that lie so near together count as one.
    least = min(within(cut_at) for cut_at in set(numbers) - {max(numbers)})
    slack = np.ptp(values) / 256 * np.ptp(values) * len(values)
    assert least - 1e-3 <= within(cut) <= least + slack
    assert fraction == pytest.approx(1 - within(cut) / (values.var() * values.size), abs=0.05)
