"""train.benchmark.sets.outliers: each kind is what its name says, the same by seed, and takes the product's road."""

from __future__ import annotations

import numpy as np

from fontdemo.glyph.layout import FIT_SIDE
from tests.support.training import letter_set
from train.benchmark.sets import evalset as sets
from train.benchmark.sets import outliers as kinds


def test_all_kinds_come_in_their_number_and_the_same_by_seed() -> None:
    letters = sets.from_data(letter_set())
    first, again, other = (kinds.outlier_sets(letters, 12, seed) for seed in (0, 0, 1))
    assert [drawn.name for drawn in first] == ["scribbles", "two characters", "textures", "bare paper"]
    for drawn, same in zip(first, again, strict=True):
        assert len(drawn) + len(drawn.refused) == 12
        assert np.array_equal(drawn.images, same.images)
        assert drawn.images.shape[1:] == (100, 100)
        if len(drawn):
            assert 0 <= drawn.images.min() < drawn.images.max() <= 1
    assert not np.array_equal(first[0].images, other[0].images)
    # What holds no ink is mostly refused before a network sees it; what a pen drew never is.
    assert not first[0].refused and not first[1].refused and len(first[3].refused) > 6


def test_a_pair_is_both_characters_side_by_side_on_one_line_fitted() -> None:
    tall, low = np.zeros((100, 100), np.float32), np.zeros((100, 100), np.float32)
    tall[10:90, 40:60] = 1
    low[50:90, 30:70] = 1
    ink = kinds.pair(tall, low) > 0.5
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == FIT_SIDE
    inner = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    gap = np.flatnonzero(~inner.any(axis=0))
    assert len(gap) and np.ptp(gap) + 1 == len(gap)  # one gap, between the two
    left, right = inner[:, : gap[0]], inner[:, gap[-1] + 1 :]
    assert left[1:-1, 1:-1].all() and right[-3, 1:-1].all() and not right[: len(right) // 2 - 1].any()


def test_scribbles_cross_themselves_and_textures_fall_off_with_frequency() -> None:
    rng = np.random.default_rng(0)
    assert 0.05 < np.mean([kinds.scribble(rng).mean() for _ in range(5)]) < 0.6
    values = np.asarray(kinds.texture(rng), dtype=float)
    power = np.abs(np.fft.rfft2(values - values.mean())) ** 2
    assert power[1:4, 1:4].mean() > 100 * power[40:44, 40:44].mean()


def test_bare_paper_is_bright_and_even() -> None:
    values = np.asarray(kinds.paper(np.random.default_rng(0)), dtype=float)
    assert values.mean() > 120 and values.std() < 30


def test_a_hairline_and_a_blank_make_a_pair_too() -> None:
    hairline = np.zeros((100, 100), np.float32)
    hairline[10:90, 50] = 0.4
    assert kinds.pair(hairline, hairline).any()
    assert kinds.pair(hairline, np.zeros((100, 100), np.float32)).any()
