"""Images of signs other than our characters, to measure how often they are taken for one: hearts, stars,
punctuation, letters of other scripts, and such signs drawn with the page's pen.

The printed ones come from the fonts that matplotlib brings, so that they are the same everywhere. What looks like one
of ours is left out (| l, omicron o, $ S, check mark v, ...).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fontdemo.errors import GlyphError
from fontdemo.glyph.glyph import from_drawing
from fontdemo.glyph.interpretations import interpretations
from fontdemo.glyph.layout import SIDE
from train.benchmark.sets.evalset import EvalSet, Others

Rng = np.random.Generator
Points = NDArray[np.float64]

#: What is printed: signs and punctuation, then letters of other scripts, all of them in DejaVu Sans.
SIGNS = "?&@#%*+=§¶{}<>~^∞√∑≠≈±÷¿»«†‡♥★♠♣♦●■►☺☎✿☀☂♪♫→←↑↓↔"
SCRIPTS = "ΔΞΣΦΨΩλφψξДЖФЦШЩЪЫЭЮЯджфшщыэюяאשצטעשعغقهქწჭჟღԱՖԶ"

_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
_FACES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")


def _closed(radius: Callable[[Points], Points], turns: float = 1.0) -> Points:
    """The line that goes round at this radius for each angle: float (n, 2)."""
    angle = np.linspace(0, 2 * np.pi * turns, 80)
    return np.stack([radius(angle) * np.cos(angle), radius(angle) * np.sin(angle)], axis=1)


def _heart() -> list[Points]:
    t = np.linspace(0, 2 * np.pi, 60)
    down = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return [np.stack([16 * np.sin(t) ** 3, down], axis=1)]


def _star() -> list[Points]:
    angle = np.pi * (0.8 * np.arange(6) - 0.5)
    return [np.stack([np.cos(angle), np.sin(angle)], axis=1)]


def _face() -> list[Points]:
    smile = np.linspace(0.15 * np.pi, 0.85 * np.pi, 20)
    eyes = [np.array([[x, -0.3], [x, -0.2]]) for x in (-0.35, 0.35)]
    return [_closed(np.ones_like), *eyes, 0.6 * np.stack([np.cos(smile), np.sin(smile)], axis=1)]


#: What is drawn, each as strokes of points.
_DRAWN: tuple[Callable[[], list[Points]], ...] = (
    _heart,
    _star,
    _face,
    lambda: [np.array([[0, 0], [4, 0]]), np.array([[3, -0.8], [4, 0], [3, 0.8]])],  # an arrow
    lambda: [np.array([[0, 1], [1, -0.7], [2, 1], [0, 1]])],  # a triangle
    lambda: [np.array([[0, 0], [1.3, 0], [1.3, 1], [0, 1], [0, 0], [0.65, -0.7], [1.3, 0]])],  # a house
    lambda: [_closed(lambda angle: angle, 3.0)],  # a spiral
    lambda: [_closed(lambda angle: 1 + 0.35 * np.cos(5 * angle)), _closed(lambda angle: 0.3 * np.ones_like(angle))],
    lambda: [np.array([[x, 0], [x, 3]]) for x in (0, 1)] + [np.array([[-1, y], [2, y]]) for y in (1, 2)],  # a hash
)


def _drawn(rng: Rng) -> list[tuple[float, NDArray[np.float32]]]:
    """One of _DRAWN with an unsteady hand, turned, slanted and stretched a little."""
    turn, slant, stretch = rng.normal(0, [0.12, 0.12, 0.12])
    change = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.array([[1, slant], [0, 1]])
    strokes = []
    for points in _DRAWN[rng.integers(len(_DRAWN))]():
        size = max(float(np.ptp(points, axis=0).max()), 1e-6)
        shaky = points * (1 + stretch, 1 - stretch) + rng.normal(0, 0.015, points.shape) * size
        strokes.append((shaky @ change.T).tolist())
    return [(1.0, from_drawing(strokes, fit=True).image)]


def _printed(rng: Rng, characters: str) -> list[tuple[float, NDArray[np.float32]]]:
    """One of `characters` as a picture, turned by up to 8 degrees, dark or light."""
    font = ImageFont.truetype(str(_FONTS / _FACES[rng.integers(len(_FACES))]), int(rng.integers(60, 160)))
    sheet = Image.new("L", (480, 480), 0)
    ImageDraw.Draw(sheet).text((240, 240), characters[rng.integers(len(characters))], 255, font, anchor="mm")
    left, top, right, bottom = sheet.rotate(rng.uniform(-8, 8), Image.Resampling.BICUBIC).getbbox() or (0, 0, 1, 1)
    margin = int(rng.integers(8, 40))
    cut = sheet.crop((left - margin, top - margin, right + margin, bottom + margin))
    seen = interpretations(cut if rng.random() < 0.5 else Image.eval(cut, lambda value: 255 - value))
    return [(one.prior, one.glyph.image) for one in seen]


def symbols(count: int, seed: int = 0) -> list[EvalSet]:
    """`count` images of each kind: printed signs, letters of other scripts, drawn signs; the truths say nothing."""
    rng = np.random.default_rng(seed)
    return [
        _evalset("signs", lambda: _printed(rng, SIGNS), count),
        _evalset("other scripts", lambda: _printed(rng, SCRIPTS), count),
        _evalset("drawn signs", lambda: _drawn(rng), count),
    ]


def _evalset(name: str, make: Callable[[], list[tuple[float, NDArray[np.float32]]]], count: int) -> EvalSet:
    images: list[NDArray[np.float32]] = []
    others: dict[int, Others] = {}
    refused = 0
    for _ in range(count):
        try:
            found = make()
        except GlyphError:
            refused += 1
            continue
        priors, seen = tuple(prior for prior, _ in found), [image for _, image in found]
        if len(seen) > 1:
            others[len(images)] = Others(np.stack(seen[1:]), priors)
        images.append(seen[0])
    stacked = np.stack(images) if images else np.empty((0, SIDE, SIDE), np.float32)
    return EvalSet(name, stacked, "?" * len(images), "picture", "?" * refused, others=others)
