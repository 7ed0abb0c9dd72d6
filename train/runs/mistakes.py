"""What a run's best network misreads in the validation part of its data: counts, and the worst mistakes."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from fontdemo.alphabet import Alphabet
from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from train.data.packed import PackedSet
from train.loop.evaluate import evaluate
from train.runs.folder import RunFolder

#: Worst mistakes kept.
WORST = 24


@dataclass(frozen=True)
class Mistake:
    """image: uint8 (100, 100), ink 255, of class `label` in the typeface `face`, taken for class `read_as`.

    confidence: the probability that the network gave to `read_as`.
    """

    image: NDArray[np.uint8]
    label: int
    read_as: int
    confidence: float
    face: str


@dataclass(frozen=True)
class Mistakes:
    """counts: int (classes, classes), images of the row's class taken for the column's. worst: the surest first."""

    alphabet: Alphabet
    counts: NDArray[np.int64]
    worst: tuple[Mistake, ...]

    @property
    def total(self) -> int:
        """Images tested."""
        return int(self.counts.sum())

    @property
    def right(self) -> int:
        """Images read rightly."""
        return int(self.counts.trace())

    def by_class(self) -> NDArray[np.float64]:
        """Fraction read rightly of each class (classes,); NaN for one that is not in the data."""
        of = self.counts.sum(axis=1)
        right, unknown = self.counts.diagonal(), np.full(len(of), np.nan)
        return np.asarray(np.divide(right, of, out=unknown, where=of > 0))

    def pairs(self, most: int) -> list[tuple[int, int, int, int]]:
        """The pairs most confused, (class, other class, how often the one was taken for the other, the other way)."""
        both = np.triu(self.counts + self.counts.T, 1)
        order = np.argsort(-both, axis=None, kind="stable")[:most]
        found = [(int(index) // len(both), int(index) % len(both)) for index in order]
        return [(a, b, int(self.counts[a, b]), int(self.counts[b, a])) for a, b in found if both[a, b]]


def of_run(folder: Path) -> Mistakes:
    """Test the best network of the run in `folder`; seconds on a CPU, at once where it was tested before.

    FontdemoError if it has none yet, or its data is gone.
    """
    try:
        changed = (folder / "best" / pretrained.MODEL).stat().st_mtime_ns
    except OSError:
        raise FontdemoError("This run has no network yet. It gets one at the end of its first epoch.") from None
    return _tested(folder, changed)


@functools.lru_cache(maxsize=8)
def _tested(folder: Path, _changed: int) -> Mistakes:
    plan = RunFolder(folder).plan()
    network = pretrained.load(folder / "best")
    data = PackedSet.open(Path(plan.data)).part("valid")
    images, labels = data.images, data.labels
    if data.alphabet != network.alphabet or not len(labels):
        raise FontdemoError("This run's data has changed since it was trained.")
    result = evaluate(network, torch.from_numpy(images), torch.from_numpy(labels))
    read_as = result.predictions.numpy()
    classes = len(network.alphabet)
    counts = np.bincount(labels * classes + read_as, minlength=classes**2).reshape(classes, classes)
    wrong = np.flatnonzero(read_as != labels)
    surest = wrong[np.argsort(-result.confidence.numpy()[wrong], kind="stable")][:WORST]
    worst = []
    for index in surest:
        note = data.faces[data.face[index]]
        name = f"{note.family} {note.style}".strip() or note.file
        image = images[index].copy()  # a view would keep all images as long as this result is kept
        worst.append(Mistake(image, int(labels[index]), int(read_as[index]), float(result.confidence[index]), name))
    return Mistakes(network.alphabet, counts, tuple(worst))
