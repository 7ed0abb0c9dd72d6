"""Named sets to measure on that anyone can make: from the held-out glyphs of a packed data set, by a seed.

Pictures of them as people bring them (`train.benchmark.sets.pictures`), and the heaviest and widest faces among them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from train.benchmark.sets.evalset import BenchmarkError, EvalSet, Progress, from_data, of_pictures
from train.benchmark.sets.pictures import MAKERS, cropped
from train.data.glyphset import GlyphSet

HEAVY = "heavy"

#: The sets that can be asked for.
NAMES = (*MAKERS, HEAVY)

# Of the held-out faces so many are the heaviest, and as many the widest: a tenth, but three at least.
_FRACTION, _LEAST = 0.1, 3


def held_out(data: GlyphSet) -> NDArray[np.int64]:
    """The indices of the images that networks do not learn from: the test part, or else the valid part."""
    for part in (2, 1):
        indices = np.flatnonzero(data.split == part)
        if len(indices):
            return indices
    raise BenchmarkError("The data set has neither a test nor a valid part to make pictures from.")


def named(data: GlyphSet, name: str, count: int, seed: int = 0, progress: Progress = lambda _: None) -> EvalSet:
    """The set called `name` (one of NAMES) of about `count` images; BenchmarkError if nothing is held out.

    Where the data set's layout is not `fit`, its glyphs may be cut by the square, and so are these.
    """
    indices = held_out(data)
    rng = np.random.default_rng(seed)
    if name == HEAVY:
        chosen = indices[np.isin(data.face[indices], _heaviest(data, indices))]
        if len(chosen) > count:
            chosen = np.sort(rng.choice(chosen, count, replace=False))
        part = np.full(len(data), 0, np.uint8)
        part[chosen] = 2
        whole = from_data(data.about().with_images(data.images, data.labels, data.face, part))
        return EvalSet(name, whole.images, whole.truths, whole.source, cropped=whole.cropped)

    def pictures() -> Iterator[tuple[str, Image.Image]]:
        for index, other in zip(rng.choice(indices, count), rng.choice(indices, count), strict=True):
            inks = cropped(data.images[index]), cropped(data.images[other])
            yield data.alphabet.classes[data.labels[index]], MAKERS[name](*inks, rng)

    return of_pictures(name, pictures(), progress)


def _heaviest(data: GlyphSet, indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """The faces with the most ink in the box of their characters, and those whose boxes are widest for their height."""
    faces = np.unique(data.face[indices])
    weight, width = np.empty(len(faces)), np.empty(len(faces))
    for row, face in enumerate(faces):
        inks = [cropped(data.images[index]) for index in indices[data.face[indices] == face]]
        weight[row] = np.mean([ink.mean() for ink in inks])
        width[row] = np.mean([ink.shape[1] / ink.shape[0] for ink in inks])
    count = min(len(faces), max(_LEAST, round(_FRACTION * len(faces))))
    return faces[np.union1d(np.argsort(-weight)[:count], np.argsort(-width)[:count])]
