"""Several data sets of one alphabet joined into one; every image stays in its part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from train.data.glyphset import MIXED, GlyphSet, GlyphSetError


def thinned(data: GlyphSet, most: int, seed: int) -> GlyphSet:
    """At most `most` of the images and as large a fraction of the outliers, drawn by `seed` from all parts alike."""
    if len(data) <= most:
        return data
    rng = np.random.default_rng(seed)
    kept = np.sort(rng.choice(len(data), most, replace=False))
    others = np.sort(rng.choice(len(data.outliers), len(data.outliers) * most // len(data), replace=False))
    return replace(
        data,
        images=data.images[kept], labels=data.labels[kept], face=data.face[kept], split=data.split[kept],
        outliers=data.outliers[others], outlier_split=data.outlier_split[others],
    )  # fmt: skip


def join(sets: Sequence[GlyphSet]) -> GlyphSet:
    """One set of all images of `sets`, each image in the part it was in; GlyphSetError if their alphabets differ.

    Layout and ink are "mixed" where they differ; split and seed are the first one's. A family that is in the training
    part of one set and in another part of another makes the split "random" if it was "families" before.
    """
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
    return GlyphSet(
        images=np.concatenate([each.images for each in sets]),
        labels=np.concatenate([each.labels for each in sets]),
        face=np.concatenate([each.face + offset for each, offset in zip(sets, offsets, strict=True)]),
        split=np.concatenate([each.split for each in sets]),
        faces=tuple(note for each in sets for note in each.faces),
        alphabet=first.alphabet,
        layout=_one_or_mixed([each.layout for each in sets]),
        split_rule=rule,
        seed=first.seed,
        versions=first.versions,
        notice=" ".join(dict.fromkeys(each.notice for each in sets if each.notice)),
        ink=_one_or_mixed([each.ink for each in sets]),
        outliers=np.concatenate([each.outliers for each in sets]),
        outlier_split=np.concatenate([each.outlier_split for each in sets]),
    )


def _one_or_mixed(values: Sequence[str]) -> str:
    return values[0] if len(set(values)) == 1 else MIXED
