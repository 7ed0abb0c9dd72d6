"""train.fonts.find, looks and kinds: a folder of fonts, among them clones, liars and wrecks."""

from __future__ import annotations

from pathlib import Path

import pytest

from fontdemo.alphabet import get_alphabet
from fontdemo.errors import FontdemoError
from tests.support.fontmaker import remapped, saved, small_font, source, variable
from train.fonts.face import RefusalKind
from train.fonts.find import Findings, find_faces, font_files, font_folders

ALNUM = get_alphabet("alnum62")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    (folder / "deep" / "er").mkdir(parents=True)
    saved(small_font("DejaVuSerif"), folder / "deep" / "er" / "serif.ttf")
    saved(small_font("DejaVuSerif-Bold"), folder / "serif-bold.woff2", "woff2")
    saved(small_font("DejaVuSansMono"), folder / "mono.ttf")
    saved(small_font("DejaVuSerif", "Borrowed"), folder / "zz-clone.ttf")
    variable(folder / "var.ttf", "Wandering")
    saved(remapped(small_font(), lambda c, glyphs: glyphs[c.upper()]), folder / "capitals.ttf")
    saved(remapped(small_font("cmr10"), lambda c, glyphs: glyphs["A"]), folder / "alike.ttf")
    (folder / "wreck.otf").write_bytes(b"OTTO" + b"\1" * 99)
    (folder / "notes.txt").write_text("no font")
    (folder / "loop").symlink_to(folder)
    return folder


@pytest.fixture(scope="module")
def found(folder: Path) -> Findings:
    return find_faces([folder], ALNUM, workers=1)


def test_the_walk_finds_every_font_file_once_and_survives_loops(folder: Path) -> None:
    files = font_files([folder, folder / "deep"])
    assert sorted(file.name for file in files) == [
        "alike.ttf", "capitals.ttf", "mono.ttf", "serif-bold.woff2", "serif.ttf", "var.ttf", "wreck.otf",
        "zz-clone.ttf",
    ]  # fmt: skip
    assert font_folders([folder])[0] == folder
    with pytest.raises(FontdemoError, match="no folder"):
        font_folders([folder / "none"])


def test_the_unusable_are_refused_with_their_reason(found: Findings) -> None:
    reasons = {refusal.path.name: refusal.reason for refusal in found.refusals}
    kinds = {refusal.path.name: refusal.kind for refusal in found.refusals}
    assert kinds["capitals.ttf"] == RefusalKind.CAPITALS_ONLY and kinds["alike.ttf"] == RefusalKind.ALL_ALIKE
    assert kinds["wreck.otf"] == RefusalKind.UNREADABLE and RefusalKind.SAME_GLYPHS in kinds.values()
    assert reasons["capitals.ttf"] == "small letters drawn as capitals"
    assert reasons["alike.ttf"] == "every glyph alike"
    assert reasons["wreck.otf"].startswith("not parsable")
    assert reasons["zz-clone.ttf"].startswith("same glyphs as DejaVu Serif") or reasons.get("serif.ttf", "").startswith(
        "same glyphs as Borrowed"
    )


def test_styles_are_one_family_wherever_they_lie_and_a_variable_font_is_one_too(found: Findings) -> None:
    serif = {face.key for face in found.faces if "Serif" in face.family or face.family == "Borrowed"}
    assert len(serif) == 1
    assert len([face for face in found.faces if face.family == "Wandering"]) == 1  # its weights look alike
    assert {refusal.name for refusal in found.refusals} >= {"Wandering Bold", "Wandering Black"}


def test_categories_are_reported(found: Findings) -> None:
    known = {(face.family, face.style): face for face in found.faces}
    assert known["DejaVu Sans Mono", "Book"].category == "Monospace"
    assert known["DejaVu Serif", "Bold"].category == "Serif"
    assert all(face.kind == "text" for face in found.faces)


def test_a_list_beside_the_fonts_overrules_the_looks(tmp_path: Path) -> None:
    saved(small_font("DejaVuSerif"), tmp_path / "one.ttf")
    (tmp_path / "FONTS.tsv").write_text("file\tcategory\none.ttf\tHandwriting\nnone.ttf\tnonsense\n")
    (face,) = find_faces([tmp_path], ALNUM, workers=1).faces
    assert (face.category, face.kind) == ("Handwriting", "other")


def test_the_order_does_not_hang_on_where_files_lie(tmp_path: Path) -> None:
    names = ["DejaVuSans", "DejaVuSerif", "cmr10"]
    for name, order in (("one", names), ("two", names[::-1])):
        (tmp_path / name).mkdir()
        for number, font in enumerate(order):
            saved(small_font(font), tmp_path / name / f"{number}.ttf")
    one, two = (
        [face.name for face in find_faces([tmp_path / name], ALNUM, workers=1).faces] for name in ("one", "two")
    )
    assert one == two and len(one) == 3


def test_a_folder_without_fonts_gives_nothing(tmp_path: Path) -> None:
    assert find_faces([tmp_path], ALNUM, workers=1) == Findings((), ())


def test_the_faces_of_matplotlib_are_what_they_are(tmp_path: Path) -> None:
    for name in ("DejaVuSans-Bold", "DejaVuSerif-Italic", "DejaVuSansMono-Bold", "STIXSizOneSymReg"):
        (tmp_path / f"{name}.ttf").write_bytes(source(name).read_bytes())
    found = find_faces([tmp_path], ALNUM, workers=1)
    known = {face.name: face.category for face in found.faces}
    assert known["DejaVu Sans Bold"] == "Sans Serif" and known["DejaVu Serif Italic"] == "Serif"
    assert known["DejaVu Sans Mono Bold"] == "Monospace"
    assert [refusal.path.name for refusal in found.refusals] == ["STIXSizOneSymReg.ttf"]
    assert found.refusals[0].reason.startswith("lacks 0123456789AB")
