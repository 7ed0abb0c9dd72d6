"""train.fonts.inspect: one font file after another, good, odd, damaged and hostile."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from tests.support.fontmaker import CHARACTERS, collection, postscript, remapped, saved, small_font, source, variable
from train.fonts.face import Refusal
from train.fonts.inspect import SMALL_SIDE, Inspection, family_key, inspect
from train.fonts.render import render


def only(path: Path) -> Inspection | Refusal:
    (found,) = inspect((path, CHARACTERS))
    return found


def reason(path: Path) -> str:
    found = only(path)
    assert isinstance(found, Refusal)
    return found.reason


def test_a_face_is_named_and_looked_at() -> None:
    found = only(source("DejaVuSerif-Bold"))
    assert isinstance(found, Inspection)
    assert (found.face.family, found.face.style, found.face.key) == ("DejaVu Serif", "Bold", "dejavuserif")
    assert found.small.shape == (62, SMALL_SIDE**2) and (found.small.max(axis=1) > 100).all()
    assert not found.tables.fixed_pitch
    mono = only(source("DejaVuSansMono"))
    assert isinstance(mono, Inspection) and mono.tables.fixed_pitch


@pytest.mark.parametrize(
    ("names", "key"),
    [(["Assistant", "Assistant ExtraLight", "AssistantExtraLight"], "assistant"),
     (["Newsreader 16pt", "Newsreader 16pt SemiBold"], "newsreader"), (["Archivo SemiCondensed Thin"], "archivo"),
     (["Saira ExtraCondensed ExCond"], "saira"), (["Caveat", "Caveat Variable"], "caveat"), (["Exo 2"], "exo2")],
)  # fmt: skip
def test_a_family_is_one_however_its_weights_and_sizes_are_called(names: list[str], key: str) -> None:
    assert {family_key(name) for name in names} == {key}


def test_a_font_without_a_name_goes_by_its_file(tmp_path: Path) -> None:
    font = small_font()
    font["name"].names = []
    found = only(saved(font, tmp_path / "clear-sans.ttf"))
    assert isinstance(found, Inspection) and (found.face.family, found.face.key) == ("clear-sans", "clearsans")
    font["name"].setName("-", 1, 3, 1, 0x409)
    found = only(saved(font, tmp_path / "clear-sans.ttf"))
    assert isinstance(found, Inspection) and found.face.key == "clearsans"


@pytest.mark.parametrize("flavor", [None, "woff", "woff2"])
def test_every_format_gives_the_same_look(tmp_path: Path, flavor: str | None) -> None:
    plain = only(saved(small_font(), tmp_path / "plain.ttf"))
    found = only(saved(small_font(), tmp_path / f"font.{flavor or 'ttf'}", flavor))
    assert isinstance(plain, Inspection) and isinstance(found, Inspection)
    assert (found.small == plain.small).all() and found.face.family == "DejaVu Sans"


def test_each_font_of_a_collection_is_a_face(tmp_path: Path) -> None:
    file = collection(tmp_path / "both.ttc", small_font(), small_font("DejaVuSerif"))
    found = inspect((file, CHARACTERS))
    assert [look.face.family for look in found if isinstance(look, Inspection)] == ["DejaVu Sans", "DejaVu Serif"]
    assert [look.face.index for look in found if isinstance(look, Inspection)] == [0, 1]


def test_the_weights_of_a_variable_font_are_faces_of_one_family(tmp_path: Path) -> None:
    found = inspect((variable(tmp_path / "var.ttf", "Wandering"), CHARACTERS))
    faces = [look.face for look in found if isinstance(look, Inspection)]
    assert [face.style for face in faces] == ["Light", "Regular", "Bold", "Black"]
    assert [face.axes for face in faces] == [(300.0,), (400.0,), (700.0,), (900.0,)]
    assert {face.key for face in faces} == {"wandering"}


@pytest.mark.parametrize(
    ("axis", "weights"),
    [((300, 400, 900), [300, 400, 700, 900]), ((400, 400, 700), [400, 700]), ((350, 400, 600), [400]),
     ((410, 500, 690), [500])],
)  # fmt: skip
def test_each_weight_is_drawn_with_its_own_outlines(
    tmp_path: Path, axis: tuple[int, int, int], weights: list[int]
) -> None:
    """A face a weight that the axis reaches, or the default's; against Pillow's own choice of the axis."""
    file = variable(tmp_path / "var.ttf", "Wandering", axis, widening=0.5)
    faces = [look.face for look in inspect((file, CHARACTERS)) if isinstance(look, Inspection)]
    assert [face.axes for face in faces] == [(float(weight),) for weight in weights]
    for face, (drawn,) in zip(faces, render(faces, "H", "course"), strict=True):
        font = ImageFont.truetype(str(file), 100, layout_engine=ImageFont.Layout.BASIC)
        font.set_variation_by_axes(list(face.axes))
        square = Image.new("L", (100, 100))
        ImageDraw.Draw(square).text((50, 50), "H", 255, font, anchor="mm")
        np.testing.assert_array_equal(drawn, np.asarray(square))
    widths = [int((drawn > 127).any(axis=0).sum()) for (drawn,) in render(faces, "H", "course")]
    assert widths == sorted(set(widths))


def test_postscript_outlines_look_like_the_truetype_ones_they_were_made_of(tmp_path: Path) -> None:
    file = postscript(tmp_path / "outline.otf", "DejaVuSerif", "Outline")
    with TTFont(file) as font:
        assert font.sfntVersion == "OTTO"
    found, model, other = only(file), only(source("DejaVuSerif")), only(source("DejaVuSans"))
    assert isinstance(found, Inspection) and isinstance(model, Inspection) and isinstance(other, Inspection)
    assert found.face.name == "Outline Regular"
    # The two kinds are hinted in their own ways, so that edges differ a little.
    apart, strange = (np.abs(found.small.astype(int) - of.small).mean() for of in (model, other))
    assert apart < 8 and strange > 3 * apart


def test_what_is_lacking_or_blank_is_named(tmp_path: Path) -> None:
    without = remapped(small_font(), lambda c, glyphs: None if c in "Qz7" else glyphs[c])
    assert reason(saved(without, tmp_path / "a.ttf")) == "lacks 7zQ"
    digits = remapped(small_font(), lambda c, glyphs: glyphs[c] if c.isdigit() else None)
    assert reason(saved(digits, tmp_path / "b.ttf")) == "lacks abcdefghijkl... (52 of 62)"
    blank = small_font()
    blank["glyf"]["B"].numberOfContours = 0
    blank["glyf"]["B"].__dict__.pop("coordinates", None)
    assert reason(saved(blank, tmp_path / "c.ttf")).startswith("blank: B")


def test_damaged_files_are_refused_and_nothing_is_raised(tmp_path: Path) -> None:
    whole = saved(small_font(), tmp_path / "whole.ttf").read_bytes()
    halves = (b"", b"no font at all", whole[:500], whole[: len(whole) // 2], b"ttcf" + b"\0" * 40)
    for number, data in enumerate(halves):
        file = tmp_path / f"{number}.ttf"
        file.write_bytes(data)
        assert "not parsable" in reason(file), number
    assert "not parsable" in reason(tmp_path / "there is none.ttf")


def test_flipped_bytes_never_raise(tmp_path: Path) -> None:
    data = bytearray(saved(small_font(), tmp_path / "whole.ttf").read_bytes())
    for offset in range(12, 300, 41):
        spoilt = bytearray(data)
        spoilt[offset] ^= 0xFF
        (tmp_path / "spoilt.ttf").write_bytes(spoilt)
        assert len(inspect((tmp_path / "spoilt.ttf", "Aa0"))) == 1


def test_family_keys_leave_styles_and_formats_out() -> None:
    for name in ("Open Sans", "OpenSans", "Open Sans Condensed Light", "open-sans", "Open Sans VF"):
        assert family_key(name) == "opensans"
    assert family_key("Black") == "black"
    assert family_key("Ωμέγα Bold") == "ωμέγα"
