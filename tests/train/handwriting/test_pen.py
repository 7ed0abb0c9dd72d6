"""train.handwriting.pen: the pen draws discs, and an unsteady hand stays near what it follows."""

from __future__ import annotations

import numpy as np

from train.handwriting.pen import draw_pen, unsteady


def test_a_point_is_a_disc_of_the_pens_width() -> None:
    drawn = draw_pen(np.array([[50.0, 30.0]]), 10.0) / 255
    assert abs(drawn.sum() - np.pi * 25) < 5
    rows, columns = np.nonzero(drawn > 0.5)
    assert abs(columns.mean() + 0.5 - 50) < 0.3 and abs(rows.mean() + 0.5 - 30) < 0.3
    assert 9 <= np.ptp(rows) + 1 <= 11 and 9 <= np.ptp(columns) + 1 <= 11


def test_a_hand_is_unsteady_by_its_seed_but_not_by_much() -> None:
    line = np.stack([np.full(50, 50.0), np.linspace(10, 90, 50)], axis=1)
    one, again, other = (unsteady(line, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, again) and not np.allclose(one, other)
    assert one.shape == line.shape and 1 < np.abs(one - line).max() < 40
