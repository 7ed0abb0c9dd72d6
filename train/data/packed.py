"""One packed file of a data set, read without holding all of its images in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fontdemo.glyph.layout import SIDE
from train.arrays import read_image_chunk
from train.data.glyphset import CHUNK, PARTS, About, opened, read_index

#: How packed files are called.
SUFFIXES = (".npz", ".fd")


@dataclass(frozen=True, eq=False)
class PackedSet:
    """A packed file's description; labels, face and split are as in `train.data.glyphset.GlyphSet`."""

    path: Path
    bytes: int
    about: About
    labels: NDArray[np.int64]
    face: NDArray[np.int64]
    split: NDArray[np.uint8]

    @staticmethod
    def open(path: Path) -> PackedSet:
        """Reads everything but the images; GlyphSetError if it is no packed file."""
        with opened(path) as archive:
            return PackedSet(path, path.stat().st_size, *read_index(archive))

    def images(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """The images at `indices`: uint8 (len(indices), 100, 100), ink 255. GlyphSetError if the file is damaged."""
        with opened(self.path) as archive:
            chunks = sorted({index // CHUNK for index in indices})
            # Copies, so that of each chunk only what is wanted stays in memory.
            kept: dict[int, NDArray[np.uint8]] = {}
            for number in chunks:
                chunk = read_image_chunk(archive, "images", number, len(self.labels), SIDE, CHUNK)
                kept |= {index: chunk[index % CHUNK].copy() for index in indices if index // CHUNK == number}
        return np.stack([kept[index] for index in indices])

    def count(self, part: str) -> int:
        """How many images are in a part of PARTS."""
        return int((self.split == PARTS.index(part)).sum())

    def find(self, label: int | None, family: str, part: str) -> NDArray[np.int64]:
        """The indices of the images of class `label` (None: of all) in faces whose name holds `family` (any case).

        part: one of PARTS, or "" for all.
        """
        wanted = family.strip().casefold()
        named = np.array([wanted in f"{face.family} {face.style}".casefold() for face in self.about.faces], dtype=bool)
        chosen = named[self.face]
        if label is not None:
            chosen &= self.labels == label
        if part in PARTS:
            chosen &= self.split == PARTS.index(part)
        return np.flatnonzero(chosen)

    def families(self, part: str) -> dict[str, int]:
        """{family: how many of its faces} with an image in that part, sorted by name."""
        counted: dict[str, int] = {}
        for index in np.unique(self.face[self.split == PARTS.index(part)]).tolist():
            name = self.about.faces[index].family
            counted[name] = counted.get(name, 0) + 1
        return dict(sorted(counted.items(), key=lambda item: item[0].casefold()))

    def keys(self, part: str) -> set[str]:
        """The families of a part, those that share glyphs counted as one (`FaceNote.key`)."""
        return {self.about.faces[index].key for index in np.unique(self.face[self.split == PARTS.index(part)]).tolist()}
