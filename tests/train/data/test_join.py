"""train.data.join: sets put together keep every image, label, face and part."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fontdemo.alphabet import get_alphabet
from tests.support.training import letter_set, small_set
from train.data.glyphset import GlyphSet, GlyphSetError
from train.data.join import join


def saved(folder: Path, *sets: GlyphSet) -> list[Path]:
    """The sets in packed files."""
    files = [folder / f"{number}.fd" for number in range(len(sets))]
    for file, data in zip(files, sets, strict=True):
        data.save(file)
    return files


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are written and read in chunks of seven images."""
    for module in ("glyphset", "packed"):
        monkeypatch.setattr(f"train.data.{module}.CHUNK", 7)


def test_everything_is_there_and_the_file_gives_it_back(tmp_path: Path) -> None:
    one = letter_set(1)
    two = replace(letter_set(2), layout="fit", ink="traced", seed=9, notice="Few faces.")
    joined = join(saved(tmp_path, one, two))
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


def test_a_family_on_two_sides_is_no_split_by_families(tmp_path: Path) -> None:
    one, two = letter_set(1), letter_set(1)
    turned = replace(two, split=(1 - two.split).astype(np.uint8))
    assert join(saved(tmp_path, one, turned)).split_rule == "random"


def test_different_alphabets_and_damage_are_refused(tmp_path: Path) -> None:
    one = letter_set(1)
    files = saved(tmp_path, one, replace(one, alphabet=get_alphabet("alnum62")))
    with pytest.raises(GlyphSetError, match="alphabets"):
        join(files)
    files[1].write_bytes(files[1].read_bytes()[:5000])
    with pytest.raises(GlyphSetError, match=files[1].name):
        join(files)


@pytest.mark.usefixtures("small_chunks")
def test_a_thinned_set_keeps_a_chance_few_of_every_part_in_order(tmp_path: Path) -> None:
    made = np.arange(40, dtype=np.uint8).repeat(100 * 100).reshape(-1, 100, 100)
    data = replace(small_set(250, 50), outliers=made, outlier_split=(np.arange(40) % 2).astype(np.uint8))
    other = small_set(150, 50, seed=1)
    files = saved(tmp_path, data, other)
    few, again, others = (join(files, 100, seed) for seed in (1, 1, 2))
    assert len(few) == 100 and few.fingerprint() == again.fingerprint() != others.fingerprint()
    assert 60 < (few.split == 0).sum() < 95 and len(few.outliers) == len(few.outlier_split) == 8
    whole = [np.concatenate([getattr(each, name) for each in (data, other)]) for name in ("images", "labels", "split")]
    found = [np.flatnonzero((whole[0] == image).all((1, 2))) for image in few.images]
    indices = [int(places[0]) for places in found]
    assert indices == sorted(set(indices)) and max(indices) > 300
    assert whole[1][indices].tolist() == few.labels.tolist() and whole[2][indices].tolist() == few.split.tolist()
    numbers = few.outliers[:, 0, 0].tolist()
    assert numbers == sorted(set(numbers)) and [number % 2 for number in numbers] == few.outlier_split.tolist()
    assert np.array_equal(join(files, 500).images, whole[0])


@pytest.mark.usefixtures("small_chunks")
def test_joining_holds_no_image_twice(tmp_path: Path) -> None:
    """numpy tells tracemalloc what it allocates."""
    files = saved(tmp_path, small_set(600, 100), small_set(500, 100, seed=1))
    for most in (1300, 200):
        tracemalloc.start()
        try:
            joined = join(files, most)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert len(joined) == most and peak < joined.images.nbytes + 2_500_000
