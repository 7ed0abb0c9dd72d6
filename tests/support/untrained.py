"""Weights folders of untrained networks, for tests of what shows them, and what their layers make of a glyph."""

from __future__ import annotations

from pathlib import Path

import torch

from fontdemo.glyph.glyph import Glyph
from fontdemo.network import pretrained
from fontdemo.network.network import Network


def save_untrained(root: Path, seed: int = 0) -> dict[str, Path]:
    """The report's two networks with the weights of `seed`, saved below `root` as weights are: {name: folder}."""
    folders = {name: root / name for name in ("report-cnn", "report-crnn")}
    for name, folder in folders.items():
        torch.manual_seed(seed)
        pretrained.save(Network(name), folder, "# For tests only\n")
    return folders


def direct(folder: Path, glyph: Glyph) -> torch.Tensor:
    """Probabilities by calling the network's layers by hand."""
    network = pretrained.load(folder)
    value = torch.from_numpy(glyph.image)[None, None]
    with torch.no_grad():
        for stage in network.stages.values():
            value = stage(value)
    return torch.softmax(value[0], 0)
