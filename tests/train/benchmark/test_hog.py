"""train.benchmark.hog: votes and lengths of images small enough to work out by hand."""

from __future__ import annotations

import numpy as np

from train.benchmark import hog


def edge() -> np.ndarray:
    """20x20, the right 8 columns full ink: across, the gradient is 1/2 in columns 11 and 12."""
    image = np.zeros((1, 20, 20), np.uint8)
    image[:, :, 12:] = 255
    return image


def test_an_upright_edge_votes_for_direction_nought_in_its_cells() -> None:
    votes = hog.histograms(edge())
    assert votes.shape == (1, 2, 2, 9)
    # Ten rows of two pixels with a gradient of 1/2 in each of the two cells at the right.
    assert np.allclose(votes[0, :, 1, 0], 10)
    votes[0, :, 1, 0] = 0
    assert not votes.any()


def test_a_level_edge_votes_for_both_directions_beside_a_right_angle() -> None:
    votes = hog.histograms(edge().transpose(0, 2, 1))
    # 90 degrees lie halfway between 80 (4) and 100 (5).
    assert np.allclose(votes[0, 1, :, 4], 5) and np.allclose(votes[0, 1, :, 5], 5)
    assert np.isclose(votes.sum(), 20)


def test_ink_and_paper_turned_round_vote_alike() -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (3, 40, 40)).astype(np.uint8)
    assert np.allclose(hog.histograms(image), hog.histograms(255 - image), atol=1e-3)


def test_the_block_of_an_edge_is_clipped_and_of_length_one() -> None:
    features = hog.hog(edge())
    # Two equal votes of 1 / sqrt(2), clipped to 0.2, and again of length one.
    assert features.shape == (1, 36)
    assert np.allclose(sorted(features[0])[-2:], 1 / np.sqrt(2), atol=1e-4)
    assert np.count_nonzero(features) == 2


def test_every_image_has_its_own_features_and_a_blank_one_none() -> None:
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (3, 100, 100)).astype(np.uint8)
    images[1] = 0
    features = hog.hog(images)
    assert features.shape == (3, 9 * 9 * 36) and features.dtype == np.float32
    assert not features[1].any()
    for cell in (0, 2):
        assert np.allclose(features[cell], hog.hog(images[cell : cell + 1])[0])
