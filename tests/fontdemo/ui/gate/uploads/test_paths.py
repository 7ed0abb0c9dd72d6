"""No event of the page opens a file that was not uploaded. The whole page, every event of it, over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import EventData
from gradio_client import Client, handle_file
from PIL import Image

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.reading.among import ANYTHING
from tests.fontdemo.ui.gate.test_uploads import SECRET, SENTENCE
from tests.fontdemo.ui.gate.uploads.conftest import (
    FILE_PARTS,
    HTTP,
    META,
    MODES,
    Job,
    Served,
    ask,
    ask_all,
    ask_many,
    events_of,
    letter,
    told,
)
from tests.support.servers.pageserver import ROOT
from tests.support.servers.wholepage import make


def hostile(path: object) -> list[Any]:
    """Shapes of a record in which a path may come."""
    return [
        {"path": path}, {"path": path, "meta": META}, {"path": path, "meta": {"_type": "other"}},
        {"path": path, "url": path, "orig_name": "K.png", "size": 3, "mime_type": "image/png", "meta": META},
        [{"path": path, "meta": META}], [{"image": {"path": path, "meta": META}, "caption": None}],
        {"name": {"path": path}}, {"path": path, "is_stream": True, "meta": META}, {"background": {"path": path}},
    ]  # fmt: skip


def hostile_paths(folder: Path) -> list[str]:
    """Paths that were not uploaded, of each sort; those that are to be there are made."""
    secret = letter(folder / "secret.png")
    secret.write_bytes(secret.read_bytes() + SECRET.encode())
    uploads = folder / "uploads"
    if not (uploads / "link.png").is_symlink():
        os.mkfifo(uploads / "fifo.png")
        (uploads / "link.png").symlink_to(secret)
    return [
        str(secret), str(folder / "none.png"), "/etc/passwd", "/dev/ptmx", str(uploads / "fifo.png"),
        str(uploads / "link.png"), str(uploads), "secret.png", "a\0b", f"{uploads}/../secret.png",
        "/" + "a" * 5000, "http://127.0.0.1:9/K.png", "",
    ]  # fmt: skip


def walk(folder: Path) -> None:
    """Call the page's check of every event with every path in every shape; print what was told, and how often."""
    pretrained.WEIGHTS = folder / "weights"
    demo = make(folder / "runs")
    records = [shape for path in hostile_paths(folder) for shape in hostile(path)]

    async def told_all() -> tuple[set[str], int]:
        sentences, count = set(), 0
        for fn in demo.fns.values():
            nothing: list[Any] = [None] * len(fn.inputs)
            for shape in records:
                for inputs, data in (
                    ([shape] * max(1, len(nothing)), None), ([*nothing, shape], None),
                    (nothing, EventData(None, {"index": 0, "value": shape})),
                ):  # fmt: skip
                    count += 1
                    try:
                        await demo.process_api(fn, inputs, event_data=data)
                        sentences.add(f"taken by {fn}")
                    except gr.Error as error:
                        sentences.add(str(error.message))
        return sentences, count

    sentences, count = asyncio.run(told_all())
    print(json.dumps([sorted(sentences), count]))


def test_the_whole_page_has_these_public_endpoints_under_these_names_and_no_others(page: Served) -> None:
    """Gradio gives a public endpoint another name where a private event has a function of that name."""
    public = HTTP.get(f"{page.url}/gradio_api/info").json()["named_endpoints"]
    assert set(public) == {"/read", "/read_many", "/stages", "/card", "/train", "/status", "/stop"}


def test_every_event_refuses_every_path_in_every_shape(tmp_path: Path) -> None:
    """All combinations, as the server calls the page once a request is parsed, in a process of its own."""
    (tmp_path / "uploads").mkdir()
    pretrained.save(Network(), tmp_path / "weights" / "report-cnn", "# For tests only\n")
    code = (
        "import pathlib, sys; from tests.fontdemo.ui.gate.uploads.test_paths import walk; "
        "walk(pathlib.Path(sys.argv[1]))"
    )
    environment = {**os.environ, **MODES["space"], "GRADIO_TEMP_DIR": str(tmp_path / "uploads")}
    answer = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    sentences, count = json.loads(answer.stdout)
    assert sentences == [SENTENCE] and count > 40 * 13 * 9 * 3


def test_no_event_opens_what_was_not_uploaded(page: Served) -> None:
    """Over HTTP: to every event one of the records, and to those that take files every path, and every shape."""
    files = hostile_paths(page.folder)
    events = events_of(page.url)
    assert len(events) > 40
    jobs: list[Job] = []
    shapes = len(hostile(""))
    assert len(files) >= shapes
    opening = {part["id"] for part in HTTP.get(f"{page.url}/config").json()["components"] if part["type"] in FILE_PARTS}
    for number, event in enumerate(events):
        count = max(1, len(event["inputs"]))
        # Each path in another shape, and from event to event in yet another: none is left out.
        records = [hostile(path)[(place + number) % shapes] for place, path in enumerate(files)]
        chosen = records if opening & set(event["inputs"]) else [records[number % len(files)]]
        jobs += [(event, [record] * count, None) for record in chosen]
        jobs.append((event, [None] * count, {"path": files[0], "index": 0, "value": {"path": files[0]}}))
    sentences = set()
    for answer in ask_many(page.url, jobs):
        assert SECRET not in answer and "data:image" not in answer and "root:" not in answer
        sentences.add(str(told(answer)))
    assert sentences == {SENTENCE}
    assert HTTP.get(page.url, timeout=10).status_code == 200


def test_a_path_as_bare_text_opens_nothing(space: Served) -> None:
    """Where a record is expected, a text is no path; whether there is such a file makes no difference."""
    url, folder = space.url, space.folder
    there = letter(folder / "there.png")
    config = HTTP.get(f"{url}/config").json()
    taking = {part["id"] for part in config["components"] if part["type"] in FILE_PARTS}
    events = [event for event in events_of(url) if taking & set(event["inputs"])]
    assert len(events) > 4
    for event in events:
        jobs: list[Job] = []
        for path in (str(there), str(folder / "none.png"), "/dev/ptmx"):
            for value in (path, [path]):
                jobs.append((event, [value if number in taking else None for number in event["inputs"]], None))
        answers = {told(answer) for answer in ask_all(url, jobs)}
        assert len(answers) == 1
        [answer] = answers
        assert answer and str(folder) not in answer


def test_what_is_uploaded_is_read_and_what_the_page_gives_can_be_given_back(space: Served) -> None:
    url, folder = space.url, space.folder
    client = Client(url, verbose=False)
    file = letter(folder / "mine.png")
    answer = client.predict(picture=handle_file(str(file)), api_name="/read")
    assert answer["label"] in answer["probabilities"] and answer["network"] == "report-cnn"
    with file.open("rb") as content:
        [path] = HTTP.post(f"{url}/gradio_api/upload", files={"files": content}, timeout=20).json()
    config = HTTP.get(f"{url}/config", timeout=20).json()
    events = {tuple(map(tuple, event["targets"])): event for event in events_of(url)}
    [image] = [part["id"] for part in config["components"] if part["type"] == "image"]
    given = next(event for targets, event in events.items() if (image, "input") in targets)
    record = {"path": path, "meta": META, "orig_name": "mine.png"}
    reply = json.loads(ask(url, given, [record, "report-cnn", False, ANYTHING]).removeprefix("data: "))
    assert reply["success"] and "data:image" in json.dumps(reply["output"])
    # An example that is a picture lands in the picture's place; from there the browser sends it back.
    [chips] = [part["id"] for part in config["components"] if part["props"].get("elem_id") == "examples"]
    pressed = next(event for targets, event in events.items() if (chips, "click") in targets)
    shown = []
    for number in range(12):
        reply = json.loads(ask(url, pressed, ["report-cnn", False, ANYTHING], {"index": number}).removeprefix("data: "))
        if reply["success"] and isinstance(reply["output"]["data"][2], dict) and reply["output"]["data"][2].get("path"):
            shown.append(reply["output"]["data"][2])
    assert shown
    reply = json.loads(ask(url, given, [shown[0], "report-cnn", False, ANYTHING]).removeprefix("data: "))
    assert reply["success"] and "data:image" in json.dumps(reply["output"])
    # An upload may be larger than what is parsed.
    noise = folder / "noise.png"
    Image.frombytes("RGB", (900, 900), os.urandom(900 * 900 * 3)).save(noise)
    assert noise.stat().st_size > 1_500_000
    with noise.open("rb") as content:
        assert HTTP.post(f"{url}/gradio_api/upload", files={"files": content}, timeout=20).status_code == 200
