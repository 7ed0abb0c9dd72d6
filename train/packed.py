"""Packed data sets to look into: which ones are here, and one of them without holding all of its images in memory.

Only names of the list that the server made are ever opened, whatever a browser sends.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from fontdemo.errors import FontdemoError
from train import run
from train.augment import augment
from train.glyphset import CHUNK, PARTS, About, opened, read_chunk, read_index

#: How packed files are called.
SUFFIXES = (".npz", ".fd")

# Descriptions kept in memory: a few megabytes each.
_KEPT = 4


@dataclass(frozen=True, eq=False)
class PackedSet:
    """A packed file's description; labels, face and split are as in `train.glyphset.GlyphSet`."""

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

    def images(self, places: Sequence[int]) -> NDArray[np.uint8]:
        """The images at `places`: uint8 (len(places), 100, 100), ink 255. GlyphSetError if the file is damaged."""
        with opened(self.path) as archive:
            numbers = sorted({place // CHUNK for place in places})
            # Copies, so that of each chunk only what is wanted stays in memory.
            kept: dict[int, NDArray[np.uint8]] = {}
            for number in numbers:
                chunk = read_chunk(archive, number, len(self.labels))
                kept |= {place: chunk[place % CHUNK].copy() for place in places if place // CHUNK == number}
        return np.stack([kept[place] for place in places])

    def count(self, part: str) -> int:
        """How many images are in a part of PARTS."""
        return int((self.split == PARTS.index(part)).sum())

    def find(self, label: int | None, family: str, part: str) -> NDArray[np.int64]:
        """The places of the images of class `label` (None: of all) in faces whose name holds `family` (any case).

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
        for place in np.unique(self.face[self.split == PARTS.index(part)]).tolist():
            name = self.about.faces[place].family
            counted[name] = counted.get(name, 0) + 1
        return dict(sorted(counted.items(), key=lambda item: item[0].casefold()))

    def keys(self, part: str) -> set[str]:
        """The families of a part, those that share glyphs counted as one (`FaceNote.key`)."""
        return {self.about.faces[place].key for place in np.unique(self.face[self.split == PARTS.index(part)]).tolist()}

    def batch_shapes(self, size: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The shapes of the first `size` validation images and labels, made as the trainer makes a batch."""
        part = PARTS.index("valid") if self.count("valid") else PARTS.index("train")
        places = np.flatnonzero(self.split == part)[:size]
        images = torch.from_numpy(self.images(places.tolist()))
        batch = augment("none", images, torch.Generator())
        return tuple(batch.shape), tuple(self.labels[places].shape)


class Shelf:
    """The packed sets that are here: those that ship, in the folder `cache`, and what runs under `runs` are trained on.

    Safe to share between threads.
    """

    def __init__(self, cache: Path, runs: Path, shipped: Mapping[str, Path] | None = None) -> None:
        """shipped: {name for people: file} of sets that come before all others."""
        self._cache, self._runs, self._shipped = cache, runs, dict(shipped or {})
        self._open: OrderedDict[tuple[Path, int], PackedSet] = OrderedDict()
        self._lock = threading.Lock()

    def names(self) -> dict[str, Path]:
        """{name for people: file}: those that ship, then the newest first."""
        named = {name: file for name, file in self._shipped.items() if file.is_file()}
        files = {file.resolve() for file in self._files()} - {file.resolve() for file in named.values()}
        dated = []
        for file in files:
            try:
                dated.append((-file.stat().st_mtime, file))
            except OSError:
                continue  # gone since
        for _, file in sorted(dated):
            name, number = file.stem, 2
            while name in named:
                name, number = f"{file.stem} ({number})", number + 1
            named[name] = file
        return named

    def get(self, name: object) -> PackedSet:
        """The set of this name; FontdemoError if there is none, or its file is damaged."""
        file = self.names().get(name) if isinstance(name, str) else None
        if file is None:
            raise FontdemoError("There is no such data set: choose one of the list.")
        try:
            key = file, file.stat().st_mtime_ns
        except OSError:
            raise FontdemoError("This data set is gone: choose another.") from None
        with self._lock:
            if key not in self._open:
                self._open[key] = PackedSet.open(file)
                while len(self._open) > _KEPT:
                    self._open.popitem(last=False)
            self._open.move_to_end(key)
            return self._open[key]

    def _files(self) -> list[Path]:
        found = []
        if self._cache.is_dir():
            # What is being written has a name that begins with a dot.
            found = [f for f in self._cache.iterdir() if f.suffix in SUFFIXES and not f.name.startswith(".")]
        for folder in run.runs_in(self._runs):
            try:
                found.append(Path(run.read_plan(folder).data))
            except FontdemoError:
                continue
        return [file for file in found if file.is_file()]
