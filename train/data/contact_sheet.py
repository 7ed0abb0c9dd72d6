"""A contact sheet: one character in many typefaces, each with its family's name below, as one picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fontdemo.glyph.layout import SIDE

_GAP = 14
_LETTERING = 12
_TILE = (SIDE + _GAP, SIDE + _GAP + _LETTERING)


def contact_sheet(images: NDArray[np.uint8], names: Sequence[str], *, columns: int = 8) -> Image.Image:
    """`images` (N, 100, 100), ink 255, in rows of `columns` tiles, black on white, names[i] below images[i].

    An "L" picture. Names that are too long are cut.
    """
    columns = max(1, min(columns, len(images)))
    rows = -(-len(images) // columns)
    sheet = Image.new("L", (columns * _TILE[0] + _GAP, rows * _TILE[1] + _GAP), 255)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(_LETTERING - 2)
    for index, (image, name) in enumerate(zip(images, names, strict=True)):
        left, top = _GAP + index % columns * _TILE[0], _GAP + index // columns * _TILE[1]
        draw.rectangle((left - 1, top - 1, left + SIDE, top + SIDE), outline=216)
        sheet.paste(Image.fromarray(255 - image), (left, top))
        while name and font.getlength(name) > SIDE:
            name = name[:-1]
        draw.text((left + SIDE / 2, top + SIDE + 3), name, 96, font, anchor="mt")
    return sheet
