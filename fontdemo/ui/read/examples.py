"""Examples to try: pictures that we draw ourselves with the fonts that matplotlib brings, and a few drawings.

Nothing lies on disk: pictures are made when the page is built, a few milliseconds each.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from fontdemo.font_files import matplotlib_fonts
from fontdemo.glyph.layout import BASELINE_ROW, CAPITAL_ROW, SIDE

#: Width and height of an example picture in pixels.
PICTURE_SIDE = 160


@dataclass(frozen=True)
class Example:
    """Something to read. character: what it shows. content: JSON of strokes on the pad, or a picture."""

    character: str
    content: str | Image.Image


# Strokes: x in hundredths of the pad's side, y from capital height (0) to the baseline (100).
_DRAWINGS: dict[str, list[list[tuple[int, int]]]] = {
    "A": [[(22, 100), (50, 0), (78, 100)], [(33, 64), (67, 64)]],
    "4": [[(64, 100), (64, 1), (24, 70), (80, 70)]],
    "h": [[(32, 0), (32, 100)], [(32, 54), (37, 40), (46, 32), (56, 31), (64, 38), (67, 53), (67, 100)]],
}

# Character, font file, colours of ink and paper, turned by how many degrees.
_PICTURES: tuple[tuple[str, str, str, str, float], ...] = (
    ("g", "DejaVuSerif-Italic.ttf", "#1b1a17", "#ffffff", 0),
    ("R", "DejaVuSans-Bold.ttf", "#f7f2e6", "#14532d", 0),
    ("7", "cmtt10.ttf", "#23324d", "#efe6d2", 4),
    ("Q", "STIXGeneralItalic.ttf", "#7f1d1d", "#fdf3e7", 0),
    ("e", "DejaVuSansMono-Bold.ttf", "#facc15", "#1e1b4b", -5),
)


def make_examples() -> list[Example]:
    """The examples in the order in which the page shows them: drawings, then pictures."""
    drawings = [Example(character, _drawing(strokes)) for character, strokes in _DRAWINGS.items()]
    return drawings + [Example(row[0], _picture(*row)) for row in _PICTURES]


def _drawing(strokes: list[list[tuple[int, int]]]) -> str:
    """JSON of the strokes in units of the pad's side."""
    height = BASELINE_ROW - CAPITAL_ROW
    return json.dumps([[[x / 100, (CAPITAL_ROW + y / 100 * height) / SIDE] for x, y in stroke] for stroke in strokes])


def _picture(character: str, font: str, ink: str, paper: str, turn: float) -> Image.Image:
    """RGB picture of `character` in the middle of PICTURE_SIDE x PICTURE_SIDE pixels of paper."""
    file = matplotlib_fonts() / "ttf" / font
    picture = Image.new("RGB", (PICTURE_SIDE, PICTURE_SIDE), paper)
    pen = ImageDraw.Draw(picture)
    pen.text(
        (PICTURE_SIDE / 2, PICTURE_SIDE / 2), character, font=ImageFont.truetype(str(file), 112), anchor="mm", fill=ink
    )
    return picture.rotate(turn, Image.Resampling.BICUBIC, fillcolor=paper) if turn else picture
