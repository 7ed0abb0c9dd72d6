"""How well a network reads a set of images: error, accuracy, each answer, and accuracy by category of typeface.

Which classes it confuses, and its worst mistakes, are in `train.runs.mistakes`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from fontdemo.network.network import Network
from train.data.glyphset import PARTS, GlyphSet
from train.loop import fast
from train.loop.augment import plain
from train.loop.device import Images


@dataclass(frozen=True)
class Evaluation:
    """error: mean cross entropy (nats). accuracy: fraction, 0..1. predictions, confidence: (N,) on the CPU."""

    error: float
    accuracy: float
    predictions: Tensor
    confidence: Tensor


@dataclass(frozen=True)
class CategoryAccuracy:
    """accuracy: fraction, 0..1, of the `images` whose typeface is of this category (Serif, Display, ...)."""

    category: str
    accuracy: float
    images: int


@torch.no_grad()
def evaluate(
    network: Network, images: Tensor | Images, labels: Tensor, *, batch: int | None = None, bf16: bool = False
) -> Evaluation:
    """Read uint8 images (N, H, W), ink 255, against int64 labels (N,), both on the network's device.

    Batch normalisation and dropout as in reading; the network's mode is put back after. bf16: bfloat16 autocast.
    Sums are kept on the device and read once at the end, so a GPU is never waited for in between.
    batch: images at a time; 100 on a CPU (what its caches hold), 2000 on CUDA, unless given.
    """
    batch = batch or (100 if images.device.type == "cpu" else 2000)
    was_training = network.training
    network.eval()
    read = fast.reading(fast.stages_of(network)) if images.device.type == "cpu" else network
    error = torch.zeros((), dtype=torch.float64 if images.device.type == "cpu" else torch.float32, device=images.device)
    found, confidence = [], []
    for start in range(0, len(images), batch):
        part = plain(images[start : start + batch]).contiguous(memory_format=torch.channels_last)
        with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=bf16):
            logits = read(part)
        logits = logits.float()
        error += F.cross_entropy(logits, labels[start : start + batch], reduction="sum")
        best = network.probabilities(logits).max(dim=1)
        found.append(best.indices)
        confidence.append(best.values)
    network.train(was_training)
    predictions = torch.cat(found)
    right = (predictions == labels).sum().item()
    return Evaluation(error.item() / len(images), right / len(images), predictions.cpu(), torch.cat(confidence).cpu())


def by_category(result: Evaluation, data: GlyphSet, part: str) -> list[CategoryAccuracy]:
    """How many images are read rightly by the category of their typeface, the commonest first.

    result: of `evaluate` on the images of `data`'s part called `part`, in their order there.
    """
    chosen = data.split == PARTS.index(part)
    right = result.predictions.numpy() == data.labels[chosen]
    categories = np.array([face.category for face in data.faces])[data.face[chosen]]
    names, counts = np.unique(categories, return_counts=True)
    found = [
        CategoryAccuracy(str(name), float(right[categories == name].mean()), int(count))
        for name, count in zip(names, counts, strict=True)
    ]
    return sorted(found, key=lambda row: -row.images)
