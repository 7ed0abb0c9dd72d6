"""Letterforms: every character has forms, and the line through a form's points is the spline that it says."""

from __future__ import annotations

import numpy as np
import pytest

from fontdemo.alphabet import CHARACTERS
from train.handwriting import letterforms
from train.handwriting.letterforms import Stroke, trace
from train.handwriting.letterforms import letterforms as all_forms


def test_every_character_has_forms_that_stand_between_its_lines() -> None:
    forms = all_forms()
    assert "".join(forms) == CHARACTERS
    for character, ways in forms.items():
        assert len(ways) >= 2, character
        for strokes in ways:
            points = np.concatenate([stroke.points for stroke in strokes])
            low, high = points.min(axis=0), points.max(axis=0)
            assert -1 <= low[0] and high[0] <= 9, character
            assert -0.5 <= low[1] and high[1] <= (14.5 if character in "fgjpqyz" else 12), character
            assert high[1] - low[1] >= 5, character


def test_a_line_goes_through_its_points_in_small_steps() -> None:
    for ways in all_forms().values():
        for strokes in ways:
            for stroke in strokes:
                line = trace(stroke, 0.2)
                for point in stroke.points:
                    assert np.hypot(*(line - point).T).min() < 1e-9
                assert np.hypot(*np.diff(line, axis=0).T).max() < 0.3


def test_between_corners_it_is_straight_and_elsewhere_catmull_rom() -> None:
    points = np.array([[0.0, 0], [4, 0], [4, 4], [0, 4]])
    square = trace(Stroke(points, np.array([False, True, True, False])), 0.1)
    assert np.all((square[:, 1] < 1e-9) | (abs(square[:, 0] - 4) < 1e-9) | (abs(square[:, 1] - 4) < 1e-9))
    # The middle of the middle piece, by the matrix form of the spline: (-p0 + 9 p1 + 9 p2 - p3) / 16.
    round_one = trace(Stroke(points, np.zeros(4, dtype=bool)), 0.01)
    wanted = (-points[0] + 9 * points[1] + 9 * points[2] - points[3]) / 16
    assert np.hypot(*(round_one - wanted).T).min() < 0.01


def test_a_line_of_the_file_that_is_no_stroke_is_an_error() -> None:
    for text in ("1,2", "1,2 3", "", "a,b c,d"):
        with pytest.raises(ValueError):
            letterforms._stroke(text)
