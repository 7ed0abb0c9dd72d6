"""A sample of training glyphs for the browser: some of every character, taken from an index of closest typefaces.

The index keeps each glyph's ink alone, fitted into a small square; how large it was and where it stood is not in it. So
glyphs are given the size that their character usually has, in the middle. `likes.js` runs them through the network.
"""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from PIL import Image

from fontdemo.glyph.layout import SIDE
from fontdemo.reading.nearest import PICTURE_SIDE, Index, unpacked
from fontdemo.ui import images

#: Glyphs of each character; those kept first in the index differ most.
EACH = 5

#: Glyphs in a row of the picture.
COLUMNS = 20

# Longer side of the ink, in pixels of the image: letters without ascender and descender are smaller.
_TALL, _SMALL, _SMALL_LETTERS = 72, 54, frozenset("acemnorsuvwxz")

# Longer side of the ink within the small picture.
_INK = PICTURE_SIDE - 2


def sample(index: Index) -> dict[str, Any]:
    """EACH glyphs of every character, JSON's own types only.

    characters: one a glyph. faces: their names. png: data URI of all, in rows of `columns`, squares of `tile` pixels,
    ink white on black. boxes: [x, y, width, height] of where each square lies on the image of SIDE by SIDE pixels.
    """
    own = (np.flatnonzero(index.characters == label) for label in np.unique(index.characters))
    picked = [entry for found in own for entry in found[:EACH]]
    characters = "".join(chr(index.characters[entry]) for entry in picked)
    names = [index.names[index.faces[entry]] for entry in picked]
    sheet = np.zeros((math.ceil(len(picked) / COLUMNS) * PICTURE_SIDE, COLUMNS * PICTURE_SIDE), np.uint8)
    for number, entry in enumerate(picked):
        top, left = PICTURE_SIDE * (number // COLUMNS), PICTURE_SIDE * (number % COLUMNS)
        sheet[top : top + PICTURE_SIDE, left : left + PICTURE_SIDE] = 255 * unpacked(index.pictures[entry])
    file = io.BytesIO()
    Image.fromarray(sheet).quantize(4).save(file, "PNG", bits=2, optimize=True)
    return {
        "characters": characters,
        "faces": [f"{name.family} {name.style}".strip() for name in names],
        "columns": COLUMNS,
        "tile": PICTURE_SIDE,
        "boxes": [_box(character) for character in characters],
        "png": images.data_uri(file.getvalue()),
    }


def _box(character: str) -> list[float]:
    side = (_SMALL if character in _SMALL_LETTERS else _TALL) * PICTURE_SIDE / _INK
    return [round((SIDE - side) / 2, 2)] * 2 + [round(side, 2)] * 2
