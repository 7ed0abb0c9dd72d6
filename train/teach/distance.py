"""How far a lesson goes from a network's old weights towards the taught ones: as far as printed characters allow."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from train.teach.rehearsal import Rehearsal


@torch.no_grad()
def read(layers: nn.Module, inputs: Tensor) -> Tensor:
    """What these stages take inputs (N, ...) for: int64 (N,), an index of a class each."""
    return torch.as_tensor(layers(inputs).argmax(1))


def right(found: Tensor, labels: Tensor) -> float:
    """The fraction, 0..1, of `found` that are as `labels` say; both int64 (N,)."""
    return float((found == labels).float().mean())


@torch.no_grad()
def between(old: nn.Module, new: nn.Module, far: float) -> nn.Module:
    """A copy of `old` with its numbers moved by the fraction `far`, 0..1, towards those of `new`."""
    moved = copy.deepcopy(old)
    for number, target in zip(moved.parameters(), new.parameters(), strict=True):
        number.lerp_(target, far)
    return moved


@torch.no_grad()
def as_far_as_allowed(
    old: nn.Module, new: nn.Module, own: Tensor, before: Tensor, labels: Tensor, kept: Rehearsal, lowest: float
) -> tuple[float | None, Tensor]:
    """How far to go from `old` to `new`: 1, all the way, or the most tenths that lose no more than is allowed.

    own, labels: the drawings' inputs to these stages, and their classes, int64 (N,). before: what `old` reads them as.
    lowest: the fraction of `kept`'s printed characters that must be read rightly. Returns how far, None where no
    drawing can be learned within that; and what the drawings are read as there (for None: all the way), int64 (N,).
    """
    all_the_way = None
    for tenths in range(10, 0, -1):
        layers = between(old, new, tenths / 10)
        found = read(layers, own)
        all_the_way = found if all_the_way is None else all_the_way
        after = right(found, labels)
        if right(read(layers, kept.printed), kept.labels) >= lowest and (right(before, labels) < after or after == 1):
            return tenths / 10, found
    assert all_the_way is not None
    return None, all_the_way
