"""train.data.build: splits, shortages, seeds; sets that follow another's split; sets drawn by a pen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from fontdemo.alphabet import get_alphabet
from fontdemo.errors import FontdemoError
from train.data.build import build
from train.data.glyphset import GlyphSet
from train.fonts.face import Face

ALPHABET = get_alphabet("course52")
NAMES = {"DejaVuSans": "sans", "DejaVuSans-Bold": "sans", "DejaVuSerif": "serif", "DejaVuSansMono": "mono",
         "STIXGeneral": "stix", "cmr10": "cmr", "cmtt10": "cmtt"}  # fmt: skip


def faces() -> list[Face]:
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    serifs = ("serif", "stix", "cmr")
    return [
        Face(folder / f"{name}.ttf", 0, (), key, name, key, "Serif" if key in serifs else "Sans Serif")
        for name, key in NAMES.items()
    ]


def crowd(count: int, families: int, category: str = "Serif") -> list[Face]:
    """`count` faces that draw alike, of `families` families."""
    path = faces()[0].path
    return [
        Face(path, 0, (), f"F{number % families}", str(number), f"f{number % families}", category)
        for number in range(count)
    ]


@settings(max_examples=25, deadline=None)
@given(st.tuples(*(st.integers(*reach) for reach in ((2, 40), (2, 12), (1, 20), (1, 12), (0, 5), (0, 9)))))
def test_no_family_is_on_two_sides(numbers: tuple[int, ...]) -> None:
    count, kinds, train, valid, test, seed = numbers
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("train.data.build.render", lambda chosen, *_, **__: np.zeros((len(chosen), 52, 1, 1), np.uint8))
        patch.setattr("train.data.build.SIDE", 1)
        try:
            data = build(crowd(count, kinds), ALPHABET, train=train, valid=valid, test=test, seed=seed)
        except FontdemoError as error:
            assert "too few" in str(error)
            return
    sides = [families(data, part) for part in range(3)]
    assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
    assert len(data) <= 52 * (train + valid + test)
    assert bool(data.notice) == (len(data) < 52 * (train + valid + test))


def test_the_random_split_has_as_many_of_every_class_in_each_part() -> None:
    data = build(faces(), ALPHABET, split="random", train=4, valid=2, test=1, seed=3, workers=1)
    for part, faces_in_it in ((0, 4), (1, 2), (2, 1)):
        assert (np.bincount(data.labels[data.split == part], minlength=52) == faces_in_it).all()
    assert len(families(data, 0) & families(data, 1)) > 0  # so it is not a split by families


def test_fewer_faces_than_asked_for_are_taken_in_proportion_and_reported() -> None:
    data = build(faces(), ALPHABET, split="random", train=800, valid=300, workers=1)
    assert (len(data.part("train")[1]), len(data.part("valid")[1])) == (6 * 52, 52)
    assert data.notice == "Asked for 800 + 300 faces, there were 7; took 6 + 1."
    with pytest.raises(FontdemoError, match="too few"):
        build(faces()[:1], ALPHABET, train=1, valid=1, workers=1)


def test_kind_text_leaves_other_faces_out() -> None:
    odd = [replace(face, category="Display") if face.family == "stix" else face for face in faces()]
    assert "stix" not in {note.family for note in build(odd, ALPHABET, train=6, valid=1, workers=1).faces}
    assert "stix" in {note.family for note in build(odd, ALPHABET, kind="all", train=6, valid=1, workers=1).faces}


def test_the_images_are_the_glyphs_and_the_seed_decides() -> None:
    data = build(faces(), ALPHABET, train=5, valid=2, seed=4, workers=1)
    index = 7 * 1 + 52 * 2
    note = data.faces[data.face[index]]
    font = ImageFont.truetype(str(faces()[0].path.parent / note.file), 100)
    square = Image.new("L", (100, 100))
    ImageDraw.Draw(square).text((50, 50), ALPHABET.classes[data.labels[index]], 255, font, anchor="mm")
    assert np.array_equal(data.images[index], np.asarray(square))
    assert build(faces(), ALPHABET, train=5, valid=2, seed=4, workers=1).fingerprint() == data.fingerprint()
    assert build(faces(), ALPHABET, train=5, valid=2, seed=5, workers=1).fingerprint() != data.fingerprint()


@pytest.mark.parametrize(
    "wrong", [{"layout": "round"}, {"kind": "x"}, {"split": "x"}, {"ink": "x"}, {"train": 0}, {"valid": -1},
              {"train": 10_000}], ids=str,
)  # fmt: skip
def test_settings_that_make_no_set_are_reported(wrong: dict[str, Any]) -> None:
    with pytest.raises(FontdemoError):
        build(faces(), ALPHABET, **wrong)


def families(data: object, part: int) -> set[str]:
    return {data.faces[face].family for face in data.face[data.split == part]}  # type: ignore[attr-defined]


def test_families_keep_the_side_that_they_have_in_another_set() -> None:
    first = build(faces(), ALPHABET, train=4, valid=3, seed=1, workers=1)
    train, valid = families(first, 0), families(first, 1)
    assert train and valid and not train & valid
    for seed in range(3):
        other = build(faces(), ALPHABET, train=4, valid=3, seed=seed, like=[first], layout="fit", workers=1)
        assert families(other, 0) == train and families(other, 1) == valid
    without = build(faces(), ALPHABET, train=4, valid=3, seed=2, workers=1)
    assert families(without, 1) != valid  # so that the test could fail


def test_a_family_new_to_the_other_set_goes_where_there_is_room_and_a_known_file_is_known_by_any_name() -> None:
    first = build(faces()[:5], ALPHABET, train=3, valid=2, seed=0, workers=1)
    renamed = [replace(face, family=f"{face.family} renamed") for face in faces()]
    other = build(renamed, ALPHABET, train=4, valid=3, seed=0, like=[first], workers=1)
    assert {name.removesuffix(" renamed") for name in families(other, 0)} >= families(first, 0)
    assert {name.removesuffix(" renamed") for name in families(other, 1)} >= families(first, 1)
    assert len(families(other, 0) | families(other, 1)) == 6


def test_a_random_split_is_like_no_other() -> None:
    first = build(faces(), ALPHABET, train=4, valid=3, workers=1)
    with pytest.raises(FontdemoError, match="split by families"):
        build(faces(), ALPHABET, split="random", train=4, valid=3, like=[first], workers=1)


def test_a_drawn_set_has_no_serifs_says_so_and_follows_its_seed() -> None:
    one, again, other = (
        build(faces(), ALPHABET, ink="traced", layout="fit", train=3, valid=1, seed=seed, workers=1)
        for seed in (3, 3, 4)
    )
    assert one.ink == "traced" and one.layout == "fit"
    assert {note.category for note in one.faces} == {"Sans Serif"}
    assert one.fingerprint() == again.fingerprint() != other.fingerprint()
    assert "DejaVuSans-Bold" not in {note.style for note in one.faces}  # too heavy for a pen
    assert len(one) == len(one.faces) * len(ALPHABET)
    printed = build(faces(), ALPHABET, layout="fit", train=4, valid=3, workers=1)
    assert not np.array_equal(printed.images[0], one.images[0])


def test_families_keep_the_sides_that_they_have_in_several_sets_and_what_one_measures_by_wins() -> None:
    first = build(faces()[:4], ALPHABET, train=3, valid=1, seed=1, workers=1)
    second = build(faces()[3:], ALPHABET, train=2, valid=1, seed=2, workers=1)
    both = build(faces(), ALPHABET, train=4, valid=3, seed=0, like=[first, second], workers=1)
    assert families(both, 1) >= families(first, 1) | families(second, 1)
    assert families(both, 0) >= (families(first, 0) | families(second, 0)) - families(both, 1)


@pytest.mark.parametrize("name", ["a\tb.ttf", "a\u200bb.ttf"])
def test_a_font_file_with_an_odd_name_does_not_spoil_the_set(tmp_path: Path, name: str) -> None:
    """What can't be shown in a name made the saved set one that could not be read again."""
    odd = replace(faces()[0], path=tmp_path / name)
    odd.path.write_bytes(faces()[0].path.read_bytes())
    data = build([odd, faces()[2]], ALPHABET, train=1, valid=1, split="random", workers=1)
    data.save(tmp_path / "x.npz")
    assert {face.file for face in GlyphSet.load(tmp_path / "x.npz").faces} == {"ab.ttf", faces()[2].file}
