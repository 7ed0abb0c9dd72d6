"""The data set that ships, and how it is made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fontdemo.errors import FontdemoError
from tests.support.fontmaker import saved, small_font
from train.access import access
from train.data import sample
from train.data.glyphset import GlyphSet
from train.data.packed import PackedSet
from train.data.sample import NAME, TRAIN, VALID, make, sample_file, sample_set, shipped
from train.data.sources import SAMPLE, Source, expected_images, prepare
from train.fonts.fontsource import LICENCES, packages
from train.runs.datasets import Shelf


@pytest.fixture(scope="module")
def glyphs() -> GlyphSet:
    return sample_set()


def test_it_holds_what_its_name_says(glyphs: GlyphSet) -> None:
    assert sample_file().stat().st_size < 10e6
    assert (glyphs.alphabet.name, glyphs.layout, glyphs.split_rule) == ("course52", "course", "families")
    assert not glyphs.notice
    assert len(glyphs.faces) == TRAIN + VALID == int(NAME.split()[1])
    for part, faces in (("train", TRAIN), ("valid", VALID)):
        images, labels = glyphs.part(part)
        assert len(images) == 52 * faces
        np.testing.assert_array_equal(np.bincount(labels), np.full(52, faces))
    assert {face.kind for face in glyphs.faces} == {"text"}
    # Ink on paper, none blank, in 16 greys that reach from white to black.
    assert (glyphs.images.reshape(len(glyphs), -1).max(axis=1) > 128).all()
    assert np.unique(glyphs.images).tolist() == list(range(0, 256, 17))


def test_no_family_is_on_both_sides(glyphs: GlyphSet) -> None:
    sides = [{glyphs.faces[face].key for face in np.unique(glyphs.face[glyphs.split == part])} for part in (0, 1)]
    assert sides[0] and sides[1] and not sides[0] & sides[1]


def test_the_card_lists_every_face_with_a_licence_that_allows_it(glyphs: GlyphSet) -> None:
    card = sample_file().with_name("README.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in card.splitlines() if line.startswith("| ")]
    rows = [row for row in rows if row[0] not in ("Family", "---")]
    listed = {(one.name, one.version, one.licence) for one in packages()}
    assert sorted((row[0], row[1]) for row in rows) == sorted((face.family, face.style) for face in glyphs.faces)
    assert all(row[3] in LICENCES and (*row[4].split(), row[3]) in listed for row in rows)
    assert glyphs.fingerprint() in card and "python -m train data sample" in card


def test_it_comes_first_among_data_sets(tmp_path: Path, glyphs: GlyphSet) -> None:
    other = GlyphSet(**{**vars(glyphs), "images": glyphs.images[:52], "labels": glyphs.labels[:52],
                        "face": glyphs.face[:52], "split": glyphs.split[:52]})  # fmt: skip
    other.save(tmp_path / "mine.npz")
    shelf = Shelf(tmp_path, tmp_path / "runs", shipped())
    assert list(shelf.names()) == [NAME, "mine"]
    assert shelf.get(NAME).count("valid") == 52 * VALID
    assert list(Shelf(tmp_path, tmp_path / "runs", {"gone": tmp_path / "gone.fd"}).names()) == ["mine"]


def test_it_is_a_source_for_visitors_too(tmp_path: Path) -> None:
    space = access({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": "on"})
    file = prepare(Source(SAMPLE), "course52", tmp_path, space, lambda _done, _of: None)
    assert file == sample_file() and expected_images(Source(SAMPLE), "course52") == (52 * TRAIN, 52 * VALID)
    with pytest.raises(FontdemoError, match="course52"):
        prepare(Source(SAMPLE), "alnum62", tmp_path, space, lambda _done, _of: None)


def test_it_is_made_of_fonts_whose_licence_is_listed_and_the_same_again(tmp_path: Path) -> None:
    fonts = ["DejaVuSans", "DejaVuSerif", "cmr10", "STIXGeneral", "DejaVuSansMono"]
    for name in fonts:
        saved(small_font(name), tmp_path / f"{name}.ttf")
    rows = [f"{name}.ttf\tSerif\t{'MIT' if name == 'cmr10' else 'OFL-1.1'}\t@fontsource/{name.lower()}\t1.0.0"
            for name in fonts[:4]]  # fmt: skip
    (tmp_path / "FONTS.tsv").write_text("\n".join(["file\tcategory\tlicence\tpackage\tversion", *rows, ""]))
    glyphs, card = make(tmp_path, 3, train=2, valid=1)
    assert {face.file for face in glyphs.faces} == {"DejaVuSans.ttf", "DejaVuSerif.ttf", "STIXGeneral.ttf"}
    assert "| OFL-1.1 | @fontsource/dejavusans 1.0.0 |" in card and "OFL-1.1 (3 faces)" in card
    again, same = make(tmp_path, 3, train=2, valid=1)
    assert (again.fingerprint(), same) == (glyphs.fingerprint(), card)
    with pytest.raises(FontdemoError, match="too few fetched fonts"):
        make(tmp_path, 3, train=3, valid=1)


def test_without_fetched_fonts_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FontdemoError, match="fonts --fetch"):
        make(tmp_path, 0)


def test_its_file_opens_without_its_images() -> None:
    assert PackedSet.open(sample.sample_file()).about.alphabet.name == "course52"
