"""Two networks with cards, and an uploaded picture, for the tests of the endpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.context import NetworkStore
from tests.support.letters import picture


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> NetworkStore:
    root = tmp_path_factory.mktemp("weights")
    for name in ("report-cnn", "report-crnn"):
        torch.manual_seed(0)
        pretrained.save(Network(name), root / name, f"# The card of {name}\n")
    return NetworkStore(lambda: {name: root / name for name in ("report-cnn", "report-crnn")})


@pytest.fixture
def upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The record of a picture that was uploaded."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    (tmp_path / "uploads").mkdir()
    picture("K").save(tmp_path / "uploads" / "K.png")
    return {"path": str(tmp_path / "uploads" / "K.png"), "meta": {"_type": "gradio.FileData"}}
