"""The stages that networks are made of: each is one box of the report's figures, with the layers that belong to it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fontdemo.alphabet import CHARACTERS, Alphabet
from fontdemo.errors import FontdemoError

#: The activations by name; `alpha` in the options is ELU's constant.
ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "silu": nn.SiLU,
    "sigmoid": nn.Sigmoid,
}


class NetworkError(FontdemoError):
    """These settings make no network (or not one of ours); says which setting and why."""


def activation(name: str) -> nn.Module:
    """A new activation layer by its name in ACTIVATIONS; NetworkError if there is none of that name."""
    try:
        return ACTIVATIONS[name]()
    except (KeyError, TypeError):
        raise NetworkError(f"no activation {name!r}; there are {', '.join(ACTIVATIONS)}") from None


def sliding_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """Output positions along one side of a convolution or pooling over `size` pixels.

    floor((size + 2 p - kernel) / stride) + 1; the report writes it as ((size + 2 p) - (kernel - stride)) / stride.
    NetworkError if nothing comes out or a setting is out of range.
    """
    if kernel < 1 or stride < 1 or padding < 0:
        raise NetworkError("kernel and stride must be at least 1, padding at least 0")
    if size + 2 * padding < kernel:
        raise NetworkError(
            f"a kernel of {kernel} does not fit into {size} pixels with a padding of {padding} on either side"
        )
    return (size + 2 * padding - kernel) // stride + 1


class Conv(nn.Sequential):
    """Convolution, batch normalisation, activation: (N, in, H, W) -> (N, out, H', W')."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, padding: int, act: str) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding)
        self.norm = nn.BatchNorm2d(outputs)
        self.act = activation(act)


class Residual(nn.Module):
    """Two convolutions of 3x3 whose result is added to what came in (He et al. 2016): (N, C, H, W) -> the same shape.

    The second one's activation comes after the sum, so that the shortcut carries the maps through unchanged.
    """

    def __init__(self, channels: int, act: str) -> None:
        super().__init__()
        self.first = Conv(channels, channels, 3, 1, 1, act)
        self.conv = nn.Conv2d(channels, channels, 3, 1, 1)
        self.norm = nn.BatchNorm2d(channels)
        self.act = activation(act)

    def forward(self, maps: Tensor) -> Tensor:
        return cast(Tensor, self.act(maps + self.norm(self.conv(self.first(maps)))))


class Fold(nn.Module):
    """The logits of all 62 characters -> those of an alphabet: (N, 62) -> (N, classes), nothing to learn.

    A class of n characters ("C c" has two) gets the sum of their probabilities over the square root of n: halfway
    between the sum, which is right where every character is as frequent, and the mean, which is right where every class
    is. Nobody says which of the two a picture comes from. Characters that the alphabet has not are left out.
    """

    def __init__(self, alphabet: Alphabet) -> None:
        super().__init__()
        homes = [(index, label) for index, label in enumerate(map(alphabet.label, CHARACTERS)) if label is not None]
        kept, labels = (list(column) for column in zip(*homes, strict=True))
        self.pairs = [(home, other) for other, home in alphabet.twins.items()]  # the characters of each class of two
        self.pair_labels = [alphabet.classes.index(home) for home, _ in self.pairs]
        # Buffers, so that they move with the network: a tensor made from a list in `forward` is a copy from the host,
        # which a CUDA graph can't capture. They follow from the alphabet, so the weights need not hold them.
        self.kept: Tensor
        self.labels: Tensor
        self.roots: Tensor
        self.register_buffer("kept", torch.tensor(kept), persistent=False)
        self.register_buffer("labels", torch.tensor(labels), persistent=False)
        # Not torch's square root: on the meta device that loads torch's compiler, which takes seconds.
        roots = [math.sqrt(labels.count(label)) for label in range(len(alphabet))]
        self.register_buffer("roots", torch.tensor(roots), persistent=False)

    def likelier(self, logits: NDArray[np.float32], ratio: float) -> list[dict[int, str]]:
        """Of each image: label of a class of two characters -> the one at least `ratio` times as likely as the other.

        logits: float32 (N, 62), what `forward` gets. Classes of which neither character is are left out.
        """
        first, second = ([CHARACTERS.index(pair[side]) for pair in self.pairs] for side in (0, 1))
        lead = logits[:, second] - logits[:, first]
        found: list[dict[int, str]] = [{} for _ in logits]
        for row, number in zip(*np.nonzero(np.abs(lead) >= math.log(ratio)), strict=True):
            found[row][self.pair_labels[number]] = self.pairs[number][int(lead[row, number] > 0)]
        return found

    def forward(self, logits: Tensor) -> Tensor:
        kept = logits.index_select(1, self.kept)
        highest = kept.detach().amax(dim=1, keepdim=True)  # so that no exponential overflows
        powers = torch.zeros(len(logits), len(self.roots), dtype=kept.dtype, device=kept.device)
        sums = powers.index_add(1, self.labels, (kept - highest).exp())
        return (sums / self.roots.to(kept.dtype)).clamp_min(torch.finfo(kept.dtype).tiny).log() + highest


class Flatten(nn.Sequential):
    """The maps of the last pool in one row, after the activation that the report applies to them once more, if any."""

    def __init__(self, act: str | None) -> None:
        super().__init__()
        if act is not None:
            self.act = activation(act)
        self.flatten = nn.Flatten()


class FullyConnected(nn.Sequential):
    """Fully connected layer with its activation, if any: (N, in) -> (N, out)."""

    def __init__(self, inputs: int, outputs: int, act: str | None, dropout: float = 0.0) -> None:
        super().__init__()
        self.fc = nn.Linear(inputs, outputs)
        if act is not None:
            self.act = activation(act)
        if dropout:
            self.dropout = nn.Dropout(dropout)


class Recurrent(nn.Module):
    """The report's GRU over a sequence of one step: (N, C, H, W) -> (N, 1, C H W) -> last hidden state (N, width)."""

    def __init__(self, inputs: int, width: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.gru = nn.GRU(inputs, width, layers, batch_first=True, dropout=dropout)

    def forward(self, maps: Tensor) -> Tensor:
        steps, _ = self.gru(maps.reshape(maps.shape[0], -1, self.gru.input_size))
        return cast(Tensor, steps[:, -1, :])
