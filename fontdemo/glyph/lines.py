"""In which lines and words the characters of a mask stand. Geometry only, on the boxes round them.

Lengths below are fractions of the writing's height: of its taller parts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Characters of one line share this much of the lower one's height.
_LINE_FRACTION = 0.5

# A space is this much wider than the usual gap between characters, and not narrower than this fraction of the widest
# gap of its line. The usual gap is no wider than this where there are few.
_SPACE, _OF_WIDEST, _GAP = 0.2, 0.55, 0.2

# A line with fewer gaps does not show the usual one where the lines together do.
_FEW = 3

# Characters whose middles are whole steps apart, give or take so much of one, are typed; a step is this wide at most.
_STEP, _WIDEST_STEP = 0.08, 1.1


@dataclass
class Group:
    """Parts that make up a character, and the box round them when they are put upright."""

    parts: list[int]
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def width(self) -> float:
        return self.right - self.left

    def joined(self, other: Group) -> Group:
        return Group(
            self.parts + other.parts, min(self.left, other.left), min(self.top, other.top),
            max(self.right, other.right), max(self.bottom, other.bottom),
        )  # fmt: skip


def lines_of(groups: list[Group]) -> list[list[Group]]:
    """The groups of each line from the left, lines from the top; marks that stand in no line go with the nearest."""
    rest = sorted(groups, key=lambda group: -group.height)
    lines: list[list[Group]] = []
    for group in rest:
        at = [line for line in lines if any(_abreast(group, other) for other in line)]
        if at:
            # It stands in all of these, so they are one line.
            joined = [other for line in at for other in line] + [group]
            lines = [line for line in lines if line not in at] + [joined]
        else:
            lines.append([group])
    lines.sort(key=lambda line: float(np.mean([group.top + group.bottom for group in line])))
    return [sorted(line, key=lambda group: group.left + group.right) for line in lines]


def _abreast(a: Group, b: Group) -> bool:
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)
    return shared >= _LINE_FRACTION * min(a.height, b.height)


def spaced(lines: list[list[Group]], tall: float) -> list[list[tuple[Group, bool]]]:
    """Each group of each line with whether a space stands before it; tall: the writing's height in pixels.

    A space is a wide gap, or in type of one width more than a step.
    """
    gaps = [np.array([max(0.0, b.left - a.right) for a, b in zip(line, line[1:], strict=False)]) for line in lines]
    together = np.concatenate([np.zeros(0), *gaps])
    shown = [gap if len(gap) >= _FEW or len(together) < _FEW else together for gap in gaps]
    return [
        list(zip(line, [False, *map(bool, _spaces(line, gap, _usual(usual, tall), tall))], strict=True))
        for line, gap, usual in zip(lines, gaps, shown, strict=True)
    ]


def _usual(gaps: NDArray[np.float64], tall: float) -> float:
    """The middle gap, the narrower one of two in the middle: with spaces between short words those are as many.

    Few gaps may all be spaces: then it is no wider than letters usually stand apart.
    """
    if not len(gaps):
        return 0.0
    middle = float(np.sort(gaps)[(len(gaps) - 1) // 2])
    return middle if len(gaps) >= _FEW else min(middle, _GAP * tall)


def _spaces(line: list[Group], gaps: NDArray[np.float64], usual: float, tall: float) -> NDArray[np.bool_]:
    """Which of the `gaps` (n,) between the n + 1 groups of a line are spaces."""
    apart = np.diff([(group.left + group.right) / 2 for group in line])
    if len(apart) > 1 and apart.min() > 0:
        step = float(np.median(apart[apart <= 1.5 * apart.min()]))
        if step <= _WIDEST_STEP * tall and (np.abs(apart / step - np.round(apart / step)) <= _STEP).all():
            return np.asarray(apart > 1.5 * step, dtype=np.bool_)
    wide = (gaps > usual + _SPACE * tall) & (gaps >= _OF_WIDEST * gaps.max(initial=0))
    return np.asarray(wide, dtype=np.bool_)
