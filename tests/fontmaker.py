"""Font files for tests, made by fontTools from the faces that come with matplotlib."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from pathlib import Path

import matplotlib
from fontTools.fontBuilder import FontBuilder
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

CHARACTERS = string.digits + string.ascii_letters


def source(name: str = "DejaVuSans") -> Path:
    """The file of a face that comes with matplotlib."""
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"


def small_font(name: str = "DejaVuSans", family: str = "") -> TTFont:
    """The face with the 62 characters only, so that it is read and written quickly; renamed if `family` is given."""
    font = TTFont(source(name), recalcTimestamp=False)
    options = Options(layout_features=[], hinting=False, name_IDs=["*"], notdef_outline=True)
    subsetter = Subsetter(options)
    subsetter.populate(text=CHARACTERS)
    subsetter.subset(font)
    if family:
        for number in (1, 16):
            font["name"].setName(family, number, 3, 1, 0x409)
            font["name"].setName(family, number, 1, 0, 0)
    return font


def saved(font: TTFont, file: Path, flavor: str | None = None) -> Path:
    """Writes the font; flavor "woff2" or "woff"."""
    font.flavor = flavor
    font.save(file)
    return file


def remapped(font: TTFont, change: Callable[[str, Mapping[str, str]], str | None]) -> TTFont:
    """The font with every character's glyph chosen by change(character, glyphs by character); None takes it away."""
    glyphs = {chr(code): glyph for code, glyph in font.getBestCmap().items()}
    for table in font["cmap"].tables:
        if table.isUnicode():
            chosen = {ord(character): change(character, glyphs) for character in glyphs}
            table.cmap = {code: glyph for code, glyph in chosen.items() if glyph is not None}
    return font


def variable(file: Path, family: str) -> Path:
    """A variable font with a weight axis from 100 to 900, all of whose weights look alike."""
    font = small_font(family=family)
    builder = FontBuilder(font=font)
    builder.setupFvar([("wght", 100, 400, 900, "Weight")], [])
    builder.setupGvar({})
    return saved(font, file)


def collection(file: Path, *fonts: TTFont) -> Path:
    """A TTC."""
    held = TTCollection()
    held.fonts = list(fonts)
    held.save(file)
    return file
