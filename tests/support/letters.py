"""Pictures of letters for the tests of reading, made with plain Pillow from the fonts that matplotlib brings."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fontdemo.glyph.layout import FIT_SIDE, SIDE

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"

#: A capital A as a person may draw it, in units of the pad's side.
STROKES = [[[0.2, 0.85], [0.5, 0.15], [0.8, 0.85]], [[0.3, 0.6], [0.7, 0.6]]]


def coverage(character: str, height: int = 90, margin: int = 20, font: str = "DejaVuSans.ttf") -> Image.Image:
    """`character` in mode L, ink 255, cut to its box (its longer side is about `height`) with `margin` around."""
    face = ImageFont.truetype(str(FONTS / font), round(height * 1.37))
    sheet = Image.new("L", (4 * height, 4 * height))
    ImageDraw.Draw(sheet).text((2 * height, 2 * height), character, fill=255, font=face, anchor="mm")
    left, top, right, bottom = sheet.getbbox() or (0, 0, 1, 1)
    return sheet.crop((left - margin, top - margin, right + margin, bottom + margin))


def picture(character: str, paper: float = 255, ink: float = 0, **how: object) -> Image.Image:
    """`character` in mode L on plain paper; paper and ink in 0..255, `how` as for `coverage`."""
    fraction = np.asarray(coverage(character, **how), dtype=np.float64) / 255  # type: ignore[arg-type]
    return Image.fromarray(np.round(paper + (ink - paper) * fraction).astype(np.uint8))


def fitted(character: str, font: str = "DejaVuSans.ttf") -> NDArray[np.float64]:
    """What reading a picture of `character` must give, by plain Pillow: cut, scaled, pasted at the middle."""
    ink = coverage(character, height=250, margin=0, font=font)
    scale = FIT_SIDE / max(ink.size)
    small = ink.resize((max(1, round(ink.width * scale)), max(1, round(ink.height * scale))), Image.Resampling.BOX)
    square = Image.new("L", (SIDE, SIDE))
    square.paste(small, ((SIDE - small.width) // 2, (SIDE - small.height) // 2))
    return np.asarray(square, dtype=np.float64) / 255


def likeness(image: NDArray[np.float32], wanted: NDArray[np.float64]) -> float:
    """Fraction, 0..1, of the ink of either that is ink of both (1: the same)."""
    return float(np.minimum(image, wanted).sum() / np.maximum(image, wanted).sum())
