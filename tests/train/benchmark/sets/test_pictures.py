"""train.benchmark.sets.pictures: what each maker promises of its picture."""

from __future__ import annotations

import numpy as np

from tests.train.benchmark.sets.test_named import DATA
from train.benchmark.sets import pictures
from train.benchmark.sets.pictures import MAKERS, cropped


def test_tight_crops_have_two_pixels_of_margin_at_most_and_either_polarity() -> None:
    ink = np.ones((60, 30), np.float32)
    ink[5:55, 5:25] = 0  # a frame: its corners tell where it ends
    dark = []
    for seed in range(20):
        values = np.asarray(pictures.tight(ink, ink, np.random.default_rng(seed)), dtype=float)
        middle = values[values.shape[0] // 2, values.shape[1] // 2]
        rows = np.flatnonzero((np.abs(values - middle) > 60).any(axis=1))
        assert 18 <= np.ptp(rows) + 1 <= 42 and rows[0] <= 2 and len(values) - rows[-1] - 1 <= 2
        dark.append(middle > 127)
    assert 3 < sum(dark) < 17


def test_a_desk_is_darker_than_the_sheet_and_goes_all_round_it() -> None:
    ink = np.ones((60, 30), np.float32)
    for seed in range(10):
        values = np.asarray(pictures.desk(ink, ink, np.random.default_rng(seed)), dtype=float)
        border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
        assert np.percentile(values, 80) > border.mean() + 25


def test_every_maker_leaves_the_ink_that_it_is_given_alone() -> None:
    ink = cropped(DATA.images[0])
    before = ink.copy()
    for maker in MAKERS.values():
        maker(ink, ink, np.random.default_rng(0))
    assert np.array_equal(ink, before)


def test_a_sign_has_a_ring_or_a_disc_round_the_character_and_paper_round_that() -> None:
    """Half way from the character to the picture's edge lies paper in a ring, and ink on a disc."""
    ink = np.ones((60, 30), np.float32)
    kinds = []
    for seed in range(40):
        values = np.asarray(pictures.sign(ink, ink, np.random.default_rng(seed)), dtype=float)
        side = len(values)
        border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
        assert border.std() < 6 and values.shape == (side, side)
        middle = values[side // 2 - 3 : side // 2 + 3, side // 2 - 3 : side // 2 + 3].mean()
        beside = np.median(values[side // 2, round(0.14 * side) : round(0.18 * side)])
        on_disc = abs(beside - border.mean()) > 100
        assert on_disc or abs(middle - border.mean()) > 100
        assert abs(middle - beside) > 100
        kinds.append((on_disc, border.mean() > 127))
    assert len(set(kinds)) == 4
