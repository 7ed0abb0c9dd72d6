"""train.arrays against numpy: arrays of a .npz written and read back, and headers that lie."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from train.arrays import ArrayError, read_array, read_image_chunk, read_images, write_array, write_chunks


def test_what_is_written_is_what_numpy_reads(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.int64).reshape(4, 3)
    images = np.random.default_rng(0).integers(0, 256, (10, 5, 5)).astype(np.uint8)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        write_array(archive, "labels", values)
        write_chunks(archive, "images", images, 4)
    with np.load(tmp_path / "x.npz") as theirs:
        assert np.array_equal(theirs["labels"], values)
        assert np.array_equal(np.concatenate([theirs[f"images{n:04}"] for n in range(3)]), images)
    with zipfile.ZipFile(tmp_path / "x.npz") as archive:
        assert np.array_equal(read_images(archive, "images", 10, 5, 4), images)
        assert np.array_equal(read_image_chunk(archive, "images", 2, 10, 5, 4), images[8:])
        with pytest.raises(ArrayError):
            read_images(archive, "images", 11, 5, 4)


@pytest.mark.parametrize("values", [np.zeros((3, 2)), np.zeros((3, 3), np.int64), np.zeros((9, 2), np.int64)])
def test_another_type_shape_or_length_is_refused(values: np.ndarray) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        write_array(archive, "x", values)
    with zipfile.ZipFile(file) as archive, pytest.raises(ArrayError):
        read_array(archive, "x", np.dtype(np.int64), (2,), 8)
