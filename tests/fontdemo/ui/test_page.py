"""The page without a browser: its events, /read through gradio_client, and what its entry point does not do."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import from_drawing, from_picture
from fontdemo.network import pretrained
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.page import build
from tests.support.letters import STROKES
from tests.support.servers.pageserver import ROOT, serving
from tests.support.unserved import unserved
from tests.support.untrained import direct


def test_whatever_may_open_a_picture_is_among_the_two_at_a_time(networks: NetworkStore) -> None:
    """Decoding is what a hostile file makes dear; opening the Picture tab reads what is there as well."""
    with unserved():
        demo = build(networks)
    opening = [fn for fn in demo.fns.values() if fn.fn and any(isinstance(part, gr.Image) for part in fn.inputs)]
    assert len(opening) >= 5
    assert {fn.concurrency_id for fn in opening} == {"pictures"}


def test_what_shows_no_progress_keeps_none_in_the_browser(networks: NetworkStore) -> None:
    """Gradio's page updates every component that has a state of progress several times in each event, shown or not."""
    with unserved():
        events = build(networks).get_config_file()["dependencies"]
    hidden = [event for event in events if event["show_progress"] == "hidden"]
    assert len(hidden) >= 20
    assert {event["api_name"] for event in hidden if event["show_progress_on"] != []} == set()


def test_a_page_that_nobody_uses_costs_little(networks: NetworkStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether an event waits is looked for a hundred times a second, not a thousand."""
    with unserved():
        queue = build(networks)._queue
    looks = 0

    def none_waits(_queue: object) -> int:
        nonlocal looks
        looks += 1
        return 0

    monkeypatch.setattr(type(queue), "__len__", none_waits)

    async def idle() -> None:
        task = asyncio.create_task(queue.start_processing())
        await asyncio.sleep(0.5)
        task.cancel()

    asyncio.run(idle())
    assert 5 < looks < 60


# The endpoint


@pytest.fixture(scope="module")
def client(folders: dict[str, Path]) -> Iterator[Client]:
    with serving(folders["report-cnn"].parent) as url:
        yield Client(url, verbose=False)


@pytest.mark.parametrize("as_text", [True, False])
def test_read_answers_strokes(client: Client, folders: dict[str, Path], as_text: bool) -> None:
    answer = client.predict(strokes=json.dumps(STROKES) if as_text else STROKES, api_name="/read")
    probabilities = direct(folders["report-cnn"], from_drawing(STROKES))
    alphabet = pretrained.load(folders["report-cnn"]).alphabet
    assert answer["label"] == alphabet.classes[int(probabilities.argmax())]
    assert answer["twin"] == alphabet.twin(answer["label"])
    assert list(answer["probabilities"]) == list(alphabet.classes)
    assert np.allclose(list(answer["probabilities"].values()), probabilities.numpy(), atol=1e-5)
    assert answer["network"] == "report-cnn"
    assert answer["stages"][0] == {"name": "conv1", "shape": [16, 48, 48], "parameters": 1648}
    assert [s["name"] for s in answer["stages"]][-1] == "fc3"


def test_read_answers_a_picture_with_the_network_named(
    client: Client, folders: dict[str, Path], picture_file: Path
) -> None:
    answer = client.predict(picture=handle_file(str(picture_file)), network="report-crnn", api_name="/read")
    probabilities = direct(folders["report-crnn"], from_picture(picture_file))
    assert np.allclose(list(answer["probabilities"].values()), probabilities.numpy(), atol=1e-5)
    assert "gru" in [stage["name"] for stage in answer["stages"]]


def test_read_takes_the_answer_among_what_it_is_said_to_be(client: Client, picture_file: Path) -> None:
    for given in ({"strokes": STROKES}, {"picture": handle_file(str(picture_file))}):
        answer = client.predict(**given, among="digit", api_name="/read")
        assert answer["label"].isdigit() and sum(answer["probabilities"].values()) == pytest.approx(1)
        assert all(not value for character, value in answer["probabilities"].items() if not character.isdigit())
    assert answer["seen"] == "dark ink" and answer["rejected"] == []


@pytest.mark.parametrize(
    "inputs, words",
    [
        ({}, "either strokes or a picture"),
        ({"strokes": []}, "pad is empty"),
        ({"strokes": [[["x", 1]]]}, "must be numbers"),
        ({"strokes": STROKES, "network": "../weights"}, "no such network"),
        ({"strokes": STROKES, "among": "vowel"}, "one of these words"),
        ({"picture": {"path": "/etc/hostname"}}, "Upload it again"),
        ({"picture": "/etc/hostname"}, "Can't open this file"),
        ({"picture": 7}, "uploaded file"),
    ],
)
def test_read_tells_what_is_wrong(client: Client, inputs: dict[str, object], words: str) -> None:
    with pytest.raises(AppError, match=words):
        client.predict(**inputs, api_name="/read")


def test_a_path_that_was_not_uploaded_is_never_opened(client: Client) -> None:
    """Raw requests, as nobody's client sends them: to the endpoint, and to the picture's own event."""
    import httpx

    record = {"path": str(ROOT / "pyproject.toml"), "meta": {"_type": "gradio.FileData"}}
    config = httpx.get(client.src.rstrip("/") + "/config", timeout=20).json()
    image = next(c["id"] for c in config["components"] if c["type"] == "image")
    events = {d["id"]: [None] * len(d["inputs"]) for d in config["dependencies"] if image in d["inputs"]}
    read = next(d["id"] for d in config["dependencies"] if d["api_name"] == "read")
    for event, data in [*((e, [record, "report-cnn", ""]) for e in events), (read, [None, record, None])]:
        base = client.src.rstrip("/") + "/gradio_api"
        job = {"data": data, "fn_index": event, "session_hash": f"raw{event}"}
        assert httpx.post(f"{base}/queue/join", json=job, timeout=20).status_code == 200
        with httpx.stream("GET", f"{base}/queue/data", params={"session_hash": f"raw{event}"}, timeout=20) as stream:
            done = next(line for line in stream.iter_lines() if "process_completed" in line)
        assert json.loads(done.removeprefix("data: "))["success"] is False
        assert "build-backend" not in done and "[project]" not in done


# The entry point


def test_app_is_short_and_does_nothing_when_imported() -> None:
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) < 40
    code = "import sys, app; sys.exit(any(m in sys.modules for m in ('torch', 'gradio', 'fontdemo')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_without_weights_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained, "WEIGHTS", tmp_path)
    with pytest.raises(FontdemoError, match="no weights"):
        build()
