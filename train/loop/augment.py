"""Augmentation on the device: uint8 images in, float images out, one random draw per image, all from one generator.

Names are those of `recipe.AUGMENTATIONS`. Everything is tensor ops, so a batch costs a few launches on a GPU.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from fontdemo.glyph.layout import FIT_SIDE, SIDE


def plain(images: Tensor) -> Tensor:
    """uint8 (N, H, W), ink 255 -> float32 (N, 1, H, W), ink 1."""
    return images.unsqueeze(1).float().div_(255)


def _uniform(count: int, low: float, high: float, like: Tensor, generator: torch.Generator) -> Tensor:
    return torch.rand(count, generator=generator, device=like.device) * (high - low) + low


def _normal(shape: tuple[int, ...], spread: Tensor | float, like: Tensor, generator: torch.Generator) -> Tensor:
    """Normal, cut off at twice its spread."""
    return torch.randn(shape, generator=generator, device=like.device).clamp_(-2, 2) * spread


def affine(images: Tensor, generator: torch.Generator) -> Tensor:
    """`plain`, then each image turned, sheared, scaled and moved a little, and its strokes thickened or thinned.

    Turn within 12 degrees, shear within 0.25, each side's scale 0.75 to 1.2, shift within 10 % of the side;
    one image in four thickened by one pixel all round (3x3 maximum), one in eight thinned (3x3 minimum).
    """
    ink = plain(images)
    n = ink.shape[0]
    turn = _uniform(n, -math.pi / 15, math.pi / 15, ink, generator)
    shear = _uniform(n, -0.25, 0.25, ink, generator)
    # The sampling grid maps output to input, so it holds the inverse of each scale.
    across, down = (1 / _uniform(n, 0.75, 1.2, ink, generator) for _ in range(2))
    shift = [_uniform(n, -0.2, 0.2, ink, generator) for _ in range(2)]  # in halves of the side
    ink = F.grid_sample(ink, _grid(turn, shear, across, down, *shift), align_corners=False)
    pick = _uniform(n, 0, 1, ink, generator)
    return _weight(ink, pick < 0.25, pick > 0.875)


def paper(images: Tensor, generator: torch.Generator) -> Tensor:
    """`plain`, then what fonts, printing, paper and hands do to a character, other than making it another one.

    Each image is turned, slanted, stretched and bent (5x5 knots), its strokes thickened or thinned, its edges roughened
    and blurred; now and then a corner of it is lost. An image that comes in the layout `fit` is bent further and leaves
    in that layout, cropped anew, as `fontdemo.glyph.glyph` would crop it; any other keeps nearly its size and place,
    which tell the two cases of a letter apart.
    """
    ink = plain(images)
    n = ink.shape[0]
    fitted = is_fitted(ink)
    much = torch.where(fitted, 1.0, 0.5)  # how far what is not cropped anew may stray
    turn, shear = (_normal((n,), much * spread, ink, generator) for spread in (0.11, 0.13))
    size = _normal((n,), 0.03, ink, generator)
    stretch = _normal((n,), much * 0.08, ink, generator)
    across, down = (size + stretch).exp(), (size - stretch).exp()
    shift = [_normal((n,), 0.03, ink, generator) for _ in range(2)]
    grid = _grid(turn, shear, across, down, *shift)
    knots = _normal((n, 2, 5, 5), (much * 0.035).view(n, 1, 1, 1), ink, generator)
    bends = F.interpolate(knots, size=(SIDE, SIDE), mode="bilinear", align_corners=True)
    ink = F.grid_sample(ink, grid + bends.permute(0, 2, 3, 1), align_corners=False)
    pick = _uniform(n, 0, 1, ink, generator)
    ink = _weight(ink, pick < 0.2, pick > 0.88)
    ink = _torn(ink, generator)
    ink = _roughened(ink, generator)
    return torch.where(fitted.view(n, 1, 1, 1), refit(ink), ink)


#: Of a hundred images, so many that `scans` treats in each way. A batch comes in random order, so its places decide.
CLIPPED, NEIGHBOURED, MARKED, SMALL = 8, 8, 8, 18

# Sides in pixels of small scans, and how far a neighbour stands from the middle, as a fraction of the side.
_SIDES, _APART = (16, 22, 30), (0.68, 0.92)


def scans(images: Tensor, generator: torch.Generator) -> Tensor:
    """`paper`, then what scanners, scissors and markers do to some of the images that come in the layout `fit`.

    Some lose up to a twelfth of a side to a tight crop; a neighbour's edge is cut in beside others; strokes of others
    are as thick as a marker's; others are scanned at 16 to 30 pixels and made black and white again. All these leave
    in the layout `fit`; images in other layouts stay as `paper` makes them.
    """
    ink = paper(images, generator)
    fitted = is_fitted(plain(images)).view(-1, 1, 1, 1)
    n = len(ink)
    ends = [n * end // 100 for end in np.cumsum([CLIPPED, NEIGHBOURED, MARKED, SMALL])]
    treatments = (_clipped, _neighboured, _marked, _scanned)
    # Torch has no grid for no images, which a part of a small batch may be.
    parts = ink.tensor_split(ends)
    treated = [treat(part, generator) for treat, part in zip(treatments, parts, strict=False) if len(part)]
    if not treated:
        return ink
    changed = refit(torch.cat(treated))
    return torch.cat([torch.where(fitted[: len(changed)], changed, ink[: len(changed)]), ink[len(changed) :]])


def _clipped(ink: Tensor, generator: torch.Generator) -> Tensor:
    """Up to a twelfth of the layout's box is cut off at each of two sides that meet."""
    n = len(ink)
    positions = torch.arange(SIDE, device=ink.device)
    cuts = [_uniform(n, -FIT_SIDE / 12, FIT_SIDE / 12, ink, generator).view(n, 1) for _ in range(2)]
    low, high = (SIDE - FIT_SIDE) / 2, (SIDE + FIT_SIDE) / 2
    # A cut above 0 is off the near side, below 0 off the far one.
    across, down = ((positions >= low + cut.clamp_min(0)) & (positions < high + cut.clamp_max(0)) for cut in cuts)
    return ink * (down.view(n, 1, SIDE, 1) & across.view(n, 1, 1, SIDE))


def _neighboured(ink: Tensor, generator: torch.Generator) -> Tensor:
    """Another image of these reaches into each from the left or the right; what is beyond the square is cut off."""
    n = len(ink)
    still, same = ink.new_zeros(n), ink.new_ones(n)
    apart = _uniform(n, *_APART, ink, generator) * 2  # in halves of the side
    side = (_uniform(n, 0, 1, ink, generator) < 0.5).float() * 2 - 1
    grid = _grid(still, still, same, same, apart * side, still)
    return torch.maximum(ink, F.grid_sample(ink.roll(1, 0), grid, align_corners=False))


def _marked(ink: Tensor, generator: torch.Generator) -> Tensor:
    """Strokes two pixels wider all round, where less than a sixth of the image is ink."""
    light = (ink.mean((1, 2, 3)) < 1 / 6).view(-1, 1, 1, 1)
    thick = _over_neighbours(_over_neighbours(ink, torch.maximum), torch.maximum)
    return torch.where(light, thick, ink)


def _scanned(ink: Tensor, generator: torch.Generator) -> Tensor:
    """Each third of the images at another side of _SIDES, with noise, and back again, rather black and white."""
    made = []
    for part, side in zip(ink.tensor_split(len(_SIDES)), _SIDES, strict=True):
        if not len(part):
            continue
        small = F.adaptive_avg_pool2d(part, side)
        small = small / small.amax((2, 3), keepdim=True).clamp_min(0.2)  # a hairline is fainter, yet it is there
        small = small + _normal(tuple(small.shape), 0.06, ink, generator)
        large = F.interpolate(small, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
        steep = _uniform(len(part), 1.0, 8.0, ink, generator).view(-1, 1, 1, 1)
        made.append(((large - 0.45) * steep + 0.5).clamp(0, 1))
    return torch.cat(made)


def is_fitted(ink: Tensor) -> Tensor:
    """Which images of float (N, 1, SIDE, SIDE) are in the layout `fit`: bool (N,), by the box of their ink."""
    left, top, right, bottom = _boxes(ink)
    side = torch.maximum(right - left, bottom - top)
    centred = ((left + right - SIDE).abs() <= 2) & ((top + bottom - SIDE).abs() <= 2)
    return centred & ((side - FIT_SIDE).abs() <= 2)


def refit(ink: Tensor) -> Tensor:
    """float (N, 1, SIDE, SIDE) -> the same images in the layout `fit`, as `fontdemo.glyph.fit.fit_ink` makes it."""
    left, top, right, bottom = _boxes(ink)
    scale = torch.maximum(right - left, bottom - top).clamp_min(4) / FIT_SIDE
    still = torch.zeros_like(scale)
    middle = ((left + right) / SIDE - 1, (top + bottom) / SIDE - 1)
    return F.grid_sample(ink, _grid(still, still, scale, scale, *middle), align_corners=False)


def _boxes(ink: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Left, top, right, bottom edge of the ink of float (N, 1, H, W), each float (N,), in pixels; all of a blank one.

    Ink is what is at least half as dark as the darkest pixel, as in `fontdemo.glyph.fit.ink_box`.
    """
    dark = ink[:, 0] >= ink.amax(dim=(2, 3)).view(-1, 1, 1) / 2
    edges = []
    for lines in (dark.any(dim=1), dark.any(dim=2)):  # columns, then rows
        first = lines.float().argmax(dim=1).float()
        last = lines.shape[1] - lines.flip(1).float().argmax(dim=1).float()
        edges.append((first, last))
    (left, right), (top, bottom) = edges
    return left, top, right, bottom


def _grid(turn: Tensor, shear: Tensor, across: Tensor, down: Tensor, right: Tensor, low: Tensor) -> Tensor:
    """Where each pixel is taken from: (N, SIDE, SIDE, 2) for `grid_sample`; turn in radians, shifts in half sides."""
    cos, sin = turn.cos(), turn.sin()
    rows = [across * cos, across * (shear * cos - sin), right, down * sin, down * (shear * sin + cos), low]
    theta = torch.stack(rows, 1).view(-1, 2, 3)
    return F.affine_grid(theta, [len(turn), 1, SIDE, SIDE], align_corners=False)


def _weight(ink: Tensor, thicker: Tensor, thinner: Tensor) -> Tensor:
    """Strokes of the images `thicker` (N,) one pixel wider all round (3x3 maximum), of `thinner` one narrower."""
    n = len(ink)
    thick, thin = _over_neighbours(ink, torch.maximum), _over_neighbours(ink, torch.minimum)
    return torch.where(thicker.view(n, 1, 1, 1), thick, torch.where(thinner.view(n, 1, 1, 1), thin, ink))


def _over_neighbours(ink: Tensor, join: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """`join` (maximum or minimum) over each pixel's 3x3 neighbours; a tenth of the time of a pooling on a CPU."""
    wide = ink.clone()
    wide[..., 1:] = join(wide[..., 1:], ink[..., :-1])
    wide[..., :-1] = join(wide[..., :-1], ink[..., 1:])
    tall = wide.clone()
    tall[..., 1:, :] = join(tall[..., 1:, :], wide[..., :-1, :])
    tall[..., :-1, :] = join(tall[..., :-1, :], wide[..., 1:, :])
    return tall


def _torn(ink: Tensor, generator: torch.Generator) -> Tensor:
    """One image in twelve loses what a square of 8 to 20 pixels covers."""
    n = len(ink)
    positions = torch.arange(SIDE, device=ink.device)
    half_width = _uniform(n, 4, 10, ink, generator).view(n, 1)
    middles = [_uniform(n, 20, 80, ink, generator).view(n, 1) for _ in range(2)]
    across, down = ((positions - middle).abs() < half_width for middle in middles)
    chosen = _uniform(n, 0, 1, ink, generator).view(n, 1, 1) < 1 / 12
    return ink * ~(chosen & down.view(n, SIDE, 1) & across.view(n, 1, SIDE)).unsqueeze(1)


def _roughened(ink: Tensor, generator: torch.Generator) -> Tensor:
    """Blurred a little, grain added, and made as steep again as found ink is; one image in three stays clean."""
    n = len(ink)
    small = F.interpolate(ink, size=(SIDE // 2, SIDE // 2), mode="bilinear", align_corners=False)
    blurred = F.interpolate(small, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
    amount = _uniform(n, 0, 1, ink, generator).view(n, 1, 1, 1)
    soft = torch.lerp(ink, blurred, amount)
    fine = torch.randn((n, 1, SIDE // 2, SIDE // 2), generator=generator, device=ink.device)
    grain = F.interpolate(fine, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
    strength = _uniform(n, -0.15, 0.3, ink, generator).clamp_min(0).view(n, 1, 1, 1)
    # Grain shows at edges only: paper and full ink are what they were decided to be when ink was told from paper.
    edges = 4 * blurred * (1 - blurred)
    steep = _uniform(n, 1.0, 4.0, ink, generator).view(n, 1, 1, 1)
    rough = ((soft + strength * edges * grain - 0.5) * steep + 0.5).clamp(0, 1)
    clean = _uniform(n, 0, 1, ink, generator).view(n, 1, 1, 1) < 1 / 3
    return torch.where(clean, ink, rough)


def augment(name: str, images: Tensor, generator: torch.Generator) -> Tensor:
    """uint8 (N, H, W) -> float32 (N, 1, H, W) by the augmentation called `name`; KeyError if there is none."""
    if name == "none":
        return plain(images)
    return {"affine": affine, "paper": paper, "scans": scans}[name](images, generator)
