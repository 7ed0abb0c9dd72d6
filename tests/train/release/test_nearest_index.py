"""train.release.nearest_index: which glyphs are chosen."""

from __future__ import annotations

import numpy as np

from train.release import nearest_index


def test_what_is_chosen_is_spread_out() -> None:
    """Nine tenths of the points are in one heap; the first few chosen are in all four."""
    rng = np.random.default_rng(0)
    heaps = np.repeat(np.eye(4, 8), [270, 10, 10, 10], axis=0)
    points = (heaps + 0.01 * rng.standard_normal((300, 8))).astype(np.float32)
    order = nearest_index.spread(points, 50, np.random.default_rng(1))
    assert len(set(order.tolist())) == 50
    assert len({int(heaps[index].argmax()) for index in order[:6]}) == 4
    assert len(nearest_index.spread(np.ones((9, 3), np.float32), 5, rng)) == 1
