"""Several packed data sets of one alphabet joined into one; every image stays in its part.

Only the images that are kept are held in memory, and each once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fontdemo.glyph.layout import SIDE
from train.data.glyphset import MAX_IMAGES, MIXED, GlyphSet, GlyphSetError
from train.data.packed import PackedSet


def join(files: Sequence[Path], most: int = MAX_IMAGES, seed: int = 0) -> GlyphSet:
    """One set of all images of the packed sets in `files`, each image in the part it was in.

    most: where there are more images, so many of them, drawn by `seed` from all parts alike, and as large a fraction of
    the outliers. Layout and ink are "mixed" where they differ; split and seed are the first one's. A family that is in
    the training part of one set and in another part of another makes the split "random" if it was "families" before.
    GlyphSetError if a file is no packed file or is damaged, or their alphabets differ.
    """
    sets = [PackedSet.open(file) for file in files]
    joined = _joined([each.bare() for each in sets])
    kept, others = np.arange(len(joined)), np.arange(len(joined.outlier_split))
    if len(kept) > most:
        rng = np.random.default_rng(seed)
        thinned = len(others) * most // len(kept)
        kept = np.sort(rng.choice(len(kept), most, replace=False))
        others = np.sort(rng.choice(len(others), thinned, replace=False))
    return replace(
        joined,
        images=_read("images", sets, [len(each.labels) for each in sets], kept),
        labels=joined.labels[kept], face=joined.face[kept], split=joined.split[kept],
        outliers=_read("outliers", sets, [len(each.outlier_split) for each in sets], others),
        outlier_split=joined.outlier_split[others],
    )  # fmt: skip


def _read(name: str, sets: Sequence[PackedSet], counts: Sequence[int], kept: NDArray[np.int64]) -> NDArray[np.uint8]:
    """What lies at the indices `kept`, ascending, of all sets' images (or outliers), so many of each one after another:
    uint8 (len(kept), SIDE, SIDE).
    """
    images = np.empty((len(kept), SIDE, SIDE), np.uint8)
    begin = 0
    for each, count in zip(sets, counts, strict=True):
        first, last = np.searchsorted(kept, (begin, begin + count))
        each.read(name, kept[first:last] - begin, images[first:last])
        begin += count
    return images


def _joined(sets: Sequence[GlyphSet]) -> GlyphSet:
    """All but the images of `sets` as one."""
    first = sets[0]
    if any(other.alphabet != first.alphabet for other in sets):
        raise GlyphSetError("sets of different alphabets cannot be joined")
    offsets = np.cumsum([0, *(len(each.faces) for each in sets[:-1])])
    rules = {each.split_rule for each in sets}
    trained, measured = set[str](), set[str]()
    for each in sets:
        trained |= {each.faces[face].key for face in np.unique(each.face[each.split == 0])}
        measured |= {each.faces[face].key for face in np.unique(each.face[each.split != 0])}
    rule = first.split_rule if len(rules) == 1 and not (rules == {"families"} and trained & measured) else "random"
    return replace(
        first,
        labels=np.concatenate([each.labels for each in sets]),
        face=np.concatenate([each.face + offset for each, offset in zip(sets, offsets, strict=True)]),
        split=np.concatenate([each.split for each in sets]),
        faces=tuple(note for each in sets for note in each.faces),
        layout=_one_or_mixed([each.layout for each in sets]),
        split_rule=rule,
        notice=" ".join(dict.fromkeys(each.notice for each in sets if each.notice)),
        ink=_one_or_mixed([each.ink for each in sets]),
        outlier_split=np.concatenate([each.outlier_split for each in sets]),
    )


def _one_or_mixed(values: Sequence[str]) -> str:
    return values[0] if len(set(values)) == 1 else MIXED
