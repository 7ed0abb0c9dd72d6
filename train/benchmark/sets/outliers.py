"""Images of non-characters, to measure how often they are taken for characters: scribbles, pairs, textures, bare paper.

They differ from what networks learn from (`train.loop.outliers`), so that no network is measured on its own training
data, and go through the same code as on the page: scribbles as drawings, textures and paper as pictures. What is
refused there ("no character stands out") counts as rejected.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fontdemo.errors import GlyphError
from fontdemo.glyph.fit import fit_ink, ink_box
from fontdemo.glyph.glyph import from_drawing, from_picture
from fontdemo.glyph.layout import SIDE
from train.benchmark.sets.evalset import EvalSet

Rng = np.random.Generator
Ink = NDArray[np.float32]

# Pixels along a side of the pictures that are made.
_PICTURE = 160


def scribble(rng: Rng) -> Ink:
    """A pen that wanders and coils at random, one to three strokes: float32 (SIDE, SIDE), ink 1."""
    strokes = []
    for _ in range(rng.integers(1, 4)):
        heading, turn, path = rng.uniform(0, 2 * np.pi), 0.0, [rng.uniform(-12, 12, 2)]
        for _ in range(rng.integers(100, 240)):
            turn = 0.9 * turn + rng.normal(0, 0.12)
            heading += turn
            path.append(path[-1] + (np.cos(heading), np.sin(heading)))
        strokes.append([[float(x), float(y)] for x, y in path])
    return from_drawing(strokes, fit=True).image


def pair(first: Ink, second: Ink) -> Ink:
    """Two characters side by side, a tenth of a side between them, fitted as one: float32 (SIDE, SIDE), ink 1."""
    parts = [_bounded(first), _bounded(second)]
    height = max(len(part) for part in parts)
    raised = [np.pad(part, ((height - len(part), 0), (0, 0))) for part in parts]
    joined = np.concatenate([raised[0], np.zeros((height, SIDE // 10), np.float32), raised[1]], axis=1)
    return fit_ink(joined, (0, 0, joined.shape[1], height))


def _bounded(ink: Ink) -> Ink:
    left, top, right, bottom = ink_box(ink) or (0, 0, *ink.shape[::-1])
    return ink[top:bottom, left:right]


def texture(rng: Rng) -> Image.Image:
    """A picture like a photograph's surface: noise whose amplitude falls with frequency, as 1 / f^1 to 1 / f^2.

    Photographs' amplitudes fall about as 1 / f (Field, "Relations between the statistics of natural images", 1987).
    """
    across, down = np.fft.rfftfreq(_PICTURE), np.fft.fftfreq(_PICTURE)
    frequency = np.hypot(across[None], down[:, None])
    frequency[0, 0] = np.inf
    phases = np.exp(2j * np.pi * rng.random(frequency.shape))
    values = np.fft.irfft2(phases / frequency ** rng.uniform(1, 2), (_PICTURE, _PICTURE))
    return _grey((values - values.min()) / np.ptp(values))


def paper(rng: Rng) -> Image.Image:
    """A picture of a bare sheet: its tone, light that falls off to one side, and the grain of the camera."""
    down, across = np.mgrid[0:_PICTURE, 0:_PICTURE] / _PICTURE
    angle = rng.uniform(0, 2 * np.pi)
    light = rng.uniform(0, 0.15) * (np.cos(angle) * across + np.sin(angle) * down)
    grain = rng.normal(0, rng.uniform(0.005, 0.03), (_PICTURE, _PICTURE))
    return _grey(rng.uniform(0.55, 0.85) + light + grain)


def _grey(values: NDArray[np.float64]) -> Image.Image:
    return Image.fromarray(np.round(255 * np.clip(values, 0, 1)).astype(np.uint8))


def outlier_sets(letters: EvalSet, count: int, seed: int = 0) -> list[EvalSet]:
    """`count` images of each kind, pairs made of images of `letters`; the truths say nothing."""
    rng = np.random.default_rng(seed)
    glyphs = letters.ink(rng.integers(0, len(letters), 2 * count)).astype(np.float32) / 255
    twos = iter(zip(glyphs[:count], glyphs[count:], strict=True))
    return [
        _evalset("scribbles", lambda: scribble(rng), count),
        _evalset("two characters", lambda: pair(*next(twos)), count),
        _evalset("textures", lambda: from_picture(texture(rng)).image, count),
        _evalset("bare paper", lambda: from_picture(paper(rng)).image, count),
    ]


def _evalset(name: str, make: Callable[[], Ink], count: int) -> EvalSet:
    images, refused = [], 0
    for _ in range(count):
        try:
            images.append(make())
        except GlyphError:
            refused += 1
    stacked = np.stack(images) if images else np.empty((0, SIDE, SIDE), np.float32)
    return EvalSet(name, stacked, "?" * len(images), "picture", "?" * refused)
