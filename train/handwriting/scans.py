"""Scans of people's digits from MNIST's files, in MNIST's own format. Nothing is drawn here.

MNIST (Y. LeCun, C. Cortes, C. J. C. Burges; CC BY-SA 3.0): digits that some 500 people wrote, scanned and scaled into
28×28 pixels, in IDX files (https://yann.lecun.com/exdb/mnist): a magic number, the sizes, then one byte a value.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fontdemo.errors import FontdemoError

#: The digits of MNIST's two parts, by what its files' names begin with; nobody wrote for both.
PARTS = ("train", "t10k")

# MNIST's files are smaller unpacked: 60,000 images.
_MOST = 64 << 20


class ScanError(FontdemoError):
    """A file of scans can't be read; says which and why."""


def read_mnist(folder: Path, part: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images uint8 (N, H, W), ink bright, and digits uint8 (N,) of the part "train" or "t10k"; packed by gzip or not.

    ScanError if the files are missing or anything else.
    """
    images = _read_idx(folder, f"{part}-images-idx3-ubyte", 3)
    labels = _read_idx(folder, f"{part}-labels-idx1-ubyte", 1)
    if len(images) != len(labels) or not len(labels) or int(labels.max()) > 9:
        raise ScanError(f"The images and digits of {part} in {folder.name} do not fit together.")
    return images, labels


def _read_idx(folder: Path, name: str, axes: int) -> NDArray[np.uint8]:
    """The values of an IDX file of bytes with `axes` axes."""
    plain, packed = folder / name, folder / f"{name}.gz"
    try:
        with gzip.open(packed) if packed.is_file() else plain.open("rb") as file:
            data = file.read(_MOST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ScanError(f"{name} can't be read: {error}.") from None
    head = 4 * (1 + axes)
    if len(data) > _MOST or data[:4] != bytes((0, 0, 8, axes)) or len(data) < head:
        raise ScanError(f"{name} is not an IDX file of {axes} axes as MNIST has.")
    shape = struct.unpack(f">{axes}I", data[4:head])
    if len(data) - head != np.prod([int(side) for side in shape], dtype=object):
        raise ScanError(f"{name} does not hold as many values as it says.")
    return np.frombuffer(data, np.uint8, offset=head).reshape(shape)
