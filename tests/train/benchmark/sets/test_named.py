"""Named sets: the same by seed, from held-out glyphs alone, and each what its name says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support.training import letter_set
from train.benchmark.sets.evalset import BenchmarkError
from train.benchmark.sets.named import NAMES, held_out, named

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
