"""train.data.join: sets put together keep every image, label, face and part."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fontdemo.alphabet import get_alphabet
from tests.support.training import letter_set, small_set
from train.data.glyphset import GlyphSet, GlyphSetError
from train.data.join import join, thinned


def test_everything_is_there_and_the_file_gives_it_back(tmp_path: Path) -> None:
    one = letter_set(1)
    two = replace(letter_set(2), layout="fit", ink="traced", seed=9, notice="Few faces.")
    joined = join([one, two])
    assert len(joined) == len(one) + len(two)
    for part in ("train", "valid"):
        images, labels = joined.part(part)
        assert np.array_equal(images, np.concatenate([one.part(part)[0], two.part(part)[0]]))
        assert np.array_equal(labels, np.concatenate([one.part(part)[1], two.part(part)[1]]))
    names = [joined.faces[face].family for face in joined.face]
    assert names == [each.faces[face].family for each in (one, two) for face in each.face]
    assert (joined.layout, joined.ink, joined.split_rule) == ("mixed", "mixed", "families")
    assert (joined.seed, joined.notice) == (one.seed, "Few faces.")
    joined.save(tmp_path / "joined.fd")
    assert GlyphSet.load(tmp_path / "joined.fd").about() == joined.about()


def test_a_family_on_two_sides_is_no_split_by_families() -> None:
    one, two = letter_set(1), letter_set(1)
    turned = replace(two, split=(1 - two.split).astype(np.uint8))
    assert join([one, turned]).split_rule == "random"


def test_different_alphabets_are_refused() -> None:
    one = letter_set(1)
    with pytest.raises(GlyphSetError, match="alphabets"):
        join([one, replace(one, alphabet=get_alphabet("alnum62"))])


def test_a_thinned_set_keeps_a_chance_few_of_every_part_in_order() -> None:
    made = np.zeros((40, 100, 100), np.uint8)
    data = replace(small_set(400, 100), outliers=made, outlier_split=(np.arange(40) % 2).astype(np.uint8))
    few, again, other = (thinned(data, 100, seed) for seed in (1, 1, 2))
    assert len(few) == 100 and few.fingerprint() == again.fingerprint() != other.fingerprint()
    assert 60 < (few.split == 0).sum() < 95 and len(few.outliers) == len(few.outlier_split) == 8
    indices = [np.flatnonzero((data.images == image).all((1, 2)))[0] for image in few.images]
    assert indices == sorted(set(indices))
    assert [data.labels[index] for index in indices] == few.labels.tolist()
    assert thinned(data, 500, 1) is data
