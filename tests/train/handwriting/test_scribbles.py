"""train.handwriting.scribbles: fitted, decided by the seed, and with more turns or strokes than letters have."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fontdemo.glyph.layout import FIT_SIDE, SIDE
from train.handwriting import scribbles
from train.handwriting.letterforms import letterforms, trace
from train.handwriting.scribbles import draw_scribbles


def test_scribbles_are_fitted_and_the_seed_decides() -> None:
    drawn = draw_scribbles(60, 3, workers=1)
    assert drawn.shape == (60, SIDE, SIDE) and drawn.dtype == np.uint8
    for image in drawn:
        rows, columns = np.nonzero(image > 127)
        assert abs(max(np.ptp(rows), np.ptp(columns)) + 1 - FIT_SIDE) <= 2
    assert np.array_equal(draw_scribbles(7, 3, workers=1), drawn[:7])
    assert not np.array_equal(draw_scribbles(7, 4, workers=1), drawn[:7])


def turning(strokes: list[NDArray[np.float64]]) -> float:
    """By how much the pen turns in all, in radians; another stroke counts as a half turn."""
    total = np.pi * (len(strokes) - 1)
    for stroke in strokes:
        steps = np.diff(stroke, axis=0)
        steps = steps[np.hypot(*steps.T) > 1e-9]
        heading = np.arctan2(steps[:, 1], steps[:, 0])
        total += np.abs((np.diff(heading) + np.pi) % (2 * np.pi) - np.pi).sum()
    return float(total)


@pytest.mark.parametrize("kind", scribbles._KINDS)
def test_hardly_a_letter_turns_as_much_as_a_scribble(kind: object) -> None:
    letters = [turning([trace(stroke, 0.5) for stroke in form]) for forms in letterforms().values() for form in forms]
    assert callable(kind)
    scribbled = [turning(kind(np.random.default_rng(number))) for number in range(100)]
    assert np.quantile(scribbled, 0.05) > np.median(letters)
    assert np.median(scribbled) > np.quantile(letters, 0.9)
