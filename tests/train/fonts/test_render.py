"""train.fonts.render, parallel and sheet: glyphs against plain Pillow; work spread over processes; contact sheets."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fontdemo.glyph.layout import FIT_SIDE
from tests.support.letters import fitted, likeness
from train.data.contact_sheet import contact_sheet
from train.fonts.face import Face
from train.fonts.render import crop, render

FOLDER = Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def face(name: str) -> Face:
    return Face(FOLDER / f"{name}.ttf", 0, (), name, "Regular", name, "Sans Serif")


def test_layout_course_is_pillows_own_drawing_at_the_middle() -> None:
    glyphs = render([face("DejaVuSans"), face("cmr10")], "Wgx1", "course", workers=1)
    assert glyphs.shape == (2, 4, 100, 100) and glyphs.dtype == np.uint8
    for row, name in enumerate(("DejaVuSans", "cmr10")):
        font = ImageFont.truetype(str(FOLDER / f"{name}.ttf"), 100, layout_engine=ImageFont.Layout.BASIC)
        for column, character in enumerate("Wgx1"):
            square = Image.new("L", (100, 100))
            ImageDraw.Draw(square).text((50, 50), character, 255, font, anchor="mm")
            assert np.array_equal(glyphs[row, column], np.asarray(square))
    assert glyphs[0, 1, 99].max() > 0  # the tail of g is cut off


def test_layout_fit_scales_the_ink_into_the_box() -> None:
    glyphs = render([face("DejaVuSans")], "WgxlQ", "fit", workers=1)[0]
    for character, glyph in zip("WgxlQ", glyphs, strict=True):
        rows, columns = np.nonzero(glyph > 63)
        assert abs(max(np.ptp(rows), np.ptp(columns)) + 1 - FIT_SIDE) <= 1
        assert likeness(glyph / np.float32(255), fitted(character)) > 0.9


def test_blank_stays_blank_and_hairlines_are_ink() -> None:
    blank = Image.new("L", (50, 50))
    assert crop(blank) is None
    thin = Image.new("L", (50, 50))
    ImageDraw.Draw(thin).line((10, 20, 40, 20), fill=90)
    found = crop(thin)
    assert found is not None and found.size == (31, 1)


def test_a_contact_sheet_shows_every_image_where_it_belongs() -> None:
    glyphs = render([face("DejaVuSans")], "TAB", "course", workers=1)[0]
    sheet = np.asarray(contact_sheet(glyphs, ["one", "two", "a name far too long for the width of a tile"], columns=2))
    assert np.array_equal(sheet[14:114, 14:114], 255 - glyphs[0])
    assert np.array_equal(sheet[14:114, 128:228], 255 - glyphs[1])
    assert np.array_equal(sheet[140:240, 14:114], 255 - glyphs[2])
    assert sheet.shape == (2 * 126 + 14, 2 * 114 + 14)
