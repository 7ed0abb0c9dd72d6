"""A network's stages, faster for reading on a CPU: the same numbers, up to float rounding.

Batch normalisation is a part of the convolution's weights, and the activation comes after the pool, on a quarter of the
numbers. Nothing of this helps in training, where statistics and gradients are needed: docs/log.md says what was tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from fontdemo.network.network import Network
from fontdemo.network.stages import Conv, Residual

Maps = Callable[[Tensor], Tensor]


def stages_of(network: nn.Module) -> list[nn.Module]:
    """The stages in order: of a `Network`, or of the part of one that a Sequential holds."""
    return list(network.stages.values() if isinstance(network, Network) else network.children())


def reading(stages: Iterable[nn.Module]) -> Maps:
    """What the stages make of maps, for reading alone; weights that change later are not seen.

    RuntimeError if the stages are in training mode.
    """
    steps: list[Maps] = []
    for stage in stages:
        if isinstance(stage, nn.MaxPool2d) and steps and isinstance(steps[-1], _Folded) and _tiles(stage):
            steps[-1].pool = cast(int, stage.kernel_size)
        elif isinstance(stage, Conv):
            steps.append(_Folded(stage))
        elif isinstance(stage, Residual):
            steps.append(_FoldedResidual(stage))
        else:
            steps.append(stage)
    return lambda maps: reduce(lambda now, step: step(now), steps, maps)


def _tiles(pool: nn.MaxPool2d) -> bool:
    """Whether it takes the maximum of squares beside each other."""
    size = pool.kernel_size
    plain = (pool.padding, pool.dilation, pool.ceil_mode, pool.return_indices) == (0, 1, False, False)
    return isinstance(size, int) and pool.stride == size and plain


class _Folded:
    """A convolution with its normalisation in its weights, the activation, and the pool after it (1: none)."""

    def __init__(self, stage: Conv) -> None:
        self.conv = _fused(stage.conv, stage.norm)
        self.act = stage.act
        self.pool = 1

    def __call__(self, maps: Tensor) -> Tensor:
        maps = self.conv(maps)
        if self.pool == 1:
            return cast(Tensor, self.act(maps))
        # Every activation there is falls at most up to one place and rises from there on (SiLU falls to -1.28), so the
        # highest of its values in a square is that of the square's highest or of its lowest number.
        highest, lowest = (_of_squares(maps, self.pool, choose) for choose in (torch.maximum, torch.minimum))
        return torch.maximum(self.act(highest), self.act(lowest))


class _FoldedResidual:
    """A residual stage with its normalisations in the weights."""

    def __init__(self, stage: Residual) -> None:
        self.first = _Folded(stage.first)
        self.conv = _fused(stage.conv, stage.norm)
        self.act = stage.act

    def __call__(self, maps: Tensor) -> Tensor:
        return cast(Tensor, self.act(maps + self.conv(self.first(maps))))


def _fused(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
    if norm.training:
        raise RuntimeError("stages are folded for reading, not in training mode")
    # One input channel leaves it open which layout the weights are in; oneDNN goes by their strides, which `to` sets.
    fused = fuse_conv_bn_eval(conv, norm).requires_grad_(False)
    fused.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return fused


def _of_squares(maps: Tensor, size: int, choose: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """`choose` (maximum or minimum) over squares of `size` pixels: (N, C, H, W) -> (N, C, H // size, W // size)."""
    height, width = (side // size * size for side in maps.shape[2:])
    rows = reduce(choose, [maps[:, :, at:height:size, :width] for at in range(size)])
    return reduce(choose, [rows[..., at::size] for at in range(size)])
