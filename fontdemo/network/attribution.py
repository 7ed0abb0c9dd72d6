"""Why a network answers as it does: which ink speaks for a class, which maps matter.

It works from a network's stages alone, whatever their architecture. Pictures of it are made in
`fontdemo.ui.read.why`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fontdemo.network.network import Network

#: Pictures between blank paper and the image over which gradients are averaged.
STEPS = 24

# Values of maps that are held at a time.
_AT_ONCE = 4_000_000


def saliency(
    network: Network, image: NDArray[np.float32], labels: Sequence[int], steps: int = STEPS
) -> NDArray[np.float32]:
    """How much each pixel's ink speaks for (above 0) or against each class of `labels`: float32 (len(labels), H, W).

    image: float32 (SIDE, SIDE) in 0..1. Integrated gradients (Sundararajan, Taly, Yan 2017) from blank paper to the
    image: the gradient of the class's logit, averaged over `steps` pictures between paper and the image, times the ink.
    A class's values add up to its logit less the one it has for blank paper, but for the error of the sum.
    """
    target = torch.from_numpy(image)
    fractions = (torch.arange(steps, dtype=torch.float32) + 0.5) / steps
    with torch.enable_grad():
        between = (fractions[:, None, None, None] * target).requires_grad_()
        logits = network(between)
        gradients = [
            torch.autograd.grad(logits[:, label].sum(), between, retain_graph=index + 1 < len(labels))[0]
            for index, label in enumerate(labels)
        ]
    found = torch.stack([gradient.mean(dim=(0, 1)) for gradient in gradients]) * target
    return np.asarray(found.numpy(), dtype=np.float32)


@torch.no_grad()
def ablation(
    network: Network, image: NDArray[np.float32], stage: str, labels: Sequence[int]
) -> NDArray[np.float32]:
    """By how much each logit of `labels` falls when a map of `stage` is set to 0: float32 (maps, len(labels)).

    image: float32 (SIDE, SIDE) in 0..1. Of a stage without maps each value counts as one.
    """
    names = list(network.stages)
    before, after = names[: names.index(stage) + 1], names[names.index(stage) + 1 :]
    maps = _run(network, before, torch.from_numpy(image)[None, None])
    full = _run(network, after, maps)[:, list(labels)]
    # Each map takes a copy of all of them, and of thousands that would be gigabytes: so many copies at a time.
    count, some = maps.shape[1], max(1, _AT_ONCE // maps.numel())
    falls = []
    for start in range(0, count, some):
        silenced = torch.arange(start, min(start + some, count))
        without = maps.repeat(len(silenced), *[1] * (maps.dim() - 1))
        without[torch.arange(len(silenced)), silenced] = 0
        falls.append(full - _run(network, after, without)[:, list(labels)])
    return np.asarray(torch.cat(falls).numpy(), dtype=np.float32)


def last_maps(network: Network, outputs: dict[str, NDArray[np.float32]]) -> str | None:
    """The name of the last stage whose output is maps of more than one cell; None if there is none.

    outputs: stage name -> (C, H, W) or (n,), as in `fontdemo.reading.reader.Reading`.
    """
    return next((n for n in reversed(list(network.stages)) if outputs[n].ndim == 3 and outputs[n].shape[1] > 1), None)


def _run(network: Network, names: Sequence[str], values: Tensor) -> Tensor:
    for name in names:
        values = network.stages[name](values)
    return values
