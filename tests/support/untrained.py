"""Weights folders of untrained networks, for tests of what shows them."""

from __future__ import annotations

from pathlib import Path

import torch

from fontdemo.network import pretrained
from fontdemo.network.network import Network


def save_untrained(root: Path, seed: int = 0) -> dict[str, Path]:
    """The report's two networks with the weights of `seed`, saved below `root` as weights are: {name: folder}."""
    folders = {name: root / name for name in ("report-cnn", "report-crnn")}
    for name, folder in folders.items():
        torch.manual_seed(seed)
        pretrained.save(Network(name), folder, "# For tests only\n")
    return folders
