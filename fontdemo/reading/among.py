"""What a person already knows of a character, so that the answer is one of these: a digit, a capital, ...

Names, sets of characters and arithmetic on probabilities; nothing is read here.
"""

from __future__ import annotations

import string

import numpy as np
from numpy.typing import NDArray

from fontdemo.alphabet import CHARACTERS, Alphabet
from fontdemo.errors import FontdemoError

#: Nothing is said.
ANYTHING = "anything"

#: What may be said -> the characters that it leaves.
AMONG = {
    ANYTHING: CHARACTERS,
    "digit": string.digits,
    "letter": string.ascii_letters,
    "capital": string.ascii_uppercase,
    "small": string.ascii_lowercase,
}

#: The same in words for people -> its name.
CHOICES = {"Anything": ANYTHING, "A digit": "digit", "A letter": "letter", "A capital": "capital",
           "A small letter": "small"}  # fmt: skip


class AmongError(FontdemoError):
    """There is no such set of characters, or the network knows none of them; says so."""


def characters(alphabet: Alphabet, label: int, among: str = ANYTHING) -> tuple[str, ...]:
    """The one or two characters of class `label` that are among these; none where the class is not."""
    return tuple(character for character in alphabet.characters(label) if character in AMONG[among])


def allowed(alphabet: Alphabet, among: str) -> NDArray[np.bool_]:
    """Bool (classes,): the classes that stand for a character among these; a class of both cases counts for either.

    AmongError for any other name, or where no class is left.
    """
    if not isinstance(among, str) or among not in AMONG:
        raise AmongError(f"Say what it is with one of these words: {', '.join(AMONG)}.")
    if among == ANYTHING:
        return np.ones(len(alphabet), np.bool_)
    left = np.array([bool(characters(alphabet, label, among)) for label in range(len(alphabet))])
    if not left.any():
        raise AmongError(f"This network knows no {among}: choose another one.")
    return left


def renormalised(probabilities: NDArray[np.float32], left: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Probabilities (..., classes) with the classes not `left` at 0 and the others summing to 1."""
    if left.all():
        return probabilities
    # A class that got nothing at all still has to be comparable.
    kept = np.where(left, np.maximum(probabilities.astype(np.float64), 1e-30), 0)
    return np.asarray(kept / kept.sum(axis=-1, keepdims=True), dtype=np.float32)
