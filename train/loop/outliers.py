"""Images of non-characters, made on the device from images of characters: what "I can't tell" is learned from.

A network that is trained to spread its answer evenly over these (outlier exposure: Hendrycks, Mazeika and Dietterich,
2019) can be told apart when it does not know. They are made of the glyphs of the batch and of noise, never of drawings
or photographs by anyone. All come in the layout `fit`, as anything does that is not drawn between the guide lines.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from fontdemo.glyph.layout import SIDE
from train.loop.augment import plain, refit

# A scribble is sampled at so many points, and drawn on a grid of half the resolution.
_POINTS, _COARSE = 64, SIDE // 2


def outliers(images: Tensor, generator: torch.Generator) -> Tensor:
    """uint8 (N, SIDE, SIDE) of characters -> float32 (N, 1, SIDE, SIDE) of things that are none, as many of each kind:

    scribbles, twice; two characters beside each other, or one upon the other; the quarters of one in wrong places;
    blots; a texture. Where N is no multiple of the kinds, the first have one more.
    """
    ink = plain(images)
    kinds = [_scribbles, _pairs, _scribbles, _overlaid, _jumbled, _blots, _textures]
    parts = torch.arange(len(ink), device=ink.device).tensor_split(len(kinds))
    made = [kind(ink[part], generator) for kind, part in zip(kinds, parts, strict=False) if len(part)]
    return refit(torch.cat(made))


def _pairs(ink: Tensor, generator: torch.Generator) -> Tensor:
    """Each image beside another one, both at half their size."""
    halves = F.avg_pool2d(ink, 2)
    return F.pad(torch.cat([halves, halves.roll(1, 0)], dim=3), (0, 0, SIDE // 4, SIDE // 4))


def _overlaid(ink: Tensor, generator: torch.Generator) -> Tensor:
    """Each image upon another one that is moved by a fifth of the side."""
    by = SIDE // 5
    both = torch.maximum(F.pad(ink, (0, by, 0, by)), F.pad(ink.roll(1, 0), (by, 0, by, 0)))
    return F.interpolate(both, size=(SIDE, SIDE), mode="bilinear", align_corners=False)


def _jumbled(ink: Tensor, generator: torch.Generator) -> Tensor:
    """The quarters of each image taken round by one or two places, and mirrored."""
    middle = SIDE // 2
    upper, lower = ink[:, :, :middle], ink[:, :, middle:]
    a, b, c, d = upper[..., :middle], upper[..., middle:], lower[..., :middle], lower[..., middle:]
    turned = torch.cat([torch.cat([d, c.flip(2)], 3), torch.cat([b.flip(3), a], 3)], 2)
    crossed = torch.cat([torch.cat([c.flip(3), a], 3), torch.cat([d, b.flip(2)], 3)], 2)
    pick = torch.rand(len(ink), generator=generator, device=ink.device).view(-1, 1, 1, 1) < 0.5
    return torch.where(pick, turned, crossed)


def _scribbles(ink: Tensor, generator: torch.Generator) -> Tensor:
    """One to three lines of a pen that runs to and fro: sums of a few waves of random frequency and phase."""
    n = len(ink)
    # Lines of one scribble are as slow or fast as each other; fewer than two turns would often be a letter.
    haste = 2 + 6 * torch.rand((n, 1, 1, 1), generator=generator, device=ink.device)
    drawn, *more = (_line(haste, generator) for _ in range(3))
    count = torch.rand((n, 1, 1, 1), generator=generator, device=ink.device) * 3
    for number, line in enumerate(more, start=1):
        drawn = torch.where(count > number, torch.maximum(drawn, line), drawn)
    return drawn


def _line(haste: Tensor, generator: torch.Generator) -> Tensor:
    """A line of waves, each of 1 to `haste` (n, 1, 1, 1) periods: float32 (n, 1, SIDE, SIDE)."""
    n, device = len(haste), haste.device

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, device=device)

    time = torch.linspace(0, 1, _POINTS, device=device).view(1, 1, 1, -1)
    frequency = 1 + (haste - 1) * uniform(n, 2, 4, 1)
    waves = torch.sin(2 * math.pi * (frequency * time + uniform(n, 2, 4, 1)))
    path = (waves * (0.2 + uniform(n, 2, 4, 1))).sum(2) + (uniform(n, 2, 1) - 0.5) * 3 * time[:, 0]
    low, high = path.amin(2, keepdim=True), path.amax(2, keepdim=True)
    path = ((path - low) / (high - low) * 0.7 + 0.15) * _COARSE  # (n, 2, points)
    positions = torch.arange(_COARSE, device=device) + 0.5
    start, step = path[..., :-1], path.diff(dim=2)
    across, down = positions.view(1, 1, -1, 1) - start[:, :1, None], positions.view(1, -1, 1, 1) - start[:, 1:, None]
    right, below = step[:, :1, None], step[:, 1:, None]
    # The distance from each pixel to each piece of the line.
    along = ((across * right + down * below) / (right**2 + below**2).clamp_min(1e-6)).clamp(0, 1)
    distance = ((across - along * right) ** 2 + (down - along * below) ** 2).amin(3).sqrt()
    pen = 0.8 + 2 * uniform(n, 1, 1)
    drawn = (pen - distance + 0.5).clamp(0, 1).unsqueeze(1)
    return F.interpolate(drawn, size=(SIDE, SIDE), mode="bilinear", align_corners=False)


def _blots(ink: Tensor, generator: torch.Generator) -> Tensor:
    """Smooth noise cut at a height: blots and holes of a tenth to a third of the side."""
    return _noise(ink, 6, 12.0, generator)


def _textures(ink: Tensor, generator: torch.Generator) -> Tensor:
    """The same, finer and softer, as photographs come out when ink is looked for in them."""
    return _noise(ink, 16, 3.0, generator)


def _noise(ink: Tensor, cells: int, steepness: float, generator: torch.Generator) -> Tensor:
    n = len(ink)
    coarse = torch.randn((n, 1, cells, cells), generator=generator, device=ink.device)
    large = torch.randn((n, 1, 3, 3), generator=generator, device=ink.device)
    size = (SIDE, SIDE)
    height = F.interpolate(coarse, size=size, mode="bicubic", align_corners=True)
    height = height + F.interpolate(large, size=size, mode="bicubic", align_corners=True)
    level = torch.rand((n, 1, 1, 1), generator=generator, device=ink.device)
    edge = torch.linspace(-1, 1, SIDE, device=ink.device).abs()
    # Falls away all round: straight edges would make bars and blocks, and heavy letters are made of those.
    radius = (edge.view(1, 1, -1, 1) ** 2 + edge.view(1, 1, 1, -1) ** 2).sqrt()
    height = height - 8 * (radius - 0.55).clamp_min(0)
    level = torch.minimum(level, height.amax((2, 3), keepdim=True) - 0.8)  # there is always something
    return torch.sigmoid(steepness * (height - level))


