"""train.loop.outliers: its range, seed, layout, and that what comes out is not what went in."""

from __future__ import annotations

import torch

from tests.support.training import letter_set
from train.loop import outliers as outliers_module
from train.loop.augment import is_fitted, plain
from train.loop.outliers import outliers


def made(seed: int, count: int = 20) -> torch.Tensor:
    images = torch.from_numpy(letter_set(1).images[:count])
    return outliers(images, torch.Generator().manual_seed(seed))


def test_it_follows_its_seed_and_stays_in_range() -> None:
    one = made(1)
    assert one.shape == (20, 1, 100, 100) and one.dtype == torch.float32
    assert one.min() >= 0 and one.max() <= 1
    assert torch.equal(one, made(1)) and not torch.equal(one, made(2))


def test_fewer_images_than_kinds_and_none_of_them_blank_or_a_copy() -> None:
    for count in (1, 3, 9):
        assert made(0, count).shape[0] == count
    ink, before = made(3), plain(torch.from_numpy(letter_set(1).images[:20]))
    fraction = ink.mean((1, 2, 3))
    assert fraction.min() > 0.01 and fraction.max() < 0.95
    assert ((ink - before).abs().mean((1, 2, 3)) > 0.02).all()


def test_all_of_it_comes_in_the_layout_of_crops() -> None:
    assert is_fitted(made(5)).float().mean() > 0.8


def test_blots_have_no_straight_edges() -> None:
    """A block with upright sides is what heavy letters are made of: no column or row of a blot's box is all ink."""
    made = outliers_module._blots(torch.zeros(200, 1, 100, 100), torch.Generator().manual_seed(0))[:, 0] > 0.5
    for ink in made:
        rows, columns = ink.any(1).nonzero()[:, 0], ink.any(0).nonzero()[:, 0]
        box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        if min(box.shape) > 20:
            assert not box[:, 0].all() and not box[:, -1].all() and not box[0].all() and not box[-1].all()
