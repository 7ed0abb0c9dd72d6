"""Characters that one drawing may stand for, and whether a network's probabilities add up to an answer at all.

A character's look-alikes are its direct partners in PAIRS, never partners of partners: S may be s or 5, yet 5 is no s.
Numbers and names only; it holds no words for people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fontdemo.alphabet import Alphabet

#: A look-alike with a probability of no more than this is not worth a word.
NEGLIGIBLE = 0.02

#: From this probability on, ink in two tall parts side by side is taken for one character that is drawn in two.
SURELY_ONE = 0.98

#: Two cases of one shape and another size: where a crop has taken the size away, nothing is left to tell them by.
#: Not k, p and u: K's arms start lower than k's, p's stem is longer than P's, most u have a stem at the right.
SAME_SHAPES = ("Cc", "Oo", "Ss", "Vv", "Ww", "Xx", "Zz")

#: Two characters that many faces or hands make alike. Not here: what only careless hands mix up (a u, n h, r v).
PAIRS = (
    *SAME_SHAPES,
    "O0", "o0",  # a ring: only a slash, a dot or a narrower form makes it the digit
    "Il", "I1", "l1",  # a bar: many sans faces give I and l no serif, many hands give 1 no flag
    "Kk", "Pp", "Uu",  # the two cases differ in how long one stroke is, and in many faces not even in that
    "S5",  # a 5 whose flag is drawn in one go with its belly; s is not a 5: it has no height for a flag
    "Z2", "z2",  # a 2 without a loop, its back straight
    "B8",  # square faces, and an 8 with a straight left side
    "G6", "b6",  # a 6 with a straight back is a b, one with an inward hook a G
    "g9", "q9",  # a g of one storey is a 9, and so is a q whose tail bends
)  # fmt: skip

_PARTNERS: dict[str, frozenset[str]] = {
    character: frozenset(pair.replace(character, "") for pair in PAIRS if character in pair)
    for character in "".join(PAIRS)
}
_OTHER_CASE = {pair[side]: pair[1 - side] for pair in SAME_SHAPES for side in (0, 1)}


@dataclass(frozen=True)
class Answer:
    """The classes that an answer stands for, and whether it is one.

    together: (label, probability) of the likeliest class, then of its look-alikes, likeliest first. probability: their
    sum. certain: False where that sum is below the network's threshold: "I can't tell". several: whether that is said
    because it looks like two characters side by side.
    """

    together: tuple[tuple[int, float], ...]
    probability: float
    certain: bool
    several: bool = False


def lookalikes(alphabet: Alphabet, label: int) -> list[int]:
    """The labels of the classes that look like class `label`, in order; a class's own two cases are one class."""
    partners = set().union(*(_PARTNERS.get(character, ()) for character in alphabet.characters(label)))
    found = {alphabet.label(partner) for partner in partners} - {None, label}
    return sorted(other for other in found if other is not None)


def judge(
    alphabet: Alphabet,
    probabilities: NDArray[np.float32],
    threshold: float = 0.0,
    *,
    cropped: bool = False,
    side_by_side: bool = False,
    left: NDArray[np.bool_] | None = None,
) -> Answer:
    """What `probabilities` (classes,) summing to 1 come to; `threshold` in 0..1 is the network's.

    A look-alike of the likeliest class counts if its probability is more than NEGLIGIBLE. cropped: the glyph's size and
    position say nothing, so that the other case of the same shape counts whatever its probability. side_by_side: the
    ink stands in two tall parts (`fontdemo.glyph.segment`); no answer below SURELY_ONE then, unless the threshold is 0,
    so that everything is answered. left: bool (classes,), the classes that come into question; all by default.
    """
    best = int(probabilities.argmax())
    same = {alphabet.label(_OTHER_CASE.get(own, own)) for own in alphabet.characters(best)} if cropped else set()
    beside = [label for label in lookalikes(alphabet, best) if probabilities[label] > NEGLIGIBLE or label in same]
    if left is not None:
        beside = [label for label in beside if left[label]]
    beside.sort(key=lambda label: -probabilities[label])
    together = tuple((label, float(probabilities[label])) for label in (best, *beside))
    probability = min(1.0, sum(part for _, part in together))
    several = side_by_side and threshold > 0 and probability < SURELY_ONE
    return Answer(together, probability, probability >= threshold and not several, several)
