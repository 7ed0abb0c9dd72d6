"""train.build: sets that follow another's split, and sets drawn by a pen. The rest of it is tested beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from fontdemo.alphabet import get_alphabet
from fontdemo.errors import FontdemoError
from train.build import build
from train.face import Face

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


def families(data: object, part: int) -> set[str]:
    return {data.faces[face].family for face in data.face[data.split == part]}  # type: ignore[attr-defined]


def test_families_keep_the_side_that_they_have_in_another_set() -> None:
    first = build(faces(), ALPHABET, train=4, valid=3, seed=1, workers=1)
    train, valid = families(first, 0), families(first, 1)
    assert train and valid and not train & valid
    for seed in range(3):
        other = build(faces(), ALPHABET, train=4, valid=3, seed=seed, like=first, layout="fit", workers=1)
        assert families(other, 0) == train and families(other, 1) == valid
    without = build(faces(), ALPHABET, train=4, valid=3, seed=2, workers=1)
    assert families(without, 1) != valid  # so that the test could fail


def test_a_family_new_to_the_other_set_goes_where_there_is_room_and_a_known_file_is_known_by_any_name() -> None:
    first = build(faces()[:5], ALPHABET, train=3, valid=2, seed=0, workers=1)
    renamed = [replace(face, family=f"{face.family} renamed") for face in faces()]
    other = build(renamed, ALPHABET, train=4, valid=3, seed=0, like=first, workers=1)
    assert {name.removesuffix(" renamed") for name in families(other, 0)} >= families(first, 0)
    assert {name.removesuffix(" renamed") for name in families(other, 1)} >= families(first, 1)
    assert len(families(other, 0) | families(other, 1)) == 6


def test_a_random_split_is_like_no_other() -> None:
    first = build(faces(), ALPHABET, train=4, valid=3, workers=1)
    with pytest.raises(FontdemoError, match="split by families"):
        build(faces(), ALPHABET, split="random", train=4, valid=3, like=first, workers=1)


def test_a_drawn_set_has_no_serifs_says_so_and_follows_its_seed() -> None:
    one, again, other = (
        build(faces(), ALPHABET, ink="drawn", layout="fit", train=3, valid=1, seed=seed, workers=1)
        for seed in (3, 3, 4)
    )
    assert one.ink == "drawn" and one.layout == "fit"
    assert {note.category for note in one.faces} == {"Sans Serif"}
    assert one.fingerprint() == again.fingerprint() != other.fingerprint()
    assert "DejaVuSans-Bold" not in {note.style for note in one.faces}  # too heavy for a pen
    assert len(one) == len(one.faces) * len(ALPHABET)
    printed = build(faces(), ALPHABET, layout="fit", train=4, valid=3, workers=1)
    assert not np.array_equal(printed.images[0], one.images[0])
