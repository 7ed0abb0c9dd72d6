"""fontdemo.ui.api: what each endpoint answers and refuses, called as plain functions."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch

from fontdemo.glyph.glyph import from_drawing
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.api import endpoints
from fontdemo.ui.api.card import make_card
from fontdemo.ui.api.given import MOST
from fontdemo.ui.api.read import make_read, make_read_many
from fontdemo.ui.api.stages import make_stages
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.gate import limits
from tests.support.letters import picture

STROKES = [[[0.2, 0.85], [0.5, 0.15], [0.8, 0.85]], [[0.3, 0.6], [0.7, 0.6]]]


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


def refused(endpoint: Callable[..., Any], *given: Any, **named: Any) -> str:
    with pytest.raises(gr.Error) as caught:
        endpoint(*given, **named)
    assert not caught.value.print_exception and str(caught.value.message).endswith(".")
    return str(caught.value.message)


def test_many_are_answered_in_order_each_as_alone(networks: NetworkStore, upload: dict[str, Any]) -> None:
    read, many = make_read(networks), make_read_many(networks)
    answers = many([STROKES, json.dumps(STROKES)], [upload], "report-crnn", "letter")
    alone = [read(STROKES, None, "report-crnn", "letter")] * 2 + [read(None, upload, "report-crnn", "letter")]
    for answer, one in zip(answers, alone, strict=True):
        assert one.pop("stages", True)
        assert answer == one
    assert answers[0] == answers[1] != answers[2] and answers[2]["seen"] == "dark ink"


def test_one_that_cant_be_read_keeps_no_other_from_it(networks: NetworkStore, upload: dict[str, Any]) -> None:
    bad = [[], "{", 7, [[["x", 1]]]]
    outside = [{"path": "/etc/passwd", "meta": upload["meta"]}, "/etc/passwd", None]
    answers = make_read_many(networks)([*bad, STROKES], [*outside, upload])
    assert [set(answer) == {"error"} for answer in answers] == [True] * 4 + [False] + [True] * 3 + [False]
    assert answers[0]["error"] == "The pad is empty. Draw one character."
    assert answers[4]["label"] and answers[5]["error"] == "Can't open this file. Upload it again."


def test_a_picture_may_come_as_text(networks: NetworkStore, upload: dict[str, Any]) -> None:
    """As a data URI, or the address that the page gave an upload; no other address is looked at."""
    read = make_read(networks)
    wanted = read(None, upload)
    content = base64.b64encode(Path(upload["path"]).read_bytes()).decode()
    assert read(None, f"data:image/png;base64,{content}") == wanted
    assert read(None, f"http://127.0.0.1:7860/gradio_api/file={upload['path']}") == wanted
    for text in ("data:image/png,x", "data:", f"data:image/png;base64,{content}!", "data:;base64,\ud800"):
        assert "must be a data URI" in refused(read, None, text)
    elsewhere = ["http://127.0.0.1:1/K.png", "http://127.0.0.1:7860/gradio_api/file=/etc/passwd",
                 "/gradio_api/file=http://127.0.0.1:1/"]  # fmt: skip
    for text in ("", "K.png", upload["path"], "/etc/passwd", *elsewhere):
        assert refused(read, None, text) == "Can't open this file. Upload it again."
    assert refused(read, None, "data:image/png;base64,AAAA")


def test_how_many_is_limited(networks: NetworkStore, upload: dict[str, Any]) -> None:
    many = make_read_many(networks)
    assert len(many([STROKES] * MOST)) == MOST
    for given in [(), ([], []), ([STROKES] * (MOST + 1),), ([STROKES] * MOST, [upload])]:
        assert f"1 to {MOST}" in refused(many, *given)
    assert "must be a list" in refused(many, "[]")
    assert "must be a list" in refused(many, None, upload)
    assert "no such network" in refused(many, [STROKES], network="../weights")


@pytest.mark.parametrize("name", ["report-cnn", "report-crnn"])
def test_the_values_are_those_of_the_layers(networks: NetworkStore, name: str, upload: dict[str, Any]) -> None:
    network = pretrained.load(networks._folder(name))
    made: set[str] = set()
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
    stages = make_stages(networks, set())
    assert "no such stage. It has: conv1, pool1" in refused(stages, "conv9", STROKES)
    assert "no such stage" in refused(stages, ["conv1"], STROKES)
    assert "json or npy" in refused(stages, "conv1", STROKES, format="pickle")
    assert "either strokes or a picture" in refused(stages, "conv1")
    assert "either strokes or a picture" in refused(stages, "conv1", STROKES, upload)
    assert "Upload it again" in refused(stages, "conv1", None, {"path": "/etc/passwd"})
    monkeypatch.setattr(limits, "MIN_FREE", 1 << 62)
    monkeypatch.setattr("fontdemo.ui.api.stages.has_room", lambda: limits.has_room(limits.MIN_FREE))
    assert "no room" in refused(stages, "conv1", STROKES, format="npy")


def test_the_card_is_the_networks_own(networks: NetworkStore) -> None:
    card = make_card(networks)
    assert card() == card("report-cnn") == "# The card of report-cnn\n"
    assert card("report-crnn") == "# The card of report-crnn\n"
    for name in ("../report-cnn", "", 7):
        assert "no such network" in refused(card, name)


@pytest.mark.parametrize("version, there", [("1.30.0", True), ("2.3.0", False), (None, False)])
def test_tools_are_offered_only_where_gradio_can(
    version: str | None, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(name: str) -> str:
        if version is None:
            raise metadata.PackageNotFoundError(name)
        return version

    monkeypatch.setattr(metadata, "version", say)
    assert endpoints.tools_installed() is there
