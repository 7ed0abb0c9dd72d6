"""Training only a network's last stages: the earlier ones stay as they are, and every image passes through them once.

What the earlier stages make of the augmented images is kept, so that a step costs what the last stages cost. The price:
every image is augmented once and not anew in every epoch. Steps are in `train.loop.step`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from fontdemo.errors import FontdemoError
from fontdemo.network.network import Network
from train.loop import fast

# Images that pass the earlier stages at a time.
_BATCH = 100


def split(network: Network, first: str) -> tuple[nn.Sequential, nn.Sequential]:
    """The stages of `network` before the one called `first`, and the others; they stay parts of the network.

    FontdemoError if it has no such stage, or nothing before it.
    """
    names = list(network.stages)
    if first not in names[1:]:
        raise FontdemoError(f"There is no stage {first!r} to train from; there are {', '.join(names[1:])}.")
    at = names.index(first)
    stages = list(network.stages.values())
    frozen, trained = (nn.Sequential(*part).train(network.training) for part in (stages[:at], stages[at:]))
    return frozen, trained


@torch.no_grad()
def features(
    stages: nn.Module, make: Callable[[Tensor], Tensor], images: Tensor, *, bf16: bool, batch: int = _BATCH
) -> Tensor:
    """What `stages`, as in reading, make of what `make` turns `batch` at a time of images into: bfloat16 (N, ...).

    images: (N, ...), whatever `make` takes; it gives float32 (n, 1, H, W). bf16: bfloat16 autocast.
    """
    training = stages.training
    stages.eval()
    read = fast.reading(fast.stages_of(stages)) if images.device.type == "cpu" else stages
    kept: Tensor | None = None
    for start in range(0, len(images), batch):
        inputs = make(images[start : start + batch]).contiguous(memory_format=torch.channels_last)
        with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=bf16):
            values = read(inputs).to(torch.bfloat16)
        if kept is None:
            last = values.dim() == 4 and values.is_contiguous(memory_format=torch.channels_last)
            kept = torch.empty(
                (len(images), *values.shape[1:]), dtype=values.dtype, device=values.device,
                memory_format=torch.channels_last if last else torch.contiguous_format,
            )  # fmt: skip
        kept[start : start + batch] = values
    stages.train(training)
    assert kept is not None  # there are images
    return kept
