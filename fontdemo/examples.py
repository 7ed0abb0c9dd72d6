"""Examples to try: pictures that we draw ourselves with the fonts that matplotlib brings, and a few drawings.

Nothing lies on disk: pictures are made when the page is built, a few milliseconds each.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from PIL import Image, ImageDraw, ImageFont

#: Width and height of an example picture in pixels.
SIDE = 160


@dataclass(frozen=True)
class Example:
    """Something to read. character: what it shows. content: JSON of strokes on the pad, or a picture."""

    character: str
    content: str | Image.Image


# Strokes in hundredths of the pad's side, between its guide lines.
_DRAWINGS: dict[str, list[list[tuple[int, int]]]] = {
    "A": [[(22, 85), (50, 15), (78, 85)], [(33, 60), (67, 60)]],
    "4": [[(64, 85), (64, 16), (24, 64), (80, 64)]],
    "h": [[(32, 14), (32, 85)], [(32, 53), (37, 44), (46, 38), (56, 37), (64, 42), (67, 52), (67, 85)]],
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
    drawings = [
        Example(character, json.dumps([[[x / 100, y / 100] for x, y in stroke] for stroke in strokes]))
        for character, strokes in _DRAWINGS.items()
    ]
    return drawings + [Example(row[0], _picture(*row)) for row in _PICTURES]


def _picture(character: str, font: str, ink: str, paper: str, turn: float) -> Image.Image:
    """RGB picture of `character` in the middle of SIDE x SIDE pixels of paper."""
    file = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / font
    picture = Image.new("RGB", (SIDE, SIDE), paper)
    pen = ImageDraw.Draw(picture)
    pen.text((SIDE / 2, SIDE / 2), character, font=ImageFont.truetype(str(file), 112), anchor="mm", fill=ink)
    return picture.rotate(turn, Image.Resampling.BICUBIC, fillcolor=paper) if turn else picture
