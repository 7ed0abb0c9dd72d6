"""A small data set for tests: ten characters in the faces that come with matplotlib, drawn by plain Pillow."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fontdemo.alphabet import ALPHABETS
from train.data.glyphset import FaceNote, GlyphSet

CHARACTERS = "0137ATXehm"
FACES = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSansMono", "STIXGeneral", "cmr10", "cmtt10")


def small_set(shifts: int = 2) -> GlyphSet:
    """CHARACTERS in FACES, each `shifts` times at another height; the last two faces are the validation part."""
    alphabet = ALPHABETS["course52"]
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    images, labels, face, split = [], [], [], []
    for number, name in enumerate(FACES):
        font = ImageFont.truetype(str(folder / f"{name}.ttf"), 90)
        for character in CHARACTERS:
            for shift in range(shifts):
                square = Image.new("L", (100, 100))
                ImageDraw.Draw(square).text((50, 50 + 4 * shift), character, 255, font, anchor="mm")
                images.append(np.asarray(square))
                labels.append(alphabet.classes.index(character))
                face.append(number)
                split.append(int(number >= len(FACES) - 2))
    notes = tuple(FaceNote(name, "Regular", "Sans Serif", "text", f"{name}.ttf", name) for name in FACES)
    return GlyphSet(
        np.stack(images), np.array(labels, np.int64), np.array(face, np.int64), np.array(split, np.uint8),
        notes, alphabet, "course", "families", 0, {}, "",
    )  # fmt: skip
