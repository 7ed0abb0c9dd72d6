"""train.handwriting.scans: MNIST's own format, written here by its description; what is anything else is refused."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from train.handwriting.scans import ScanError, read_mnist


def idx(values: np.ndarray) -> bytes:
    """An IDX file of bytes: two zeros, the type (8), the number of axes, the sizes, the values."""
    return struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape) + values.astype(np.uint8).tobytes()


def write(folder: Path, part: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(count)
    images, labels = rng.integers(0, 256, (count, 28, 20)), np.arange(count) % 10
    (folder / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
    (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    return images, labels


def test_images_and_digits_are_those_of_the_files_packed_or_not(tmp_path: Path) -> None:
    images, labels = write(tmp_path, "t10k", 23)
    found = read_mnist(tmp_path, "t10k")
    assert (found[0] == images).all() and (found[1] == labels).all()
    assert found[0].dtype == found[1].dtype == np.uint8


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: b"", "not an IDX file"),
        (lambda data: b"\x80\x04" + data, "not an IDX file"),
        (lambda data: data[:-1], "as many values"),
        (lambda data: data + b"0", "as many values"),
        (lambda data: data[:4] + b"\xff" * 12 + data[16:], "as many values"),
        (lambda data: idx(np.zeros((22, 28, 20))), "do not fit"),
    ],
)
def test_anything_else_is_told_by_its_name(tmp_path: Path, spoil: object, says: str) -> None:
    write(tmp_path, "train", 23)
    file = tmp_path / "train-images-idx3-ubyte"
    file.write_bytes(spoil(file.read_bytes()))  # type: ignore[operator]
    with pytest.raises(ScanError, match=says):
        read_mnist(tmp_path, "train")


def test_missing_damaged_and_false_labels(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="train-images"):
        read_mnist(tmp_path, "train")
    write(tmp_path, "train", 23)
    packed = tmp_path / "train-labels-idx1-ubyte.gz"
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(ScanError, match="train-labels"):
        read_mnist(tmp_path, "train")
    packed.write_bytes(gzip.compress(idx(np.full(23, 10))))
    with pytest.raises(ScanError, match="do not fit"):
        read_mnist(tmp_path, "train")
