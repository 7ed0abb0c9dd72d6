"""One packed file of a data set, read without holding more of its images in memory than are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fontdemo.glyph.layout import SIDE
from train.arrays import read_images
from train.data.glyphset import CHUNK, PARTS, About, GlyphSet, opened, read_index, read_outlier_split

#: How packed files are called.
SUFFIXES = (".npz", ".fd")


@dataclass(frozen=True, eq=False)
class PackedSet:
    """A packed file's description; the arrays are as in `train.data.glyphset.GlyphSet`."""

    path: Path
    bytes: int
    about: About
    labels: NDArray[np.int64]
    face: NDArray[np.int64]
    split: NDArray[np.uint8]
    outlier_split: NDArray[np.uint8]

    @staticmethod
    def open(path: Path) -> PackedSet:
        """Reads everything but the images; GlyphSetError if it is no packed file."""
        with opened(path) as archive:
            return PackedSet(path, path.stat().st_size, *read_index(archive), read_outlier_split(archive))

    def images(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """The images at `indices`: uint8 (len(indices), 100, 100), ink 255. GlyphSetError if the file is damaged."""
        kept, places = np.unique(np.array(indices, np.int64), return_inverse=True)
        found = np.empty((len(kept), SIDE, SIDE), np.uint8)
        self.read("images", kept, found)
        return found[places]

    def read(self, name: str, kept: NDArray[np.int64], into: NDArray[np.uint8]) -> None:
        """Put the "images" or "outliers" at the indices `kept`, which ascend, into uint8 (len(kept), 100, 100).

        GlyphSetError if the file is damaged.
        """
        count = len(self.labels if name == "images" else self.outlier_split)
        with opened(self.path) as archive:
            read_images(archive, name, count, SIDE, CHUNK, kept, into)

    def bare(self) -> GlyphSet:
        """All of the set but its images and outliers, of which there are none in it."""
        bare = self.about.with_images(np.zeros((0, SIDE, SIDE), np.uint8), self.labels, self.face, self.split)
        return replace(bare, outlier_split=self.outlier_split)

    def part(self, name: str) -> GlyphSet:
        """The set of one part's images alone, the only ones that are read. GlyphSetError if the file is damaged."""
        kept, others = (np.flatnonzero(split == PARTS.index(name)) for split in (self.split, self.outlier_split))
        images, outliers = (np.empty((len(rows), SIDE, SIDE), np.uint8) for rows in (kept, others))
        self.read("images", kept, images)
        self.read("outliers", others, outliers)
        found = self.labels[kept], self.face[kept], self.split[kept]
        return self.about.with_images(images, *found, outliers, self.outlier_split[others])

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
