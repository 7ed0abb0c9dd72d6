"""Characters as people write them: every writer with a slant, proportions and a pen, choosing among the letterforms.

They put handwriting into the training images without using a drawing by anyone: the forms are
`train.handwriting.letterforms`, and everything about a writer is drawn at random. Fonts have no bare bar for a 1, no
crossbar on a 7 and few loops in an l; people do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fontdemo.errors import FontdemoError
from fontdemo.glyph.fit import fit_points
from fontdemo.glyph.layout import BASELINE_ROW, CAPITAL_ROW, SIDE
from fontdemo.glyph.strokes import PEN
from train.fonts.render import Glyphs
from train.handwriting.letterforms import BASELINE, DESCENDER, X_HEIGHT, Form, Stroke, letterforms, trace
from train.handwriting.pen import Points, draw_pen, unsteady
from train.parallel import Progress, into, spread

# In the forms' units (10 from the height of capitals to the baseline): how far a point strays, a stroke as a whole, and
# the end of a stroke along its direction; and how far apart the points of a line are.
_POINT, _STROKE, _END = 0.28, 0.3, 0.45
_STEP = 0.12

# From the first point of a letter to where an upstroke into it begins, and from its last to where one out of it ends.
_ENTRY, _EXIT = np.array([-1.4, 2.6]), np.array([1.5, -1.2])

# Pixels of the square in one of the forms' units, in layout `course`.
_PIXELS = (BASELINE_ROW - CAPITAL_ROW) / BASELINE

# How often a corner is rounded off.
_ROUNDED = 0.12

# How often a stroke has a hook where the pen comes down, and where it is lifted, and how long it is.
_HOOKS, _HOOK = (0.08, 0.08), (0.3, 1.0)

# A stroke shorter than this is a dot, and has no direction.
_DOT = 1.5


@dataclass(frozen=True)
class _Writer:
    """Habits: x-height and depth of descenders in the forms' units, width against height, slant, pen in pixels.

    haste: how far the points of a stroke stray, 1 on the average. joining: how often a small letter has the beginning
    of a join to the letters beside it.
    """

    x_height: float
    descender: float
    width: float
    slant: float
    pen: float
    haste: float
    joining: float


def write_all(
    writers: int,
    characters: str,
    layout: str,
    seed: int,
    *,
    progress: Progress | None = None,
    workers: int | None = None,
) -> NDArray[np.uint8]:
    """`characters` in the hands of so many made-up writers: uint8 (writers, characters, SIDE, SIDE), ink 255.

    layout `course`: between the guide lines of the pad; `fit`: each fitted. The same seed gives the same writers, more
    of them begin with the same ones. progress(done, all) counts writers. FontdemoError if a process of the work died.
    """
    images = np.empty((writers, len(characters), SIDE, SIDE), np.uint8)
    write = partial(_write, characters, layout, seed)
    written = spread(write, range(writers), progress=progress, workers=workers, take=into(images))
    if any(glyphs is None for glyphs in written):
        raise FontdemoError("The machine stopped a process that was writing; it may be short of memory.")
    return images


def _write(characters: str, layout: str, seed: int, number: int) -> Glyphs:
    rng = np.random.default_rng([seed, number])
    writer = _writer(rng)
    return np.stack([_character(character, _chosen(character, rng), writer, layout, rng) for character in characters])


def write_forms(forms: Sequence[tuple[str, Form]], layout: str, seed: int, number: int, times: int) -> Glyphs:
    """Each of `forms` (a character, its strokes) so many times by one made-up writer: uint8 (forms, times, SIDE, SIDE).

    seed, number: of the writer, as in `write_all`.
    """
    rng = np.random.default_rng([seed, number])
    writer = _writer(rng)
    return np.array(
        [[_character(character, form, writer, layout, rng) for _ in range(times)] for character, form in forms]
    )


def _chosen(character: str, rng: np.random.Generator) -> Form:
    forms = letterforms()[character]
    return forms[int(rng.integers(len(forms)))]


def _writer(rng: np.random.Generator) -> _Writer:
    return _Writer(
        x_height=rng.uniform(2.8, 5.2),
        descender=rng.uniform(12.2, 15.0),
        width=float(np.exp(rng.normal(0, 0.16))),
        slant=float(np.clip(rng.normal(0.08, 0.16), -0.3, 0.5)),
        pen=PEN * rng.uniform(0.5, 1.5),
        haste=float(np.exp(rng.normal(0, 0.35))),
        joining=float(rng.choice([0.0, 0.1, 0.5])),
    )


def _character(
    character: str, strokes: Form, writer: _Writer, layout: str, rng: np.random.Generator
) -> Glyphs:
    if character.islower() and rng.random() < writer.joining:
        strokes = _joined(strokes)
    strokes = [_varied(stroke, writer.haste, rng) for stroke in strokes]
    points = np.concatenate([trace(stroke, _STEP) for stroke in strokes])
    across, down = points[:, 0] * writer.width, points[:, 1]
    if character.islower():  # capitals and digits stand on no line between
        down = _between(down, [0.0, writer.x_height, BASELINE, writer.descender])
    points = unsteady(np.stack([across - writer.slant * (down - BASELINE), down], axis=1) * _PIXELS, rng)
    return draw_pen(_placed(points, layout, writer.pen, rng), writer.pen)


def _between(down: NDArray[np.float64], heights: list[float]) -> NDArray[np.float64]:
    """Heights in a form's units -> in a writer's, whose four lines are `heights`; straight on beyond the outer two."""
    inside = np.interp(down, [0.0, X_HEIGHT, BASELINE, DESCENDER], heights)
    return np.asarray(inside + np.minimum(down, 0) + np.maximum(down - DESCENDER, 0))


def _joined(strokes: Sequence[Stroke]) -> list[Stroke]:
    """With an upstroke into what begins at the x-height, and one out of what ends on the baseline."""
    joined = list(strokes)
    first = joined[0]
    if abs(first.points[0, 1] - X_HEIGHT) < 1 and first.points[1, 1] > first.points[0, 1]:
        entry = first.points[:1] + _ENTRY
        joined[0] = Stroke(np.concatenate([entry, first.points]), np.array([False, True, *first.corners[1:]]))
    # A letter's dot or bar comes after the stroke that runs on to the next letter.
    at = max(range(len(joined)), key=lambda index: float(joined[index].points[-1].sum()))
    last = joined[at]
    if abs(last.points[-1, 1] - BASELINE) < 0.5 and last.points[-1, 1] >= last.points[-2, 1]:
        joined[at] = Stroke(np.concatenate([last.points, last.points[-1:] + _EXIT]), np.append(last.corners, False))
    return joined


def _varied(stroke: Stroke, haste: float, rng: np.random.Generator) -> Stroke:
    """The stroke as one hand makes it one time: points astray, ends too long or too short, some corners rounded."""
    points = stroke.points + rng.normal(0, _STROKE, 2).clip(-2 * _STROKE, 2 * _STROKE)
    length = np.hypot(*np.diff(points, axis=0).T).sum()
    if length < _DOT:
        return Stroke(points, stroke.corners)
    points = points + haste * rng.normal(0, _POINT, points.shape).clip(-2 * _POINT, 2 * _POINT)
    for end, inner in ((0, 1), (-1, -2)):
        outward = points[end] - points[inner]
        points[end] += outward / max(1e-9, float(np.hypot(*outward))) * np.clip(rng.normal(0, _END), -1.0, 1.0)
    corners = stroke.corners & (rng.random(len(points)) > _ROUNDED)
    for end, often in zip((0, -1), _HOOKS, strict=True):
        if rng.random() < often:
            points, corners = _hooked(points, corners, end, rng)
    return Stroke(points, corners)


def _hooked(
    points: Points, corners: NDArray[np.bool_], end: int, rng: np.random.Generator
) -> tuple[Points, NDArray[np.bool_]]:
    """With a hook at the first (end 0) or the last point (end -1), back by 20 to 130 degrees."""
    inner = points[1 if end == 0 else -2] - points[end]
    turn = np.radians(rng.uniform(20, 130)) * rng.choice([-1, 1])
    along = inner / max(1e-9, float(np.hypot(*inner))) * rng.uniform(*_HOOK)
    tip = points[end] + np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ along
    at = 0 if end == 0 else len(points)
    return np.insert(points, at, tip, axis=0), np.insert(corners, 1 if end == 0 else at - 1, True)


def _placed(points: Points, layout: str, width: float, rng: np.random.Generator) -> Points:
    """Points in pixels, the baseline at BASELINE * _PIXELS -> where they stand in the square."""
    if layout == "fit":
        return fit_points(points, width)
    middle = (points[:, 0].min() + points[:, 0].max()) / 2
    around = np.array([middle, BASELINE * _PIXELS])
    stand = np.array([SIDE / 2, BASELINE_ROW]) + rng.normal(0, 3.0, 2)
    return np.asarray((points - around) * rng.uniform(0.8, 1.1) + stand)
