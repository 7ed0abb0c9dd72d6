"""One font file -> the faces in it, each drawn once and checked; unusable ones are refused with a reason.

Each file is judged by itself; which faces are alike, and which families there are, is worked out in `train.fonts.find`.
"""

from __future__ import annotations

import logging
import re
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from train.fonts.face import Face, Refusal, RefusalKind, printable
from train.fonts.render import crop, draw_glyph, open_font, oversized

if TYPE_CHECKING:  # loaded where a font is opened: the page starts without
    from fontTools.ttLib import TTCollection, TTFont

#: Side of the small pictures by which faces are compared.
SMALL_SIDE = 16

# Stops on the weight axis of a variable font, as far as it reaches; each becomes a face of its own.
_WEIGHTS = {300: "Light", 400: "Regular", 700: "Bold", 900: "Black"}

# Words at the end of a family's name that tell styles of one family apart (many fonts put them there), or formats.
_STYLE_WORDS = (
    "thin hairline extralight ultralight light semilight demilight book regular roman normal medium semibold "
    "demibold demi bold extrabold ultrabold heavy black extrablack ultra italic oblique slanted upright condensed "
    "semicondensed extracondensed cond narrow extended expanded wide compressed otf ttf std pro web vf variable "
    "unhinted hinted extra semi ex"
).split()


@dataclass(frozen=True)
class Tables:
    """The few numbers of a font's tables that bear on its category (OpenType specification: OS/2, post).

    letters: bFamilyType of the OS/2 panose (2 text, 3 handwritten, 4 decorative, 5 symbols). family_class: the high
    byte of sFamilyClass (9 ornamental, 10 script, 12 symbols). fixed_pitch: of post. 0 says nothing.
    """

    letters: int = 0
    family_class: int = 0
    fixed_pitch: bool = False


@dataclass(frozen=True)
class Inspection:
    """A face that draws every character: its font's tables and small pictures of its glyphs.

    small: uint8 (characters, SMALL_SIDE * SMALL_SIDE), each glyph's ink fitted into the square.
    """

    face: Face
    tables: Tables
    small: NDArray[np.uint8]


def inspect(task: tuple[Path, str]) -> list[Inspection | Refusal]:
    """What is in the font file of `task` = (path, characters that a face must draw). Raises nothing."""
    path, characters = task
    # fontTools logs every small oddity of a font; what matters comes back as a refusal.
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    try:
        opened = open_file(path)
    except Exception as error:  # fontTools raises whatever a damaged file makes it stumble over
        return [_unreadable(path, error)]
    from fontTools.ttLib import TTCollection

    found: list[Inspection | Refusal] = []
    with closing(opened):
        for index, font in enumerate(opened.fonts if isinstance(opened, TTCollection) else [opened]):
            try:
                for face in faces_of(path, index, font):
                    found.append(_draw(face, font, characters))
            except Exception as error:
                found.append(_unreadable(path, error))
    return found


def _unreadable(path: Path, error: Exception) -> Refusal:
    return Refusal(path, printable(path.name), RefusalKind.UNREADABLE, f"not parsable ({type(error).__name__})")


def family_key(family: str) -> str:
    """The family's name in small letters and digits, less the words for styles, sizes and formats at its end."""
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", family)
    parts = re.findall(r"[^\W_]+", words.lower())
    while len(parts) > 1 and (parts[-1] in _STYLE_WORDS or re.fullmatch(r"\d+pt", parts[-1])):
        parts.pop()
    return "".join(parts)


def open_file(path: Path) -> TTCollection | TTFont:
    """The font or the collection of fonts in a file, to be closed by the caller; raises what fontTools stumbles over.

    Where it is no font, the file is closed again.
    """
    from fontTools.ttLib import TTCollection, TTFont

    file = path.open("rb")
    try:
        collection = file.read(4) == b"ttcf"
        file.seek(0)
        return TTCollection(file, lazy=True) if collection else TTFont(file, lazy=True)
    except BaseException:
        file.close()
        raise


def faces_of(path: Path, index: int, font: TTFont) -> list[Face]:
    """The faces of one font, number `index` of the file: one, or for a variable one those on its weight axis."""
    names = font["name"]
    family = _name(names, 16) or _name(names, 1) or printable(path.stem)
    style = _name(names, 17) or _name(names, 2)
    key = family_key(family) or family_key(path.stem)
    if "fvar" not in font:
        return [Face(path, index, (), family, style, key)]
    axes = font["fvar"].axes
    faces = []
    for weight, word in _WEIGHTS.items():
        if any(a.axisTag == "wght" and a.minValue <= weight <= a.maxValue for a in axes):
            point = tuple(float(weight if a.axisTag == "wght" else a.defaultValue) for a in axes)
            slope = next((f" {s}" for s in ("Italic", "Oblique") if s in style), "")
            faces.append(Face(path, index, point, family, word + slope, key))
    return faces or [Face(path, index, tuple(float(a.defaultValue) for a in axes), family, style, key)]


def _name(table: Any, number: int) -> str:
    return " ".join(printable(table.getDebugName(number) or "").split())[:80]


def _draw(face: Face, font: TTFont, characters: str) -> Inspection | Refusal:
    """Draws every one of `characters`."""
    # Only whether a character has a glyph counts: names of our own spare reading those that the font gives its glyphs.
    font.setGlyphOrder([str(number) for number in range(font["maxp"].numGlyphs)])
    cmap = font.getBestCmap() or {}
    lacking = "".join(c for c in characters if ord(c) not in cmap)
    if lacking:
        shown = lacking if len(lacking) <= 12 else f"{lacking[:12]}... ({len(lacking)} of {len(characters)})"
        return Refusal(face.path, face.name, RefusalKind.LACKING, f"lacks {shown}")
    drawer = open_font(face)
    huge = oversized(drawer, characters)
    if huge:
        return Refusal(face.path, face.name, RefusalKind.OVERSIZED, f"far larger than its em: {huge[:12]}")
    small = np.zeros((len(characters), SMALL_SIDE, SMALL_SIDE), np.uint8)
    blank = ""
    for index, character in enumerate(characters):
        ink = crop(draw_glyph(drawer, character, "course"))
        if ink is None:
            blank += character
            continue
        scale = SMALL_SIDE / max(ink.size)
        size = (max(1, round(ink.width * scale)), max(1, round(ink.height * scale)))
        square = Image.new("L", (SMALL_SIDE, SMALL_SIDE))
        square.paste(ink.resize(size, Image.Resampling.BOX), ((SMALL_SIDE - size[0]) // 2, (SMALL_SIDE - size[1]) // 2))
        small[index] = np.asarray(square)
    if blank:
        return Refusal(face.path, face.name, RefusalKind.BLANK, f"blank: {blank[:12]}")
    return Inspection(face, _read_tables(font), small.reshape(len(characters), -1))


def _read_tables(font: Any) -> Tables:
    """The tables of a fontTools TTFont; a missing table counts as saying nothing."""
    if "OS/2" not in font:
        return Tables(fixed_pitch=_fixed_pitch(font))
    table = font["OS/2"]
    return Tables(table.panose.bFamilyType, (table.sFamilyClass >> 8) & 0xFF, _fixed_pitch(font))


def _fixed_pitch(font: Any) -> bool:
    # The number at byte 12 alone: the table's list of glyph names takes longer to read than all the rest.
    return "post" in font and any(font.getTableData("post")[12:16])
