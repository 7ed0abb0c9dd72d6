"""The case of a letter, and whether a ring is an O or a 0, from the line around it; a crop alone does not show it.

Letters of one shape in both cases (o O, s S, ...) are resolved by their height beside letters of known height; a class
that stands for two cases of other shapes (K k, P p, I l) by whether the letters after the first of its word are small.
Plain values; nothing is read here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from fontdemo.reading.lookalikes import SAME_SHAPES

# Letters as high as capitals or nearly (their height in capitals, usually), and letters as high as x.
_TALL = dict.fromkeys("bdfghqyABDEFGHJLMNQRTUY23456789", 1.0) | {"i": 0.97, "t": 0.87}
_LOW = frozenset("aemnru")

# A letter of the same shape in either case is a capital if it is this far up from x to capital height.
_HALF_WAY = 0.55

_RINGS, _BARS = "0Oo", "1Il"

# Of capital height, what x-height usually is.
_X_HEIGHT = 0.72


def resolve(
    characters: Sequence[str],
    twins: Sequence[str | None],
    heights: Sequence[int],
    line: Sequence[tuple[str, int]] | None = None,
) -> list[str]:
    """The characters of one word in the cases that the word shows; unchanged where it shows none.

    twins: the other character that a character's class stands for, or None. heights: of their ink, in pixels.
    line: all characters of known case in the word's line, with their heights, for a line has one size of type; without
    it the word is measured by its own.
    """
    known = [(character, height) for character, twin, height in zip(characters, twins, heights, strict=True)
             if twin is None]  # fmt: skip
    boundary = _boundary(known if line is None else line)
    small = [character.islower() for character, _ in known if character.isalpha()]
    cased = []
    for index, (character, twin, height) in enumerate(zip(characters, twins, heights, strict=True)):
        pair = next((pair for pair in SAME_SHAPES if character in pair), None)
        if pair is not None and boundary is not None:
            cased.append(pair[0] if height >= boundary else pair[1])
        elif pair is None and twin is not None and small:
            mostly_small = 2 * sum(small) > len(small)
            first, second = sorted((character, twin))  # the capital comes first
            cased.append(second if mostly_small and index > 0 else first)
        else:
            cased.append(character)
    return cased


def rings_and_bars(characters: Sequence[str], possible: Sequence[Collection[str]]) -> list[str]:
    """The characters of one word with its rings and bars (0 O o, 1 I l) as the others show them, else unchanged.

    A ring among digits is a 0, one among letters an O, whose case `resolve` finds; a bar likewise. A word of both, as
    1st, shows nothing.

    possible: for each character, all that it may be by the network; a character becomes no other.
    """
    others = [character for character in characters if character not in _RINGS + _BARS]
    letters = [character for character in others if character.isalpha()]
    digits = len(others) - len(letters)
    if bool(letters) == bool(digits):
        return list(characters)
    mostly_small = 2 * sum(character.islower() for character in letters) >= len(letters)
    found = []
    for index, (character, may_be) in enumerate(zip(characters, possible, strict=True)):
        wanted = character
        if character in _RINGS:
            wanted = "0" if digits else "O" if character == "0" else character
        elif character in _BARS:
            wanted = "1" if digits else _bar(character, index, mostly_small)
        found.append(wanted if wanted in may_be else character)
    return found


def _bar(character: str, index: int, mostly_small: bool) -> str:
    """I or l in a word of letters. The first one stays as it was read: In, lend and 1st begin alike."""
    if index == 0:
        return character
    return "l" if mostly_small else "I"


def _boundary(known: Sequence[tuple[str, int]]) -> float | None:
    """The height in pixels above which a letter is a capital; None if no letter of known height is there."""
    tall = [height / _TALL[character] for character, height in known if character in _TALL]
    low = [height for character, height in known if character in _LOW]
    if not tall and not low:
        return None
    capital = float(np.median(tall)) if tall else float(np.median(low)) / _X_HEIGHT
    lower = float(np.median(low)) if low else _X_HEIGHT * capital
    return lower + _HALF_WAY * (capital - lower)
