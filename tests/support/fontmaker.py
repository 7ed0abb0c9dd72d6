"""Font files for tests, made by fontTools from the faces that come with matplotlib."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from pathlib import Path

import matplotlib
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.tables.TupleVariation import TupleVariation

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


def variable(file: Path, family: str, axis: tuple[int, int, int] = (100, 400, 900), widening: float = 0) -> Path:
    """A variable font with a weight axis (least, default, most).

    Its weights look alike, or, with a `widening`, each is as much wider than the next lighter one (1: twice as wide at
    the axis's end).
    """
    font = small_font(family=family)
    builder = FontBuilder(font=font)
    builder.setupFvar([("wght", *axis, "Weight")], [])
    changes = {}
    for name in font.getGlyphOrder() if widening else ():
        points = [(int(widening * x), 0) for x, _ in font["glyf"][name].getCoordinates(font["glyf"])[0]]
        points += [(0, 0)] * 4  # a glyph's four edges stay
        back = [(-x // 2, 0) for x, _ in points]
        bolder, lighter = {"wght": (0, 1, 1)}, {"wght": (-1, -1, 0)}
        changes[name] = [TupleVariation(bolder, points), TupleVariation(lighter, back)]
    builder.setupGvar(changes)
    return saved(font, file)


def postscript(file: Path, name: str, family: str) -> Path:
    """An OpenType font with PostScript outlines (CFF), drawn after the TrueType ones of matplotlib's face `name`."""
    plain = small_font(name)
    outlines, order = plain.getGlyphSet(), plain.getGlyphOrder()
    drawn = {}
    for glyph in order:
        pen = T2CharStringPen(outlines[glyph].width, outlines)
        outlines[glyph].draw(pen)
        drawn[glyph] = pen.getCharString()
    builder = FontBuilder(plain["head"].unitsPerEm, isTTF=False)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(plain.getBestCmap())
    builder.setupCFF(family, {}, drawn, {})
    builder.setupHorizontalMetrics({glyph: (outlines[glyph].width, 0) for glyph in order})
    builder.setupHorizontalHeader(ascent=plain["hhea"].ascent, descent=plain["hhea"].descent)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    return saved(builder.font, file)


def collection(file: Path, *fonts: TTFont) -> Path:
    """A TTC."""
    held = TTCollection()
    held.fonts = list(fonts)
    held.save(file)
    return file
