"""train.loop.augment: ranges, seeds, and the geometry against Pillow."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from fontdemo.glyph.fit import fit_ink
from tests.train.handwriting.test_traced import face
from train.fonts.render import render
from train.loop import augment
from train.loop.recipe import AUGMENTATIONS


def _letters(count: int) -> torch.Tensor:
    images = torch.zeros(count, 100, 100, dtype=torch.uint8)
    images[:, 30:70, 40:60] = 255
    return images


def test_plain_is_ink_one_and_keeps_the_picture() -> None:
    images = torch.arange(256, dtype=torch.uint8).repeat(40)[:10_000].view(1, 100, 100)
    result = augment.plain(images)
    assert result.shape == (1, 1, 100, 100) and result.dtype == torch.float32
    assert np.allclose(result[0, 0].numpy(), images[0].numpy() / 255)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_every_augmentation_keeps_shape_and_range_and_follows_its_seed(name: str) -> None:
    images = _letters(9)

    def once(seed: int) -> torch.Tensor:
        return augment.augment(name, images, torch.Generator().manual_seed(seed))

    result = once(1)
    assert result.shape == (9, 1, 100, 100) and result.dtype == torch.float32
    assert 0 <= result.min() and result.max() <= 1 + 1e-6
    assert torch.equal(result, once(1))
    assert images.dtype == torch.uint8 and torch.equal(images, _letters(9))  # the originals are left alone
    assert name == "none" or not torch.equal(result, once(2))


def test_affine_draws_for_each_image_of_its_own_and_needs_no_global_random_state() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    result = augment.affine(_letters(4), torch.Generator().manual_seed(0))
    assert torch.equal(before, torch.get_rng_state())
    assert not torch.equal(result[0], result[1])


def test_affine_moves_a_letter_no_further_than_it_says() -> None:
    """Ink stays about itself: turns, shears and scales are about the middle, shifts within a tenth of the side."""
    result = augment.affine(_letters(300), torch.Generator().manual_seed(3))[:, 0]
    down, across = torch.meshgrid(torch.arange(100.0), torch.arange(100.0), indexing="ij")
    mass = result.sum((1, 2))
    for axis in (down, across):
        middle = (result * axis).sum((1, 2)) / mass
        # The grid's shift is scaled by at most 1.2 on its way back to the output.
        assert (middle - 49.5).abs().max() < 10 * 1.2 + 3
        assert middle.std() > 3  # but it does move
    fraction = mass / mass.mean()
    assert fraction.min() > 0.3 and fraction.max() < 2.5


def test_thickening_and_thinning_are_a_pixel_all_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """With everything else at rest, the thick and thin pictures are Pillow's 3x3 maximum and minimum."""
    rng = np.random.default_rng(0)
    picture = (rng.random((100, 100)) < 0.5).astype(np.uint8) * 255
    picture[0], picture[-1], picture[:, 0], picture[:, -1] = 0, 0, 0, 0
    image = Image.fromarray(picture)
    thick = np.asarray(image.filter(ImageFilter.MaxFilter(3))) / 255
    thin = np.asarray(image.filter(ImageFilter.MinFilter(3))) / 255
    for pick, wanted in ((0.0, thick), (0.5, picture / 255), (1.0, thin)):
        draws = iter([0.0, 0.0, 1.0, 1.0, 0.0, 0.0, pick])  # turn, shear, two scales, two shifts, stroke

        def fixed(count: int, low: float, high: float, like: torch.Tensor, generator: object, draws=draws) -> object:
            return torch.full((count,), next(draws))

        monkeypatch.setattr(augment, "_uniform", fixed)
        result = augment.affine(torch.from_numpy(picture)[None], torch.Generator())[0, 0]
        assert np.allclose(result[1:-1, 1:-1], wanted[1:-1, 1:-1], atol=1e-4)


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        augment.augment("flip", _letters(1), torch.Generator())


def _glyph(character: str, layout: str) -> torch.Tensor:
    (drawn,) = render([face("DejaVuSans")], character, layout, workers=1)[:, 0]
    return torch.from_numpy(drawn)[None]


def test_fitted_images_are_told_from_those_that_keep_their_place() -> None:
    images = torch.cat([_glyph(c, layout) for layout in ("fit", "course") for c in "AHMgxT"])
    assert augment.is_fitted(augment.plain(images)).tolist() == [True] * 6 + [False] * 6


def test_refitting_is_what_reading_a_crop_does() -> None:
    for character in "gLW1":
        ink = augment.plain(_glyph(character, "course"))
        rows, columns = (np.flatnonzero((ink[0, 0].numpy() >= ink.max().item() / 2).any(axis=axis)) for axis in (1, 0))
        box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        wanted = fit_ink(ink[0, 0].numpy(), box)
        assert np.abs(augment.refit(ink)[0, 0].numpy() - wanted).mean() < 0.02


def test_paper_leaves_fitted_images_fitted_and_others_nearly_in_place() -> None:
    generator = torch.Generator().manual_seed(0)
    fitted = augment.paper(_glyph("R", "fit").repeat(60, 1, 1), generator)
    assert augment.is_fitted(fitted).float().mean() > 0.85
    x = augment.plain(_glyph("x", "course"))
    moved = augment.paper(_glyph("x", "course").repeat(60, 1, 1), generator)
    rows = torch.arange(100.0).view(1, 1, 100, 1)
    heights = (moved * rows).sum((1, 2, 3)) / moved.sum((1, 2, 3))
    assert (heights - (x * rows).sum() / x.sum()).abs().max() < 8
    assert not torch.equal(moved[0], moved[1])


def test_weight_is_a_maximum_or_minimum_over_neighbours_as_pooling_has_it() -> None:
    ink = torch.rand(3, 1, 100, 100, generator=torch.Generator().manual_seed(0))
    result = augment._weight(ink, torch.tensor([True, False, False]), torch.tensor([False, True, False]))
    pool = torch.nn.functional.max_pool2d
    assert torch.equal(result[0], pool(ink[:1], 3, 1, 1)[0])
    assert torch.equal(result[1], -pool(-ink[1:2], 3, 1, 1)[0])
    assert torch.equal(result[2], ink[2])


def _fitted_bars(count: int) -> torch.Tensor:
    """Upright bars that fill the layout `fit` from top to bottom."""
    images = torch.zeros(count, 100, 100, dtype=torch.uint8)
    images[:, 14:86, 44:56] = 255
    return images


def test_scans_leave_fitted_images_fitted_and_others_as_paper_makes_them() -> None:
    fitted = augment.scans(_fitted_bars(200), torch.Generator().manual_seed(0))
    assert augment.is_fitted(fitted).float().mean() > 0.9
    others, paper = (make(_letters(200), torch.Generator().manual_seed(0)) for make in (augment.scans, augment.paper))
    assert torch.equal(others, paper)


def test_a_clipped_image_loses_up_to_a_twelfth_of_the_box_at_the_edges_and_nothing_within() -> None:
    ink = torch.zeros(60, 1, 100, 100)
    ink[:, :, 14:86, 14:86] = 1
    clipped = augment._clipped(ink, torch.Generator().manual_seed(0))
    assert torch.equal(clipped[:, :, 20:80, 20:80], ink[:, :, 20:80, 20:80])
    rows, columns = (clipped.amax(axis).sum((1, 2)) for axis in (3, 2))
    for kept in (rows, columns):
        assert (kept >= 66).all() and (kept < 72).any() and len(set(kept.tolist())) > 3


def test_a_neighbour_reaches_in_from_one_side_and_leaves_the_character_itself() -> None:
    ink = augment.plain(_fitted_bars(100))
    wide = torch.zeros_like(ink)
    wide[:, :, 30:70, 10:90] = 1
    both = torch.stack([ink, wide], 1).reshape(200, 1, 100, 100)  # each beside one of the other kind
    made = augment._neighboured(both, torch.Generator().manual_seed(0))[::2]
    assert (made >= ink).all()
    left, right = (part.amax((1, 2, 3)) > 0.5 for part in (made[..., :30], made[..., 70:]))
    assert not (left & right).any() and left.float().mean() > 0.25 and right.float().mean() > 0.25
    assert (made[..., 30:70] == ink[..., 30:70]).float().mean() > 0.99


def test_a_marker_thickens_thin_strokes_by_two_pixels_all_round_and_leaves_heavy_ones() -> None:
    ink = augment.plain(_fitted_bars(2))
    ink[1, :, 20:80, 20:80] = 1
    made = augment._marked(ink, torch.Generator())
    pooled = torch.nn.functional.max_pool2d(ink[:1], 5, stride=1, padding=2)
    assert torch.equal(made[:1], pooled) and torch.equal(made[1], ink[1])


def test_a_small_scan_keeps_a_hairline() -> None:
    ink = torch.zeros(30, 1, 100, 100)
    ink[:, :, 14:86, 50:52] = 1
    made = augment._scanned(ink, torch.Generator().manual_seed(0))
    middle = made[..., 20:80, 45:57].amax(3)
    assert (middle > 0.4).float().mean() > 0.9
    assert not torch.equal(made, ink)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 13, 25])
def test_small_batches_are_scanned_too(count: int) -> None:
    made = augment.scans(_fitted_bars(count), torch.Generator().manual_seed(0))
    assert made.shape == (count, 1, 100, 100) and made.isfinite().all()
