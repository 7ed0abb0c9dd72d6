"""fontdemo.glyph.layout: the guide lines are where a font of the course's size draws its letters."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fontdemo.glyph import layout
from tests.support.letters import FONTS


def rows(character: str) -> tuple[int, int]:
    """The first row of `character` in the layout `course`, and the one below its last."""
    square = Image.new("L", (layout.SIDE, layout.SIDE))
    font = ImageFont.truetype(FONTS / "DejaVuSans.ttf", layout.FONT_SIZE, layout_engine=ImageFont.Layout.BASIC)
    ImageDraw.Draw(square).text((50, 50), character, 255, font, anchor="mm")
    inked = np.flatnonzero(np.asarray(square).max(axis=1) > 127)
    return int(inked[0]), int(inked[-1]) + 1


def test_the_lines_are_those_of_a_text_face() -> None:
    top, bottom = rows("H")
    assert abs(top - layout.CAPITAL_ROW) <= 5 and abs(bottom - layout.BASELINE_ROW) <= 5
    assert abs(rows("x")[0] - layout.XHEIGHT_ROW) <= 5
    assert layout.CAPITAL_ROW < layout.XHEIGHT_ROW < layout.BASELINE_ROW and layout.FIT_SIDE < layout.SIDE
