"""Contact sheets of what was misread, so that a person can judge how many of them are readable at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fontdemo.alphabet import Alphabet
from train.benchmark.score import CASELESS, folded_right, right_of
from train.benchmark.sets.evalset import EvalSet
from train.data.contact_sheet import contact_sheet

#: Images on one sheet at most.
MOST = 400


def misread(alphabet: Alphabet, probabilities: NDArray[np.floating], truths: str) -> NDArray[np.int64]:
    """The indices of the misread among images with these probabilities (N, classes) and true characters.

    Those that are wrong even when case is not counted come first, then the others; each by true character. Images of
    characters that are in no class of the alphabet are not among them.
    """
    known = np.array([index for index, truth in enumerate(truths) if alphabet.label(truth) is not None], dtype=np.int64)
    counted = "".join(truths[index] for index in known)
    wrong = ~right_of(alphabet, probabilities[known], counted)
    only_case = folded_right(alphabet, probabilities[known], counted, CASELESS)
    order = sorted(np.flatnonzero(wrong), key=lambda index: (only_case[index], counted[index]))
    return known[np.array(order, dtype=np.int64)]


def sheet(alphabet: Alphabet, evalset: EvalSet, probabilities: NDArray[np.floating]) -> Image.Image | None:
    """The misread images of `evalset`, below each "truth -> answer, probability"; None if there are none.

    At most MOST of them, evenly spaced among all in the order of `misread`.
    """
    indices = misread(alphabet, probabilities, evalset.truths)
    if not len(indices):
        return None
    indices = indices[np.unique(np.linspace(0, len(indices) - 1, MOST).round().astype(np.int64))]
    best = probabilities[indices].argmax(axis=1)
    names = [
        f"{evalset.truths[index]} -> {alphabet.title(int(label))}, {100 * probabilities[index, label]:.0f} %"
        for index, label in zip(indices, best, strict=True)
    ]
    return contact_sheet(evalset.ink(indices), names, columns=16)
