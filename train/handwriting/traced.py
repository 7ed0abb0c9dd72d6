"""A face -> its glyphs as a person's pen might draw them: along the middle lines of the strokes, unsteadily.

They put what people draw into the training images without using a drawing by anyone: the middle line of each glyph is
bent, turned and slanted at random, then drawn with the pen that the page draws with (`fontdemo.glyph.strokes`).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from fontdemo.errors import FontdemoError
from fontdemo.glyph.fit import fit_points
from fontdemo.glyph.layout import FONT_SIZE, SIDE
from fontdemo.glyph.strokes import PEN
from train.fonts.face import Face
from train.fonts.render import Glyphs, open_font
from train.handwriting.pen import draw_pen, unsteady
from train.handwriting.skeleton import stroke_width, thin
from train.parallel import Progress, spread

#: Faces of these categories have strokes with a middle line that a pen could follow; serifs are not drawn by hand.
CATEGORIES = ("Sans Serif", "Monospace", "Handwriting")

# The glyph is thinned on a sheet this wide, so that nothing of it is cut off.
_SHEET = 180

# Strokes heavier than this have corners whose middle line strays far from where a pen would go.
_HEAVIEST = 15.0


def draw_face(characters: str, layout: str, seed: int, face: Face) -> Glyphs | None:
    """`characters` drawn after `face`: uint8 (characters, SIDE, SIDE); None if the face is too heavy."""
    font = open_font(face, FONT_SIZE)
    sheets = []
    for character in characters:
        sheet = Image.new("L", (_SHEET, _SHEET))
        ImageDraw.Draw(sheet).text((_SHEET / 2, _SHEET / 2), character, 255, font, anchor="mm")
        sheets.append(np.asarray(sheet) > 127)
    masks = np.stack(sheets)
    lines = thin(masks)
    widths = [stroke_width(mask, line) for mask, line in zip(masks, lines, strict=True)]
    if np.median(widths) > _HEAVIEST or min(line.sum() for line in lines) == 0:
        return None
    # By the face's name and not by its place among others, so that one face more changes no drawing.
    rng = np.random.default_rng([seed, zlib.crc32(face.name.encode())])
    drawings = []
    for line in lines:
        path = unsteady(_smoothed(np.argwhere(line)[:, ::-1].astype(np.float64)), rng)
        width = PEN * rng.uniform(0.8, 1.3)
        drawings.append(draw_pen(_placed(path, layout, width, rng), width))
    return np.stack(drawings)


def draw_faces(
    faces: Sequence[Face],
    characters: str,
    layout: str,
    seed: int,
    *,
    progress: Progress | None = None,
    workers: int | None = None,
) -> list[Glyphs | None]:
    """For every face its characters as drawn by hand, uint8 (characters, SIDE, SIDE), ink 255; None if too heavy.

    progress(done, all) counts faces. The same seed gives the same drawings. FontdemoError if no face is left.
    """
    drawn = spread(partial(draw_face, characters, layout, seed), faces, progress=progress, workers=workers)
    if all(glyphs is None for glyphs in drawn):
        raise FontdemoError("None of these faces has strokes thin enough to be drawn by hand.")
    return drawn


def _smoothed(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each point (n, 2) moved to the middle of those within 2.5 pixels: the steps of the pixels go."""
    near = ((points[:, None] - points[None]) ** 2).sum(axis=2) <= 2.5**2
    return np.asarray(near @ points / near.sum(axis=1, keepdims=True))


def _placed(
    points: NDArray[np.float64], layout: str, width: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Points on the sheet -> points of the square, in its pixels, for a pen of `width` pixels.

    `fit`: by `fit_points`. `course`: where the face has them, a little off and larger or
    smaller.
    """
    if layout == "course":
        size = rng.uniform(0.8, 1.1)
        return np.asarray((points - _SHEET / 2) * size + SIDE / 2 + rng.normal(0, 3.0, 2))
    return fit_points(points, width)
