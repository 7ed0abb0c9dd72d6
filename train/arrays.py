"""Arrays in a zip of .npy members, as .npz files are: equal arrays make equal files, and claims are checked first.

Long arrays lie in chunks, so that several threads inflate them. Nothing is unpickled. What the arrays mean is up to
`train.data.glyphset`.
"""

from __future__ import annotations

import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontdemo.errors import FontdemoError

# One moment for every member, so that equal sets make equal files.
_EPOCH = (1980, 1, 1, 0, 0, 0)


class ArrayError(FontdemoError):
    """An archive's array is not what it should be; says which and how."""


def write_array(archive: zipfile.ZipFile, name: str, values: NDArray[Any]) -> None:
    """Append the array `name`."""
    member = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(member, "w") as file:
        np.lib.format.write_array(file, values, version=(1, 0), allow_pickle=False)


def write_chunks(archive: zipfile.ZipFile, name: str, values: NDArray[Any], chunk: int) -> None:
    """Append `values`, so many at a time, as `name`0000, `name`0001 and so on; nothing where there are none."""
    for number, start in enumerate(range(0, len(values), chunk)):
        write_array(archive, f"{name}{number:04}", values[start : start + chunk])


def read_array(
    archive: zipfile.ZipFile, name: str, dtype: type[Any], inner: tuple[int, ...], limit: int
) -> NDArray[Any]:
    """The array `name`, of shape (up to limit, *inner) and this dtype; its header is checked before the rest."""
    info = archive.getinfo(f"{name}.npy")
    with archive.open(info) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ArrayError(f"{name} has an unknown form")
        shape, fortran, found = np.lib.format.read_array_header_1_0(file)
        size = int(np.prod(shape, dtype=object)) * found.itemsize
        if found != np.dtype(dtype) or fortran or shape[1:] != inner or len(shape) != 1 + len(inner):
            raise ArrayError(f"{name} is of shape {shape} and type {found}")
        if shape[0] > limit or info.file_size != file.tell() + size:
            raise ArrayError(f"{name} is of another size than it may be")
        data = file.read(size)
    if len(data) != size:
        raise ArrayError(f"{name} is cut short")
    return np.frombuffer(data, dtype).reshape(shape)


def read_images(
    archive: zipfile.ZipFile,
    name: str,
    count: int,
    side: int,
    chunk: int,
    kept: NDArray[np.int64] | None = None,
    into: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """The `count` images called `name`, out of their chunks: uint8 (count, side, side); ArrayError if they are fewer.

    kept: indices, ascending; only these are read, and no chunk without one of them. into: where they go, unless they
    are to have an array of their own.
    """
    kept = np.arange(count) if kept is None else kept
    images = np.empty((len(kept), side, side), np.uint8) if into is None else into
    starts = range(0, count, chunk)
    found = sum(member.startswith(name) for member in archive.namelist())
    if found != len(starts):
        raise ArrayError(f"there are {found} chunks of {name} instead of {len(starts)}")

    def inflate(number: int) -> None:
        first, last = np.searchsorted(kept, (starts[number], starts[number] + chunk))
        if first < last:
            part = read_image_chunk(archive, name, number, count, side, chunk)
            # In this mode numpy writes straight into `out`; every index is within the chunk.
            np.take(part, kept[first:last] - starts[number], axis=0, out=images[first:last], mode="clip")

    with ThreadPoolExecutor() as pool:
        list(pool.map(inflate, range(len(starts))))
    return images


def read_image_chunk(
    archive: zipfile.ZipFile, name: str, number: int, count: int, side: int, chunk: int
) -> NDArray[np.uint8]:
    """Chunk `number` of `count` images called `name`: uint8 (up to chunk, side, side)."""
    wanted = min(chunk, count - number * chunk)
    images = read_array(archive, f"{name}{number:04}", np.uint8, (side, side), wanted)
    if len(images) != wanted:
        raise ArrayError("a chunk of images is short")
    return images
