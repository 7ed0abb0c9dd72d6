"""Category and looks: a face's category from its tables, name and looks; against the list of Google Fonts."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from fontdemo.alphabet import get_alphabet
from train.fonts.category import category_of, is_display_style
from train.fonts.face import CATEGORIES, TEXT_CATEGORIES, Face
from train.fonts.find import find_faces
from train.fonts.inspect import Tables
from train.fonts.similarity import Resemblance

GOOGLE = Path(__file__).parents[4] / "shared" / "data" / "fonts"
ALNUM = get_alphabet("alnum62")
SERIF, SANS = Resemblance(0.95, 0.1), Resemblance(0.95, -0.1)


@pytest.mark.parametrize(
    ("tables", "family", "alike", "category"),
    [
        (Tables(), "Plain", SERIF, "Serif"),
        (Tables(), "Plain", SANS, "Sans Serif"),
        (Tables(), "Plain", Resemblance(0.5, 0.1), "Display"),
        (Tables(letters=2), "Open Sans", SERIF, "Sans Serif"),
        (Tables(letters=2), "OldSerif", SANS, "Serif"),
        (Tables(letters=3), "Open Sans", SANS, "Handwriting"),
        (Tables(family_class=10), "Plain", SANS, "Handwriting"),
        (Tables(), "Kaushan Script", SERIF, "Handwriting"),
        (Tables(letters=4), "Plain", SERIF, "Display"),
        (Tables(family_class=12), "Plain", SERIF, "Display"),
        (Tables(fixed_pitch=True), "Plain", SERIF, "Monospace"),
        (Tables(), "IBM Plex Mono", SANS, "Monospace"),
        # A cut for large sizes is a text face if it looks like one, no manuscript is a script.
        (Tables(), "Playfair Display", SERIF, "Serif"),
        (Tables(), "Playfair Display", Resemblance(0.86, 0.1), "Display"),
        (Tables(), "Manuscripta", SERIF, "Serif"),
    ],
)
def test_the_category_from_tables_name_and_looks(
    tables: Tables, family: str, alike: Resemblance, category: str
) -> None:
    assert category_of(tables, family, alike) == category


def test_styles_for_display_are_told_by_whole_words() -> None:
    assert is_display_style("Bold Outline") and is_display_style("Shadow")
    assert not any(is_display_style(style) for style in ("", "Bold Italic", "Outliner", "Shadowless"))


def test_the_kind_is_that_of_the_category() -> None:
    categories = {category: Face(Path("x"), 0, (), "A", "", "a", category).kind for category in CATEGORIES}
    assert {category for category, kind in categories.items() if kind == "text"} == set(TEXT_CATEGORIES)


def test_kinds_are_mostly_those_of_the_list(tmp_path: Path) -> None:
    """Over a part of Google Fonts, without its list at hand: at least four faces of five are of the right kind."""
    if not (GOOGLE / "FONTS.tsv").is_file():
        pytest.skip("the collection of Google Fonts with its list, shared/data/fonts, is not here")
    with (GOOGLE / "FONTS.tsv").open(encoding="utf-8", newline="") as file:
        listed = {row["file"]: row["category"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    for file in sorted(listed)[::8]:
        (tmp_path / Path(file).parent).mkdir(exist_ok=True)
        (tmp_path / file).symlink_to(GOOGLE / file)
    faces = find_faces([tmp_path], ALNUM, workers=1).faces
    right = [
        face.kind == ("text" if listed[str(face.path.relative_to(tmp_path))] in TEXT_CATEGORIES else "other")
        for face in faces
    ]
    assert len(right) > 60 and np.mean(right) > 0.8
