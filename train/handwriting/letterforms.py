"""How people write each character: the forms in `letterforms.txt`, as strokes that go smoothly through their points.

Written down by this project from what anyone knows of print hand and cursive; no drawing by anyone was traced. How a
writer varies a form is in `train.handwriting.writers`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fontdemo.alphabet import CHARACTERS
from train.handwriting.pen import Points

#: Heights in the forms' own units, y downward, from the height of capitals (0).
X_HEIGHT, BASELINE, DESCENDER = 4.0, 10.0, 14.0

_FILE = Path(__file__).parent / "letterforms.txt"


@dataclass(frozen=True)
class Stroke:
    """One movement of the pen. points: float64 (n, 2), n >= 2. corners: bool (n,), where the movement turns sharply."""

    points: Points
    corners: NDArray[np.bool_]


#: The strokes of one form of a character.
Form = Sequence[Stroke]


@cache
def letterforms(file: Path = _FILE) -> Mapping[str, Sequence[Form]]:
    """For each of the 62 characters its forms, each a list of strokes. ValueError if the file's text makes none."""
    forms: dict[str, list[list[Stroke]]] = {character: [] for character in CHARACTERS}
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            forms[line[0]].append([_stroke(text) for text in line[1:].split(";")])
    return forms


def _stroke(text: str) -> Stroke:
    words = text.split()
    points = np.array([[float(number) for number in word.rstrip("^").split(",")] for word in words])
    if len(points) < 2 or points.shape[1:] != (2,):
        raise ValueError(f"not a stroke: {text!r}")
    return Stroke(points, np.array([word.endswith("^") for word in words]))


def trace(stroke: Stroke, step: float) -> Points:
    """The line of a stroke as points (m, 2) at most about `step` apart: a Catmull-Rom spline between corners.

    Catmull and Rom, "A class of local interpolating splines" (1974): through every point, in the direction from the one
    before it to the one after it.
    """
    points, ends = stroke.points, stroke.corners.copy()
    ends[[0, -1]] = True
    before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
    # A piece that begins or ends at a corner goes on there as if the corner were also its next neighbour.
    tangents = (after - before) / 2
    pieces = []
    for at in range(len(points) - 1):
        start, end = points[at], points[at + 1]
        leave = end - start if ends[at] else tangents[at]
        arrive = end - start if ends[at + 1] else tangents[at + 1]
        fastest = max(1.5 * np.hypot(*(end - start)), np.hypot(*leave), np.hypot(*arrive))
        count = max(1, int(np.ceil(fastest / step)))
        t = (np.arange(count) / count)[:, None]
        pieces.append(
            (2 * t**3 - 3 * t**2 + 1) * start + (t**3 - 2 * t**2 + t) * leave
            + (3 * t**2 - 2 * t**3) * end + (t**3 - t**2) * arrive
        )  # fmt: skip
    return np.concatenate([*pieces, points[-1:]])
