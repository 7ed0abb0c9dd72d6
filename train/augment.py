"""Augmentation on the device: uint8 images in, float images out, one random draw an image, all from one generator.

Names are those of `recipe.AUGMENTATIONS`. Everything is tensor ops, so a batch costs a few launches on a GPU.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def plain(images: Tensor) -> Tensor:
    """uint8 (N, H, W), ink 255 -> float32 (N, 1, H, W), ink 1."""
    return images.unsqueeze(1).float().div_(255)


def _uniform(count: int, low: float, high: float, like: Tensor, generator: torch.Generator) -> Tensor:
    return torch.rand(count, generator=generator, device=like.device) * (high - low) + low


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
    cos, sin = turn.cos(), turn.sin()
    shift = [_uniform(n, -0.2, 0.2, ink, generator) for _ in range(2)]  # in halves of the side
    rows = [across * cos, across * (shear * cos - sin), shift[0], down * sin, down * (shear * sin + cos), shift[1]]
    grid = F.affine_grid(torch.stack(rows, 1).view(n, 2, 3), list(ink.shape), align_corners=False)
    ink = F.grid_sample(ink, grid, align_corners=False)
    thick = F.max_pool2d(ink, 3, 1, 1)
    thin = -F.max_pool2d(-ink, 3, 1, 1)
    pick = _uniform(n, 0, 1, ink, generator).view(n, 1, 1, 1)
    return torch.where(pick < 0.25, thick, torch.where(pick > 0.875, thin, ink))


def augment(name: str, images: Tensor, generator: torch.Generator) -> Tensor:
    """uint8 (N, H, W) -> float32 (N, 1, H, W) by the augmentation called `name`; KeyError if there is none."""
    return {"none": lambda: plain(images), "affine": lambda: affine(images, generator)}[name]()
