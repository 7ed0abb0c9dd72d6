"""Packed sets looked into: the same as the whole set loaded; the list; damage and strangers' names."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.support.training import small_set
from train import arrays
from train.data import glyphset
from train.data.packed import PackedSet
from train.runs.datasets import batch_shapes


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`small_set` in chunks of seven images, the last one short."""
    monkeypatch.setattr(glyphset, "CHUNK", 7)
    monkeypatch.setattr("train.data.packed.CHUNK", 7)
    file = tmp_path / "data" / "small.npz"
    small_set().save(file)
    return file


def test_it_is_the_set_that_loads_whole(file: Path) -> None:
    whole, looked = glyphset.GlyphSet.load(file), PackedSet.open(file)
    assert looked.about == whole.about() and looked.bytes == file.stat().st_size
    for name in ("labels", "face", "split"):
        assert np.array_equal(getattr(looked, name), getattr(whole, name))
    for indices in ([0], [77, 3, 3, 41, 6, 7], list(range(78))):
        assert np.array_equal(looked.images(indices), whole.images[indices])
    assert (looked.count("train"), looked.count("valid"), looked.count("test")) == (52, 26, 0)


def test_a_part_alone_is_that_part_of_the_set_and_nothing_else_is_read(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, read = PackedSet.open(file), list[str]()
    read_array = arrays.read_array

    def watched(archive: zipfile.ZipFile, name: str, *others: Any) -> Any:
        read.append(name)
        return read_array(archive, name, *others)

    monkeypatch.setattr(arrays, "read_array", watched)
    valid = looked.part("valid")
    whole = glyphset.GlyphSet.load(file)
    chosen = whole.split == 1
    assert valid.about() == whole.about() and len(valid) == 26 == len(valid.outlier_split) + 26
    for name in ("images", "labels", "face", "split"):
        assert np.array_equal(getattr(valid, name), getattr(whole, name)[chosen])
    assert sorted(read[:5]) == [f"images{number:04}" for number in range(7, 12)]  # of twelve chunks of seven


def test_finding_by_character_family_and_part(file: Path) -> None:
    looked = PackedSet.open(file)
    for label, family, part in ((3, "", ""), (None, "family 1", ""), (3, "LY 0 reg", "train"), (None, "", "valid")):
        expected = [
            index for index in range(78)
            if label in (None, looked.labels[index])
            and family.lower() in f"Family {looked.face[index]} Regular".lower()
            and part in ("", "train" if index < 52 else "valid")
        ]  # fmt: skip
        assert looked.find(label, family, part).tolist() == expected
    assert len(looked.find(None, "no such", "")) == 0


def test_families_of_each_side(file: Path) -> None:
    looked = PackedSet.open(file)
    assert looked.families("train") == {f"Family {n}": 1 for n in range(3)}
    assert looked.keys("valid") == {f"family{n}" for n in range(3)} and looked.keys("test") == set()


def test_a_batch_is_of_the_reports_shape(tmp_path: Path) -> None:
    file = tmp_path / "large.npz"
    small_set(train=52, valid=60).save(file)
    assert batch_shapes(PackedSet.open(file), 50) == ((50, 1, 100, 100), (50,))
    images, labels = glyphset.GlyphSet.load(file).part("valid")
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(torch.from_numpy(images)[:, None], torch.from_numpy(labels)), 50
    )
    image, label = next(iter(loader))
    assert batch_shapes(PackedSet.open(file), 50) == (tuple(image.shape), tuple(label.shape))


def test_damage_is_reported(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(glyphset.GlyphSetError, match="small.npz"):
        PackedSet.open(file)
    file.write_bytes(content)
    looked = PackedSet.open(file)
    file.write_bytes(b"something else")
    with pytest.raises(glyphset.GlyphSetError, match="small.npz"):
        looked.images([0])
    file.unlink()
    with pytest.raises(glyphset.GlyphSetError, match="cannot be opened"):
        looked.images([0])
