"""Scribbles, as pen strokes: what people draw who only try the pad, strike something out, or write a whole word.

A network learns from them that they are no character. They are made otherwise than those that it is measured by
(`train.benchmark.sets.outliers`), and with enough turns or strokes that none of them is a letter by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from fontdemo.errors import FontdemoError
from fontdemo.glyph.fit import fit_points
from fontdemo.glyph.layout import SIDE
from fontdemo.glyph.strokes import PEN
from train.fonts.render import Glyphs
from train.handwriting.letterforms import BASELINE, letterforms, trace
from train.handwriting.pen import Points, draw_strokes, unsteady
from train.parallel import Progress, spread

Rng = np.random.Generator

# Of the pen's width.
_PEN = (0.6, 1.5)

# How many are made by one process at a time, and how far apart the points of a letterform are, in its units.
_BATCH, _STEP = 50, 0.5


def _zigzag(rng: Rng) -> list[Points]:
    """To and fro between two edges that are not straight."""
    turns = int(rng.integers(7, 17))
    side = np.arange(turns) % 2 + rng.normal(0, rng.uniform(0.02, 0.2), turns)
    along = np.linspace(0, rng.uniform(0.5, 2.5), turns) + rng.normal(0, 0.06, turns)
    points = np.stack([along, side], axis=1)
    return [_smooth(points) if rng.random() < 0.5 else points]


def _coil(rng: Rng) -> list[Points]:
    """Loops in a row, or a spiral: round and round in one place would be an O."""
    turns = rng.uniform(3, 9)
    angle = np.linspace(0, 2 * np.pi * turns, int(24 * turns))
    radius = 1 + np.interp(angle, np.linspace(0, angle[-1], 8), rng.normal(0, rng.uniform(0.05, 0.4), 8))
    if rng.random() < 0.3:
        radius, across = radius * np.linspace(0.05, 1, len(angle)), 0.0
    else:
        across = rng.uniform(0.15, 0.6) / np.pi
    x, y = radius * np.cos(angle + rng.uniform(-0.5, 0.5)) * rng.uniform(0.5, 1), radius * np.sin(angle)
    return [np.stack([x + across * angle, y], axis=1)]


def _tangle(rng: Rng) -> list[Points]:
    """A line among many random places, with corners or without."""
    points = rng.random((int(rng.integers(9, 18)), 2)) * (1, rng.uniform(0.5, 1))
    return [_smooth(points) if rng.random() < 0.7 else points]


def _scatter(rng: Rng) -> list[Points]:
    """Many short strokes here and there."""
    places = rng.random((int(rng.integers(5, 13)), 2))
    return [_smooth(place + rng.normal(0, rng.uniform(0.05, 0.25), (4, 2)).cumsum(axis=0)) for place in places]


def _struck_out(rng: Rng) -> list[Points]:
    """A character with a zigzag, a coil or crosses upon it."""
    letter = _letter(rng)
    over = [_zigzag, _coil, _tangle][int(rng.integers(3))](rng)
    turned = [_turned(_unit(over)[0], rng.uniform(0, 2 * np.pi))]
    return [*_unit(letter), *_unit(turned, rng.uniform(0.8, 1.3))]


def _word(rng: Rng) -> list[Points]:
    """Three to six characters in a row."""
    strokes: list[Points] = []
    right = 0.0
    for _ in range(rng.integers(3, 7)):
        letter = _letter(rng)
        left, end = (edge(np.concatenate(letter)[:, 0]) for edge in (np.min, np.max))
        strokes += [stroke + (right - left, 0) for stroke in letter]
        right += end - left + rng.uniform(0.5, 2.5)
    return strokes


_KINDS: tuple[Callable[[Rng], list[Points]], ...] = (_zigzag, _coil, _tangle, _tangle, _scatter, _struck_out, _word)


def draw_scribbles(
    count: int, seed: int = 0, *, progress: Progress | None = None, workers: int | None = None
) -> Glyphs:
    """So many scribbles with the page's pen, each fitted into the square: uint8 (count, SIDE, SIDE), ink 255.

    The same seed gives the same ones, more of them begin with the same. progress(done, all) counts batches.
    FontdemoError if a process of the work died.
    """
    starts = range(0, count, _BATCH)
    made = spread(partial(_batch, seed), starts, progress=progress, workers=workers)
    if not made or any(part is None for part in made):
        raise FontdemoError("The machine stopped a process that was drawing; it may be short of memory.")
    return np.concatenate([part for part in made if part is not None])[:count]


def _batch(seed: int, start: int) -> Glyphs:
    return np.stack([_scribble(np.random.default_rng([seed, start + number])) for number in range(_BATCH)])


def _scribble(rng: Rng) -> Glyphs:
    strokes = _unit(_KINDS[int(rng.integers(len(_KINDS)))](rng))
    turn = rng.normal(0, 0.25) if rng.random() < 0.5 else rng.uniform(0, 2 * np.pi)
    points = unsteady(_turned(np.concatenate(strokes), turn) * SIDE, rng)
    width = PEN * rng.uniform(*_PEN)
    return draw_strokes(fit_points(points, width), [len(stroke) for stroke in strokes], width)


def _letter(rng: Rng) -> list[Points]:
    """A letterform of a character drawn by chance, of a hand of its own width and slant."""
    forms = letterforms()
    form = list(forms.values())[int(rng.integers(len(forms)))]
    wide, slant = np.exp(rng.normal(0, 0.16)), rng.normal(0.08, 0.16)
    strokes = [trace(stroke, _STEP) for stroke in form[int(rng.integers(len(form)))]]
    return [np.stack([s[:, 0] * wide - slant * (s[:, 1] - BASELINE), s[:, 1]], axis=1) for s in strokes]


def _smooth(points: Points) -> Points:
    """A line through `points` (n, 2) without corners (Catmull and Rom, 1974): (8 (n - 1) + 1, 2)."""
    padded = np.concatenate([points[:1], points, points[-1:]])
    before, start, end, after = padded[:-3, None], padded[1:-2, None], padded[2:-1, None], padded[3:, None]
    t = np.linspace(0, 1, 8, endpoint=False)[None, :, None]
    slope, bend = end - before, 2 * before - 5 * start + 4 * end - after
    line = start + 0.5 * (slope * t + bend * t**2 + (3 * (start - end) + after - before) * t**3)
    return np.concatenate([line.reshape(-1, 2), points[-1:]])


def _turned(points: Points, angle: float) -> Points:
    return np.asarray(points @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]))


def _unit(strokes: list[Points], side: float = 1.0) -> list[Points]:
    """The strokes about their middle, the longer side `side`."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = side / max(float((high - low).max()), 1e-9)
    return [(stroke - (low + high) / 2) * scale for stroke in strokes]

