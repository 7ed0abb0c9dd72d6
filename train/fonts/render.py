"""A face -> its glyphs as images: uint8 (100, 100), ink 255, paper 0, in layout `course` or `fit`.

Drawn with Pillow alone. Whether a face can be used is decided in `train.fonts.inspect`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fontdemo.errors import FontdemoError
from fontdemo.glyph.fit import fit_ink, ink_box
from fontdemo.glyph.layout import FONT_SIZE, SIDE
from train.fonts.face import Face
from train.parallel import Progress, into, spread

Glyphs = NDArray[np.uint8]

#: Layout `fit` draws this large, in pixels per em, and scales down: edges as smooth as a scaled-down crop's.
LARGE = 3 * FONT_SIZE // 2

#: Glyphs larger than this many ems are those of a font with a wrong scale; of real fonts' none measured more than 3.
MOST_EMS = 10


def open_font(face: Face, size: int = FONT_SIZE) -> ImageFont.FreeTypeFont:
    """The face ready to draw with at `size` pixels per em; raises what Pillow raises for a broken font.

    Basic layout: the other engine is not on every machine, and might put other forms in a character's place.
    """
    font = ImageFont.truetype(str(face.path), size, index=face.index, layout_engine=ImageFont.Layout.BASIC)
    if face.axes:
        font.set_variation_by_axes(list(face.axes))
    return font


def oversized(font: ImageFont.FreeTypeFont, characters: str) -> str:
    """Those of `characters` that are wider or taller than MOST_EMS: to draw one would take seconds and gigabytes.

    Only the outlines' boxes are read, which takes microseconds. Raises what Pillow raises for a broken glyph.
    """
    boxes = {character: font.getbbox(character, anchor="ls") for character in characters}
    most = MOST_EMS * font.size
    return "".join(c for c, (left, top, right, bottom) in boxes.items() if max(right - left, bottom - top) > most)


def draw_glyph(font: ImageFont.FreeTypeFont, character: str, layout: str) -> Image.Image:
    """The character as an "L" image, SIDE x SIDE, ink 255.

    layout `course`: `font` must be opened at FONT_SIZE; `fit`: at any size, the larger the smoother. A blank glyph
    gives a blank image.
    """
    if layout == "course":
        square = Image.new("L", (SIDE, SIDE))
        ImageDraw.Draw(square).text((SIDE / 2, SIDE / 2), character, 255, font, anchor="mm")
        return square
    left, top, right, bottom = (int(edge) for edge in font.getbbox(character, anchor="ls"))
    sheet = Image.new("L", (max(1, right - left), max(1, bottom - top)))
    ImageDraw.Draw(sheet).text((-left, -top), character, 255, font, anchor="ls")
    ink = _ink(sheet)
    box = ink_box(ink)
    return Image.fromarray(np.round(255 * fit_ink(ink, box)).astype(np.uint8)) if box else Image.new("L", (SIDE, SIDE))


def crop(image: Image.Image) -> Image.Image | None:
    """The part of an "L" image in the box of its ink (`ink_box`), or None if it is blank."""
    box = ink_box(_ink(image))
    return image.crop(box) if box else None


def _ink(image: Image.Image) -> NDArray[np.float32]:
    ink: NDArray[np.float32] = np.divide(np.asarray(image), 255, dtype=np.float32)
    return ink


def render_face(characters: str, layout: str, face: Face) -> Glyphs:
    """`characters` drawn in `face`: uint8 (characters, SIDE, SIDE)."""
    font = open_font(face, FONT_SIZE if layout == "course" else LARGE)
    return np.stack([np.asarray(draw_glyph(font, character, layout)) for character in characters])


def render(
    faces: Sequence[Face],
    characters: str,
    layout: str,
    *,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Glyphs:
    """Every character in every face: uint8 (faces, characters, SIDE, SIDE), ink 255.

    progress(done, all) counts faces. FontdemoError, naming the face, if one brings the font engine down.
    """
    images = np.empty((len(faces), len(characters), SIDE, SIDE), np.uint8)
    draw_face = partial(render_face, characters, layout)
    drawn = spread(draw_face, faces, progress=progress, workers=workers, take=into(images))
    for face, glyphs in zip(faces, drawn, strict=True):
        if glyphs is None:
            raise FontdemoError(f"The font engine crashed on {face.path.name} ({face.name}). Remove the file.")
    return images
