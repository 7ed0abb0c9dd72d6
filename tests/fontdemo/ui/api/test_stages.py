"""/stages: the values of one stage are those of the network's layers, as lists and as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from fontdemo.glyph.glyph import from_drawing
from fontdemo.network import pretrained
from fontdemo.ui.api import endpoints
from fontdemo.ui.api.stages import make_stages
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.gate import limits
from fontdemo.ui.gate.arriving import Made
from fontdemo.ui.gate.uploads import CheckedBlocks
from tests.fontdemo.ui.api.refused import refused
from tests.support.letters import STROKES
from tests.support.unserved import unserved


@pytest.mark.parametrize("name", ["report-cnn", "report-crnn"])
def test_the_values_are_those_of_the_layers(networks: NetworkStore, name: str, upload: dict[str, Any]) -> None:
    network = pretrained.load(networks._folder(name))
    made = Made()
    stages = make_stages(networks, made)
    value = torch.from_numpy(from_drawing(STROKES).image)[None, None]
    with torch.no_grad():
        for stage, layer in network.stages.items():
            value = layer(value)
            wanted = value[0].numpy()
            as_lists = stages(stage, STROKES, network=name)
            assert (as_lists["network"], as_lists["stage"], as_lists["file"]) == (name, stage, None)
            assert as_lists["shape"] == list(wanted.shape) == list(np.shape(as_lists["values"]))
            assert np.allclose(as_lists["values"], wanted, atol=2e-5)
            as_file = stages(stage, STROKES, network=name, format="npy")
            loaded = np.load(as_file["file"]["path"], allow_pickle=False)
            assert loaded.dtype == np.float32 and np.allclose(loaded, wanted, atol=1e-5)
            assert as_file["values"] is None and as_file["file"]["path"] in made
    json.dumps(as_lists, allow_nan=False)
    assert stages("fc3" if name == "report-cnn" else stage, None, upload, name)["shape"] == [52]


def test_what_stages_refuses(networks: NetworkStore, upload: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    stages = make_stages(networks, Made())
    assert "no such stage. It has: conv1, pool1" in refused(stages, "conv9", STROKES)
    assert "no such stage" in refused(stages, ["conv1"], STROKES)
    assert "json or npy" in refused(stages, "conv1", STROKES, format="pickle")
    assert "either strokes or a picture" in refused(stages, "conv1")
    assert "either strokes or a picture" in refused(stages, "conv1", STROKES, upload)
    assert "Upload it again" in refused(stages, "conv1", None, {"path": "/etc/passwd"})
    monkeypatch.setattr(limits, "MIN_FREE", 1 << 62)
    monkeypatch.setattr("fontdemo.ui.api.stages.has_room", lambda: limits.has_room(limits.MIN_FREE))
    assert "no room" in refused(stages, "conv1", STROKES, format="npy")


def test_the_pages_files_of_stages_are_bounded(networks: NetworkStore) -> None:
    made = Made(most=1)
    stages = make_stages(networks, made)
    files = [Path(stages("conv1", [one], format="npy")["file"]["path"]) for one in STROKES * 2]
    assert len(set(files)) > 1 and [file.exists() for file in dict.fromkeys(files)].count(True) == len(made) == 1
    with unserved(), CheckedBlocks() as page:
        endpoints.add(networks, page)
    assert any(isinstance(files, Made) for files in page.temp_file_sets)  # which Gradio's hourly look goes through
