"""Runs as they lie on disk, made without training, and a name that would run if it were not escaped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.training import letter_set
from train.loop.recipe import Recipe
from train.runs.folder import RunFolder

EVIL = "<img src=x onerror=alert(1)>\"'&"


def row(number: int, error: float, accuracy: float) -> dict[str, Any]:
    return {
        "kind": "epoch", "at": number, "epoch": number, "train_error": error, "train_accuracy": accuracy,
        "valid_error": error, "valid_accuracy": accuracy, "previous_best": None, "improved": True,
        "seconds": 60.0 * number, "device": "the CPU (2 threads)", "memory": 512_000_000,
    }  # fmt: skip


def make_run(
    root: Path, name: str, *, status: str = "stopped", rows: int = 3, recipe: Recipe | None = None, message: str = ""
) -> Path:
    """A run's folder as one that trained would have left it."""
    folder = root / name
    data = root.parent / "small.npz"
    if not data.exists():
        root.mkdir(parents=True, exist_ok=True)
        letter_set(1).save(data)
    RunFolder.create(folder, recipe or Recipe(), data)
    lines = [json.dumps(row(n, 1 / n, 1 - 1 / (n + 1))) for n in range(1, rows + 1)]
    (folder / "metrics.jsonl").write_text("".join(line + "\n" for line in lines))
    (folder / "log.txt").write_text("Training on the CPU\nEpoch: 3\tTrain Error: 0.1\n")
    RunFolder(folder).write_state(status, message=message)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def trained(root: Path) -> Path:
    """A run whose network is untrained: it errs."""
    folder = make_run(root, "a")
    torch.manual_seed(1)
    pretrained.save(Network(), folder / "best", "")
    return folder
