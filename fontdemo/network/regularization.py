"""What batch normalisation and dropout do to one stage of a real network that reads a glyph; numbers only.

Nothing is trained: batch normalisation is that of a network in use, dropout is what training would do to this image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from fontdemo.errors import FontdemoError
from fontdemo.network.network import Network
from fontdemo.network.stages import Conv

Values = NDArray[np.float32]


@dataclass(frozen=True)
class Normalised:
    """Batch normalisation of one convolution: after = weight (before - mean) / sqrt(variance + epsilon) + bias.

    before, after: float32 (C, H, W), the convolution's output and what the normalisation makes of it.
    mean, variance: float32 (C,), the running ones of training. weight, bias: float32 (C,), learned.
    """

    before: Values
    after: Values
    mean: Values
    variance: Values
    weight: Values
    bias: Values
    epsilon: float


@dataclass(frozen=True)
class Dropped:
    """Dropout of one stage's values with a given probability; what stays is divided by 1 - probability.

    before, after: float32 (C, H, W) or (n,). kept: bool, of their shape. usual, probabilities: float32 (classes,), the
    network's answer without and with it.
    """

    before: Values
    after: Values
    kept: NDArray[np.bool_]
    usual: Values
    probabilities: Values


def normalised_stages(network: Network) -> list[str]:
    """The names of the stages that have batch normalisation."""
    return [name for name, stage in network.stages.items() if isinstance(stage, Conv)]


def dropped_stages(network: Network) -> list[str]:
    """The names of the stages whose values others go on with: all but the last."""
    return list(network.stages)[:-1]


@torch.inference_mode()
def normalise(network: Network, image: Values, stage: str) -> Normalised:
    """Batch normalisation of `stage` for an ink image (100, 100); FontdemoError if that stage has none."""
    if stage not in normalised_stages(network):
        raise FontdemoError("This stage has no batch normalisation. Choose a convolution.")
    values = torch.from_numpy(image)[None, None]
    for name, part in network.stages.items():
        if name == stage:
            break
        values = part(values)
    conv, norm = part.conv, part.norm
    assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    assert norm.running_mean is not None and norm.running_var is not None
    before = conv(values)
    after = norm(before)
    mean, variance, weight, bias = (
        tensor.numpy().copy() for tensor in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    return Normalised(_plain(before), _plain(after), mean, variance, weight, bias, norm.eps)


@torch.inference_mode()
def drop(network: Network, image: Values, stage: str, probability: float, seed: int) -> Dropped:
    """Dropout with `probability` (0 to below 1) of the values of `stage` for an ink image (100, 100), drawn by `seed`.

    FontdemoError for a stage that is none of `dropped_stages`, or a probability out of range.
    """
    if stage not in dropped_stages(network):
        raise FontdemoError("There is no such stage. Choose one from the list.")
    if not 0 <= probability < 1:
        raise FontdemoError("The dropout probability must be at least 0 and below 1.")
    outputs = network.trace(torch.from_numpy(image)[None, None])
    before = outputs[stage]
    # Drawn in order of the maps, whatever the tensor's layout in memory.
    drawn = torch.rand(before.shape, generator=torch.Generator().manual_seed(seed))
    kept = drawn >= probability
    after = values = torch.where(kept, before / (1 - probability), torch.zeros_like(before))
    names = list(network.stages)
    for name in names[names.index(stage) + 1 :]:
        values = network.stages[name](values)
    usual = network.probabilities(outputs[names[-1]])
    return Dropped(
        _plain(before), _plain(after), kept[0].numpy(), _plain(usual), _plain(network.probabilities(values))
    )


def _plain(values: torch.Tensor) -> Values:
    """The only one of a batch, in order of its indices."""
    return np.ascontiguousarray(values[0].numpy())
