"""How well a network reads a set of images: error, accuracy, and what it took each image for."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from fontdemo.networks import Network
from train.augment import plain


@dataclass(frozen=True)
class Evaluation:
    """error: mean cross entropy (nats). accuracy: share of 0..1. predictions, confidence: (N,) on the CPU."""

    error: float
    accuracy: float
    predictions: Tensor
    confidence: Tensor


@torch.no_grad()
def evaluate(network: Network, images: Tensor, labels: Tensor, *, batch: int = 400, half: bool = False) -> Evaluation:
    """Read uint8 images (N, H, W), ink 255, against int64 labels (N,), both on the network's device.

    Batch normalisation and dropout as in reading; the network's mode is put back after. half: bfloat16 autocast.
    Sums are kept on the device and read once at the end, so a GPU is never waited for in between.
    """
    was_training = network.training
    network.eval()
    error = torch.zeros((), dtype=torch.float64 if images.device.type == "cpu" else torch.float32, device=images.device)
    found, confidence = [], []
    for start in range(0, len(images), batch):
        part = plain(images[start : start + batch]).contiguous(memory_format=torch.channels_last)
        with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=half):
            logits = network(part)
        logits = logits.float()
        error += F.cross_entropy(logits, labels[start : start + batch], reduction="sum")
        best = network.probabilities(logits).max(dim=1)
        found.append(best.indices)
        confidence.append(best.values)
    network.train(was_training)
    predictions = torch.cat(found)
    right = (predictions == labels).sum().item()
    return Evaluation(error.item() / len(images), right / len(images), predictions.cpu(), torch.cat(confidence).cpu())
