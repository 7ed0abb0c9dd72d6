"""train.fonts.signs: what fonts draw that is no character of ours; look-alikes and what a face lacks are left out."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from fontdemo.alphabet import CHARACTERS
from fontdemo.glyph.layout import FIT_SIDE, SIDE
from tests.support.fontmaker import saved, small_font, source
from train.fonts import signs
from train.fonts.face import Face
from train.fonts.signs import BLOCKS, draw_signs


def face(name: str) -> Face:
    return Face(source(name), 0, (), name, "Regular", name.lower())


def boxed(sign: str) -> np.ndarray:
    """The sign in DejaVu Sans by Pillow alone, its box stretched over 20 x 20: float (20, 20)."""
    sheet = Image.new("L", (400, 400))
    ImageDraw.Draw(sheet).text((100, 100), sign, 255, ImageFont.truetype(str(source()), 150))
    return np.asarray(sheet.crop(sheet.getbbox()).resize((20, 20)), float)


def test_signs_are_fitted_and_the_seed_decides() -> None:
    drawn = draw_signs(3, 0, face("DejaVuSans"))
    assert drawn.dtype == np.uint8 and 20 < len(drawn) <= 3 * len(BLOCKS)
    for image in drawn:
        rows, columns = np.nonzero(image > 127)
        assert image.shape == (SIDE, SIDE)
        assert abs(max(np.ptp(rows), np.ptp(columns)) + 1 - FIT_SIDE) <= 2
    assert np.array_equal(drawn, draw_signs(3, 0, face("DejaVuSans")))
    assert not np.array_equal(drawn, draw_signs(3, 1, face("DejaVuSans")))


def test_what_looks_like_one_of_ours_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cyrillic and Greek capitals that are drawn as Latin ones; the others are the glyphs that Pillow draws."""
    monkeypatch.setattr(signs, "BLOCKS", {"mixed": "АΒ&Ж"})
    drawn = draw_signs(9, 0, face("DejaVuSans"))
    assert len(drawn) == 2
    found = [np.asarray(Image.fromarray(i).crop(Image.fromarray(i).getbbox()).resize((20, 20)), float) for i in drawn]
    apart = [[np.abs(one - boxed(sign)).mean() for sign in "&ЖAB"] for one in found]
    assert {int(np.argmin(row)) for row in apart} == {0, 1}


def test_a_face_gives_only_what_it_has() -> None:
    """Computer Modern has no stars and no Hebrew; what would be drawn there is the box of a missing glyph."""
    assert 0 < len(draw_signs(2, 0, face("cmr10"))) < len(draw_signs(2, 0, face("DejaVuSans")))


def test_a_face_of_62_characters_gives_nothing(tmp_path: Path) -> None:
    file = saved(small_font(), tmp_path / "small.ttf")
    assert draw_signs(4, 0, Face(file, 0, (), "Small", "", "small")).shape == (0, SIDE, SIDE)


def test_no_kind_holds_a_character_of_ours_or_an_accent() -> None:
    for kind, characters in BLOCKS.items():
        assert len(set(characters)) == len(characters) > 5, kind
        assert not set(characters) & set(CHARACTERS), kind
        assert not [c for c in characters if unicodedata.category(c) in ("Mn", "Mc")], kind
