"""fontdemo.glyph.page.sheet: a sheet on a desk is cut out, a letter is none."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFont

from fontdemo.glyph.page.sheet import any_sheet, find_sheet
from tests.fontdemo.glyph.test_interpretations import on_desk
from tests.support.letters import FONTS, picture
from tests.support.words import word_picture


def test_uneven_light_on_the_sheet_leaves_no_edge_where_it_is_cut_out() -> None:
    values = np.asarray(on_desk(turn=4), dtype=np.float64)
    shade = np.linspace(1, 0.75, values.shape[1])
    sheet = find_sheet((values * shade / 255).astype(np.float32), light=True)
    assert sheet is not None
    rim = np.concatenate([sheet.values[0], sheet.values[-1], sheet.values[:, 0], sheet.values[:, -1]])
    # Everything along the rim is paper: from 230 times 0.75 to 230.
    assert rim.min() > 0.6 and rim.max() < 0.93


@pytest.mark.parametrize("make", [
    lambda: picture("O", 0, 255), lambda: picture("e", 0, 255, font="DejaVuSans-Bold.ttf"),
    lambda: picture("A", 0, 255),
    lambda: Image.new("L", (90, 60), 250), lambda: Image.fromarray(np.eye(80, dtype=np.uint8) * 255),
])  # fmt: skip
def test_a_letter_is_no_sheet(make: object) -> None:
    values = np.asarray(make(), dtype=np.float32) / 255  # type: ignore[operator]
    assert find_sheet(values, light=True) is None


def plate(ink: int, ground: int, around: int) -> NDArray[np.float32]:
    """A word on a plate that lies on something else: float32 (H, W) in 0..1."""
    word = word_picture("Exit", ImageFont.truetype(str(FONTS / "DejaVuSans.ttf"), 60), ink, ground)
    scene = Image.new("L", (word.width + 120, word.height + 120), around)
    scene.paste(word, (60, 60))
    return (np.asarray(scene) / 255).astype(np.float32)


@pytest.mark.parametrize(("ink", "ground", "around"), [
    (20, 110, 240), (240, 140, 20), (160, 60, 240), (100, 200, 20), (240, 40, 130), (20, 240, 130),
])  # fmt: skip
def test_a_plate_is_a_sheet_whatever_the_order_of_its_tones(ink: int, ground: int, around: int) -> None:
    sheet = any_sheet(plate(ink, ground, around))
    assert sheet is not None and sheet.ink_is_high is (ink > ground)
    rim = np.concatenate([sheet.values[0], sheet.values[-1], sheet.values[:, 0], sheet.values[:, -1]])
    assert np.abs(rim - ground / 255).max() < 0.02


@pytest.mark.parametrize("word", ["DOQ", "III"])
def test_on_a_sheet_the_ink_has_the_desks_tone_whatever_the_letters_enclose(word: str) -> None:
    written = word_picture(word, ImageFont.truetype(str(FONTS / "DejaVuSans.ttf"), 60), 30, 230)
    desk = Image.new("L", (written.width + 80, written.height + 80), 30)
    desk.paste(written, (40, 40))
    sheet = any_sheet((np.asarray(desk) / 255).astype(np.float32))
    assert sheet is not None and sheet.light and not sheet.ink_is_high


def test_a_bar_and_a_disc_with_nothing_on_them_are_no_plates() -> None:
    grain = np.random.default_rng(0).normal(0, 0.02, (90, 90))
    for shape in (np.s_[20:70, 30:60], np.s_[10:80, 30:50]):
        values = np.full((90, 90), 0.9)
        values[shape] = 0.2
        for plane in (values, values + grain):
            assert find_sheet(plane.clip(0, 1).astype(np.float32), light=False, plate=True) is None
            assert find_sheet((1 - plane).clip(0, 1).astype(np.float32), light=True, plate=True) is None
