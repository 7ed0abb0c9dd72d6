"""Named sets: the same by seed, from held-out glyphs alone, and each what its name says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support.training import letter_set
from train.benchmark.sets import pictures
from train.benchmark.sets.evalset import BenchmarkError
from train.benchmark.sets.named import NAMES, held_out, named
from train.benchmark.sets.pictures import MAKERS, cropped
from train.benchmark.sets.symbols import SCRIPTS, SIGNS, symbols

DATA = letter_set()


@pytest.mark.parametrize("name", NAMES)
def test_a_set_is_the_same_by_seed_and_shows_held_out_glyphs(name: str) -> None:
    done: list[int] = []
    first, again, other = named(DATA, name, 12, 3, done.append), named(DATA, name, 12, 3), named(DATA, name, 12, 4)
    assert first.name == name and np.array_equal(first.images, again.images) and first.truths == again.truths
    assert len(first) + len(first.refused) <= 12 and first.others.keys() == again.others.keys()
    assert name == "heavy" or done[-1] == 12 and not (other.truths == first.truths)
    known = {DATA.alphabet.classes[label] for label in DATA.labels[held_out(DATA)]}
    assert set(first.truths + first.refused) <= known
    for index, others in first.others.items():
        assert 0 <= index < len(first) and len(others.priors) == len(others.images) + 1


def test_nothing_held_out_is_reported() -> None:
    with pytest.raises(BenchmarkError, match="neither"):
        named(replace(DATA, split=np.zeros(len(DATA), np.uint8)), "tight", 3)


def test_the_heaviest_and_widest_faces_are_taken() -> None:
    images = np.zeros((4 * 8, 100, 100), np.uint8)
    for face in range(8):
        for letter in range(4):
            images[4 * face + letter, 20:80, 20 : 30 + 2 * letter] = 255  # bars, all of one weight
    images[4 * 6 : 4 * 7, 20:80, 10:90] = 255  # a wide one
    images[4:16, :, 28:] = 0  # three that are narrower, with less ink in their box
    images[4:16, 40:60, 20:25] = 0
    labels = np.tile(np.arange(4), 8)
    face = np.repeat(np.arange(8), 4)
    notes = tuple(replace(DATA.faces[0], family=f"Face {number}", key=str(number)) for number in range(8))
    about = replace(DATA.about(), faces=notes)
    data = about.with_images(images, labels, face, np.ones(32, np.uint8))
    found = {image.tobytes() for image in named(data, "heavy", 100).images}
    assert images[4 * 6].tobytes() in found and images[4].tobytes() not in found


def test_tight_crops_have_two_pixels_of_margin_at_most_and_either_polarity() -> None:
    ink = np.ones((60, 30), np.float32)
    ink[5:55, 5:25] = 0  # a frame: its corners tell where it ends
    dark = []
    for seed in range(20):
        values = np.asarray(pictures.tight(ink, ink, np.random.default_rng(seed)), dtype=float)
        middle = values[values.shape[0] // 2, values.shape[1] // 2]
        rows = np.flatnonzero((np.abs(values - middle) > 60).any(axis=1))
        assert 18 <= np.ptp(rows) + 1 <= 42 and rows[0] <= 2 and len(values) - rows[-1] - 1 <= 2
        dark.append(middle > 127)
    assert 3 < sum(dark) < 17


def test_a_desk_is_darker_than_the_sheet_and_goes_all_round_it() -> None:
    ink = np.ones((60, 30), np.float32)
    for seed in range(10):
        values = np.asarray(pictures.desk(ink, ink, np.random.default_rng(seed)), dtype=float)
        border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
        assert np.percentile(values, 80) > border.mean() + 25


def test_every_maker_leaves_the_ink_that_it_is_given_alone() -> None:
    ink = cropped(DATA.images[0])
    before = ink.copy()
    for maker in MAKERS.values():
        maker(ink, ink, np.random.default_rng(0))
    assert np.array_equal(ink, before)


def test_symbols_are_in_the_font_that_ships_and_none_of_ours() -> None:
    from fontTools.ttLib import TTFont

    from fontdemo.alphabet import CHARACTERS
    from train.benchmark.sets.symbols import _FACES, _FONTS

    for face in _FACES:
        held = TTFont(_FONTS / face).getBestCmap()
        assert all(ord(sign) in held for sign in SIGNS + SCRIPTS), face
    assert not set(SIGNS + SCRIPTS) & set(CHARACTERS)
    first, again = symbols(6, 1), symbols(6, 1)
    assert [loaded.name for loaded in first] == ["signs", "other scripts", "drawn signs"]
    for loaded, same in zip(first, again, strict=True):
        assert len(loaded) + len(loaded.refused) == 6 and np.array_equal(loaded.images, same.images)
        assert all(0.02 < image.mean() < 0.6 for image in loaded.images)
