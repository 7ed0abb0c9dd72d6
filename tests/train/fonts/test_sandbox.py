"""Fonts of strangers: what is drawn, what is lacking, and files that mean harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from PIL import Image, ImageDraw, ImageFont

from fontdemo.alphabet import CHARACTERS
from fontdemo.glyph.layout import FIT_SIDE, SIDE
from tests.support.letters import FONTS
from train.files import PROJECT
from train.fonts import sandbox
from train.fonts.face import Refusal
from train.fonts.inspect import inspect
from train.fonts.render import oversized
from train.fonts.sandbox import SpecimenError, read_font

SANS = FONTS / "DejaVuSans.ttf"


def small_font(path: Path, drawn: str, blank: str = "", reach: int = 700) -> Path:
    """A font that draws `drawn` as boxes and nothing for `blank`."""
    builder = FontBuilder(1000, isTTF=True)
    names = [".notdef", *(f"g{ord(c):x}" for c in drawn + blank)]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(c): f"g{ord(c):x}" for c in drawn + blank})
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for point in ((0, reach), (reach, reach), (reach, 0)):
        pen.lineTo(point)
    pen.closePath()
    box, empty = pen.glyph(), TTGlyphPen(None).glyph()
    builder.setupGlyf({name: box if int(name[1:], 16) in map(ord, drawn) else empty for name in names[1:]}
                      | {".notdef": box})  # fmt: skip
    builder.setupHorizontalMetrics({name: (800, 0) for name in names})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Small <b>", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return path


def test_every_glyph_is_drawn_in_both_layouts() -> None:
    made = read_font(SANS)
    assert made.name == "DejaVu Sans Book" and (made.lacking, made.blank) == ("", "")
    assert made.images.shape == (2, 62, SIDE, SIDE) and made.images.dtype == np.uint8
    square = Image.new("L", (SIDE, SIDE))
    font = ImageFont.truetype(str(SANS), 100, layout_engine=ImageFont.Layout.BASIC)
    ImageDraw.Draw(square).text((50, 50), "g", 255, font, anchor="mm")
    assert np.array_equal(made.images[0, CHARACTERS.index("g")], np.asarray(square))
    for fitted in made.images[1]:
        rows, columns = np.flatnonzero((fitted > 63).any(axis=1)), np.flatnonzero((fitted > 63).any(axis=0))
        assert abs(max(np.ptp(rows), np.ptp(columns)) + 1 - FIT_SIDE) <= 2


def test_what_a_font_lacks_and_leaves_blank_is_reported(tmp_path: Path) -> None:
    made = read_font(small_font(tmp_path / "small.ttf", "A7q", "BCd"))
    assert made.name == "Small <b> Regular" and made.blank == "BCd"
    assert made.lacking == "".join(c for c in CHARACTERS if c not in "A7qBCd")
    filled = {CHARACTERS[index] for index in np.flatnonzero(made.images.any(axis=(0, 2, 3)))}
    assert filled == set("A7q")


@pytest.mark.parametrize("flavor", ["woff", "woff2"])
def test_web_fonts_are_read(tmp_path: Path, flavor: str) -> None:
    font = TTFont(small_font(tmp_path / "small.ttf", "AB"))
    font.flavor = flavor
    font.save(tmp_path / "font")
    assert set(CHARACTERS) - set(read_font(tmp_path / "font").lacking) == set("AB")


def test_a_collections_faces_can_be_chosen(tmp_path: Path) -> None:
    collection = TTCollection()
    collection.fonts = [TTFont(small_font(tmp_path / f"{c}.ttf", c)) for c in "AB"]
    collection.save(tmp_path / "both.ttc")
    for number, character in enumerate("AB"):
        made = read_font(tmp_path / "both.ttc", number)
        assert len(made.faces) == 2 and made.face == number and character not in made.lacking
    for number in (2, -1):
        with pytest.raises(SpecimenError, match="no such face"):
            read_font(tmp_path / "both.ttc", number)


@pytest.mark.parametrize("content", [b"", b"no font", b"%PDF-1.4", b"\x89PNG\r\n"])
def test_what_is_no_font_is_refused_without_a_process(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    (tmp_path / "x.ttf").write_bytes(content)
    with pytest.raises(SpecimenError, match="not a font file"):
        read_font(tmp_path / "x.ttf")
    with pytest.raises(SpecimenError, match="gone"):
        read_font(tmp_path / "missing.ttf")
    os.truncate(tmp_path / "x.ttf", sandbox.LARGEST_FILE + 1)
    with pytest.raises(SpecimenError, match="larger than 20 MB"):
        read_font(tmp_path / "x.ttf")


@pytest.mark.parametrize("harm", ["cut", "noise", "collection", "web", "symbols"])
def test_broken_fonts_give_a_sentence(tmp_path: Path, harm: str) -> None:
    whole = SANS.read_bytes()
    content = {
        "cut": whole[:9000],
        "noise": whole[:300] + np.random.default_rng(0).bytes(60_000),
        "collection": b"ttcf\0\1\0\0\xff\xff\xff\xff" + bytes(100),
        "web": b"wOF2\0\1\0\0" + bytes(200),
        "symbols": b"",
    }[harm]
    file = tmp_path / "x.ttf"
    if content:
        file.write_bytes(content)
    else:
        small_font(file, "é")
    with pytest.raises(SpecimenError) as caught:
        read_font(file)
    assert str(caught.value).endswith(".") and "/" not in str(caught.value)


def test_a_huge_glyph_is_no_harm(tmp_path: Path) -> None:
    """What would be thousands of pixels wide is not drawn; the other characters are."""
    file = small_font(tmp_path / "huge.ttf", "AB", reach=32_000)
    font = TTFont(file)
    for table in font["cmap"].tables:
        table.cmap[ord("C")] = "gsmall"
    font.setGlyphOrder([*font.getGlyphOrder(), "gsmall"])
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for point in ((0, 700), (700, 700), (700, 0)):
        pen.lineTo(point)
    pen.closePath()
    font["glyf"].glyphs["gsmall"], font["hmtx"]["gsmall"] = pen.glyph(), (800, 0)
    font.save(tmp_path / "one.ttf")
    made = read_font(tmp_path / "one.ttf")
    assert made.blank == "AB" and made.images[1, CHARACTERS.index("C")].any()


def test_a_font_of_sixteen_units_an_em_is_refused_at_once(tmp_path: Path) -> None:
    """Its letters are a hundred times as large as the em says: 18,000 pixels wide, if they were drawn."""
    font = TTFont(SANS)
    font["head"].unitsPerEm = 16
    font.save(tmp_path / "tiny em.ttf")
    opened = ImageFont.truetype(str(tmp_path / "tiny em.ttf"), 100, layout_engine=ImageFont.Layout.BASIC)
    assert oversized(opened, CHARACTERS) == CHARACTERS
    with pytest.raises(SpecimenError, match="larger than its em of 16 units"):
        read_font(tmp_path / "tiny em.ttf")
    began = time.process_time()
    answer, _ = sandbox.draw(tmp_path / "tiny em.ttf", 0)
    assert "16 units" in answer["error"] and time.process_time() - began < 1.5
    (found,) = inspect((tmp_path / "tiny em.ttf", CHARACTERS))
    assert isinstance(found, Refusal) and "larger than its em" in found.reason


def test_a_process_that_dies_or_hangs_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_main", None)
    monkeypatch.setattr(sandbox, "WAIT_SECONDS", 0.001)
    with pytest.raises(SpecimenError, match="too long"):
        read_font(SANS)
    died = subprocess.CompletedProcess([], -11, b"", b"")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: died)
    with pytest.raises(SpecimenError, match="crashes the font engine"):
        read_font(SANS)


def test_no_token_reaches_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    seen: dict[str, object] = {}

    def run(_: object, **options: object) -> object:
        seen.update(options)
        return subprocess.CompletedProcess([], 1, b"", b"")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(SpecimenError):
        read_font(SANS)
    assert "secret" not in str(seen["env"])


GOOD = {"faces": ["A"], "face": 0, "lacking": "", "blank": ""}


@pytest.mark.parametrize(
    "answer, size",
    [
        (GOOD, 10), ([], None), (GOOD | {"face": 1}, None), (GOOD | {"face": "0"}, None), (GOOD | {"faces": 3}, None),
        (GOOD | {"faces": []}, None), ({"faces": ["A"]}, None),
    ],
)  # fmt: skip
def test_what_comes_back_is_checked(monkeypatch: pytest.MonkeyPatch, answer: object, size: int | None) -> None:
    output = json.dumps(answer).encode() + b"\n" + bytes(2 * 62 * SIDE * SIDE if size is None else size)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, output, b""))
    with pytest.raises(SpecimenError, match="cannot be read"):
        read_font(SANS)


def test_a_font_that_is_made_to_be_slow_stands_back_behind_the_page() -> None:
    code = "import os; from train.fonts import sandbox; sandbox._limit(); print(os.nice(0))"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert int(done.stdout) >= min(19, os.nice(0) + sandbox.NICENESS)
