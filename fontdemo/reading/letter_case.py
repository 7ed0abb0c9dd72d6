"""What the characters of a word are, from each other: digits or letters, their case, rings (0 O o) and bars (1 I l).

A crop alone shows none of this. Letters of one shape in both cases (o O, s S, ...) are told by their height beside
letters of known height, p and P by where they stand, I l and K k by the letters round them.
Plain values; nothing is read here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fontdemo.reading.lookalikes import SAME_SHAPES

# Letters as high as capitals or nearly (their height in capitals, usually), and letters as high as x.
_TALL = dict.fromkeys("bdfghqyklABDEFGHIJKLMNQRTY12345678", 1.0) | {"i": 0.97, "t": 0.87}
_LOW = frozenset("aemnru")

# A letter of the same shape in either case is a capital if it is this far up from x to capital height.
_HALF_WAY = 0.55

# Of capital height, what x-height usually is; and how far below the others a letter ends that goes below their line.
_X_HEIGHT, _BELOW = 0.72, 0.12

# Without a measure, heights that differ by so much are those of capitals and small letters.
_TWO_SIZES = 1.2

# Told by height as well: U is u with no stem in many faces.
_BY_HEIGHT = (*SAME_SHAPES, "Uu")

_RINGS, _BARS = "0Oo", "1Il"
_MAY_END_BELOW = frozenset("gjpqyPQ3456789")

# What a change from digits to letters, or back, within a word costs, as a factor; and the least chance that a ring or
# a bar is given for either.
_CHANGE, _LEAST = 0.05, 0.04


@dataclass(frozen=True)
class Seen:
    """A character of a word as a network read it.

    chances: all characters that it may be by the network -> the probability of their class, likeliest first; the two
    characters of one class have the same. top, bottom: of its ink, in pixels, downward.
    """

    chances: Mapping[str, float]
    top: int
    bottom: int

    @property
    def character(self) -> str:
        """What the network read."""
        return next(iter(self.chances))

    @property
    def height(self) -> int:
        """Of its ink, in pixels."""
        return self.bottom - self.top


def resolve(word: Sequence[Seen], line: Sequence[Seen] = (), page: Sequence[Seen] = ()) -> list[str]:
    """The characters of `word` as it shows them; those that it does not show as the network read them.

    line: all characters of the word's line, for a line has one size of type; without it the word is measured by its
    own. page: those of all lines, by which a line is measured that has no measure of its own. A character becomes none
    that the network rules out.
    """
    kinds = _kinds(word)
    found = [_of_kind(seen, digit) for seen, digit in zip(word, kinds, strict=True)]
    baselines = [_baseline(word, index) for index in range(len(word))]
    boundary = _boundary(line or word, _bellies(word, baselines))
    if boundary is None:
        boundary = _boundary(page, ())
    if boundary is None:
        boundary = _boundary_of_rings(word, found)
    cases = [_case(*each, boundary) for each in zip(word, found, baselines, strict=True)]
    known = [case for case in cases if case is not None]
    mostly_small = not known or 2 * sum(not case for case in known) > len(known)
    for index, (seen, digit) in enumerate(zip(word, kinds, strict=True)):
        if digit:
            continue
        if found[index] in _BARS:
            found[index] = _allowed(seen, _bar(found, cases, index, mostly_small), found[index])
            continue
        case = cases[index]
        if case is None and known and found[index].isalpha() and _other_case(seen, found[index]):
            case = not mostly_small or index == 0
        if case is not None:
            found[index] = _allowed(seen, found[index].upper() if case else found[index].lower(), found[index])
    return found


def _kinds(word: Sequence[Seen]) -> list[bool]:
    """Which characters are digits: the likeliest run of digits and letters, where changes are rare (Viterbi 1967)."""
    costs = np.array([[-np.log(_chance(seen, digit)) for digit in (False, True)] for seen in word]).reshape(-1, 2)
    change = -np.log(_CHANGE)
    total, came = np.zeros(2), []
    for cost in costs:
        stay = total <= total[::-1] + change
        came.append(np.where(stay, (0, 1), (1, 0)))
        total = np.where(stay, total, total[::-1] + change) + cost
    kind = int(total[1] < total[0])
    kinds = []
    for steps in reversed(came):
        kinds.append(bool(kind))
        kind = int(steps[kind])
    return kinds[::-1]


def _chance(seen: Seen, digit: bool) -> float:
    """The probability that a character is a digit, or a letter: of what the network leaves open."""
    classes = {(character.isdigit(), chance) for character, chance in seen.chances.items()}
    chance = sum(chance for is_digit, chance in classes if is_digit == digit) / sum(chance for _, chance in classes)
    ambiguous = any(character in _RINGS + _BARS for character in seen.chances)
    return max(chance, _LEAST if ambiguous and chance > 0 else 1e-9)


def _of_kind(seen: Seen, digit: bool) -> str:
    """The likeliest of its characters that are digits, or letters; the likeliest of all where none is."""
    return next((character for character in seen.chances if character.isdigit() == digit), seen.character)


def _case(seen: Seen, character: str, baseline: float | None, boundary: float | None) -> bool | None:
    """Whether a letter is a capital; None where neither its shape nor its place tells."""
    if not character.isalpha() or character in _BARS:
        return None
    pair = next((pair for pair in _BY_HEIGHT if character in pair), None)
    if pair is not None and (pair in SAME_SHAPES or set(pair) <= set(seen.chances)):
        return None if boundary is None else seen.height >= boundary
    if not _other_case(seen, character):
        return character.isupper()
    return not _ends_below(seen, baseline) if character in "Pp" and baseline is not None else None


def _ends_below(seen: Seen, baseline: float | None) -> bool:
    """Whether a letter goes below the line that others stand on, as p does and P does not."""
    return baseline is not None and seen.bottom > baseline + _BELOW * seen.height


def _bellies(word: Sequence[Seen], baselines: Sequence[float | None]) -> list[float]:
    """How high each p of the word is above its line."""
    return [baseline - seen.top for seen, baseline in zip(word, baselines, strict=True)
            if baseline is not None and seen.character in "Pp" and _ends_below(seen, baseline)]  # fmt: skip


def _other_case(seen: Seen, character: str) -> bool:
    """Whether the network leaves both cases of a letter open."""
    return {character.upper(), character.lower()} <= set(seen.chances)


def _bar(found: Sequence[str], cases: Sequence[bool | None], index: int, mostly_small: bool) -> str:
    """I or l in a word of letters: capitals stand among capitals, in Roman numbers, and before consonants as in It."""
    others = [character for character in found if character not in _BARS]
    if not others:
        return found[index]
    if set(others) <= set("VXLCDM"):
        return "I"
    if index == 0 and mostly_small:
        return "l" if found[1] in "aeiouyAEOUY" else "I"
    # A capital and then none that is surely one: All and Will, not AII and WiII.
    small = mostly_small or (cases[0] is True and True not in cases[1:])
    return "l" if small and index > 0 else "I"


def _allowed(seen: Seen, wanted: str, otherwise: str) -> str:
    pairs = any({wanted, otherwise} == set(pair) for pair in SAME_SHAPES)
    return wanted if wanted in seen.chances or pairs else otherwise


def _baseline(word: Sequence[Seen], index: int) -> float | None:
    """Where the nearest letters that stand on their line end; None if there are none."""
    ends = [(abs(at - index), seen.bottom) for at, seen in enumerate(word)
            if at != index and seen.character not in _MAY_END_BELOW]  # fmt: skip
    if not ends:
        return None
    nearest = min(away for away, _ in ends)
    return float(np.mean([bottom for away, bottom in ends if away == nearest]))


def _boundary(line: Sequence[Seen], bellies: Sequence[float]) -> float | None:
    """The height in pixels above which a letter is a capital; None if no letter of known height is there.

    bellies: other heights of small letters.
    """
    tall = [seen.height / _TALL[seen.character] for seen in line if set(seen.chances) <= _TALL.keys()]
    low = [*bellies, *(seen.height for seen in line if set(seen.chances) <= _LOW)]
    if not tall and not low:
        return None
    capital = float(np.median(tall)) if tall else float(np.median(low)) / _X_HEIGHT
    lower = float(np.median(low)) if low else _X_HEIGHT * capital
    return lower + _HALF_WAY * (capital - lower)


def _boundary_of_rings(word: Sequence[Seen], found: Sequence[str]) -> float | None:
    """The same from letters of one shape alone, where they are of two sizes; None for one letter.

    Those of one size have the case that most were read in.
    """
    same = [(seen.height, character) for seen, character in zip(word, found, strict=True)
            if any(character in pair for pair in SAME_SHAPES)]  # fmt: skip
    if len(same) < 2:
        return None
    heights = [height for height, _ in same]
    if max(heights) >= _TWO_SIZES * min(heights):
        return float(np.sqrt(max(heights) * min(heights)))
    capitals = sum(character.isupper() for _, character in same)
    return 0.0 if 2 * capitals >= len(same) else float("inf")
