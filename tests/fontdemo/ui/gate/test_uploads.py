"""No event of the page opens a file that was not uploaded. The whole page, every event of it, over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
import torch
from gradio.events import EventData
from gradio_client import Client, handle_file
from PIL import Image, ImageDraw, ImageFont

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.reading.among import ANYTHING
from fontdemo.ui.gate.events import IncompleteEventError
from fontdemo.ui.gate.uploads import CheckedBlocks, NotUploadedError, check_payload, own_folder, uploaded
from tests.support.pageserver import ROOT
from tests.support.unserved import unserved
from tests.support.wholepage import make

SECRET = "TOP-SECRET-4711"
#: The tests' own connections.
HTTP = httpx.Client(timeout=30, limits=httpx.Limits(max_connections=16))

#: Numbers for sessions that no one had yet.
SESSIONS = itertools.count()

META = {"_type": "gradio.FileData"}
#: Components that take a file, and those of an endpoint without components.
FILE_PARTS = ("image", "file", "uploadbutton", "downloadbutton", "api")

SENTENCE = "Can't open this file. Upload it again."


# One path


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


def test_an_uploaded_file_is_found_by_its_record_and_by_its_path(uploads: Path) -> None:
    file = uploads / "ab" / "K.png"
    file.parent.mkdir()
    file.write_bytes(b"x")
    assert uploaded({"path": str(file)}) == uploaded(str(file)) == file.resolve()
    inner = uploads / "link.png"
    inner.symlink_to(file)
    assert uploaded(str(inner)) == file.resolve()
    check_payload([{"picture": [{"path": str(file), "meta": META}]}, "text", 3, None, {"path": None}])


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "/dev/ptmx", "/dev/null", "", ".", "K.png", "~", "/", "/proc/self/environ", "a\0b", "\ud800",
        "file:///etc/passwd", "http://127.0.0.1/K.png", "/" + "a" * 1_000_000, 7, 1.5, True, [], ["/etc/passwd"],
        {"path": "/etc/passwd"}, b"/etc/passwd",
    ],
)  # fmt: skip
def test_any_other_path_is_refused_in_one_sentence(uploads: Path, path: object) -> None:
    for record in (path, {"path": path}, {"path": path, "meta": META}):
        with pytest.raises(NotUploadedError, match=SENTENCE):
            uploaded(record)
    with pytest.raises(NotUploadedError):
        check_payload([[{"name": [{"path": path, "meta": META}]}]])


def test_links_devices_and_folders_inside_the_folder_are_refused(uploads: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.png"
    outside.write_text(SECRET)
    (uploads / "link.png").symlink_to(outside)
    (uploads / "folder").symlink_to(tmp_path)
    os.mkfifo(uploads / "fifo")
    beside = Path(f"{uploads}-more")
    beside.mkdir()
    (beside / "K.png").write_text(SECRET)
    refused = [
        uploads, f"{uploads}/", uploads / "link.png", uploads / "folder" / "secret.png", uploads / "fifo",
        f"{uploads}/../secret.png", uploads / "none.png", f"{uploads}/a\0b", f"{uploads}/\ud800", beside / "K.png",
        f"{uploads}/{'a' * 3000}", os.path.relpath(uploads / "link.png"),
    ]  # fmt: skip
    for path in refused:
        with pytest.raises(NotUploadedError, match=SENTENCE):
            uploaded({"path": str(path), "meta": META})


def test_what_is_nested_too_deeply_is_refused() -> None:
    nested: Any = []
    for _ in range(10_000):
        nested = [nested]
    with pytest.raises(FontdemoError, match="nested too deeply"):
        check_payload(nested)


def test_uploads_lie_in_a_folder_of_this_process(uploads: Path) -> None:
    """What another page of this machine was given, in the folder that all share, was not given to this one."""
    others = uploads / "ab" / "K.png"
    others.parent.mkdir()
    others.write_bytes(b"x")
    assert uploaded(str(others))
    with own_folder() as folder:
        assert folder.parent == uploads and folder.stat().st_mode & 0o077 == 0
        (folder / "K.png").write_bytes(b"x")
        assert uploaded(str(folder / "K.png"))
        with pytest.raises(NotUploadedError):
            uploaded(str(others))
    assert not folder.exists() and os.environ["GRADIO_TEMP_DIR"] == str(uploads)
    assert "own_folder()" in (ROOT / "app.py").read_text()


@pytest.mark.parametrize("part", [[], {}, 1, "x", {"a": 1}, [[1]]], ids=repr)
def test_what_has_very_many_parts_is_refused_at_once(part: Any) -> None:
    """A megabyte of them would keep the one thread that serves everyone for seconds."""
    check_payload([part] * 1000)
    many = [part] * 300_000
    began = time.process_time()
    with pytest.raises(FontdemoError, match="too large"):
        check_payload(many)
    assert time.process_time() - began < 0.1


def test_a_menu_gives_one_choice_and_a_field_of_text_a_text() -> None:
    """Whatever is sent: a handler that looks a list up in a dict would fail, and so would one that strips None."""
    with unserved():
        with CheckedBlocks() as demo:
            parts = [gr.Dropdown(["a", "b"]), gr.Dropdown(["a", "b"], multiselect=True), gr.Textbox()]
            gr.Button().click(lambda *given: repr(given), parts, gr.Textbox())
        (fn,) = demo.fns.values()

        def answer(*given: Any) -> Any:
            return asyncio.run(demo.process_api(fn, list(given)))["data"][0]

        assert answer("a", ["b"], None) == "('a', ['b'], '')"
        assert answer(None, [], "x") == "(None, [], 'x')"
        for menu in ([], ["a"], ["a", "b"]):
            with pytest.raises(gr.Error, match="incomplete"):
                answer(menu, [], "x")


# The whole page


@dataclass
class Served:
    """A page in a process of its own. url: without a slash at the end. folder: of its uploads and runs. log: so far."""

    url: str
    folder: Path
    log: list[str] = field(default_factory=list)


MODES = {"space": {"SPACE_ID": "ada/fontdemo", "FONTDEMO_TRAINING": "on"}, "home": {}}


@contextlib.contextmanager
def whole_page(folder: Path, **environment: str) -> Iterator[Served]:
    """The page with every tab."""
    (folder / "uploads").mkdir()
    torch.manual_seed(0)
    pretrained.save(Network(), folder / "weights" / "report-cnn", "# For tests only\n")
    inherited = {k: v for k, v in os.environ.items() if k not in ("SPACE_ID", "FONTDEMO_TRAINING")}
    own = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "GRADIO_TEMP_DIR": str(folder / "uploads")}
    command = [sys.executable, "-m", "tests.support.wholepage", str(folder / "weights"), str(folder / "runs")]
    with subprocess.Popen(
        command, cwd=ROOT, env={**inherited, **own, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        served = Served("", folder)
        threading.Thread(target=lambda: served.log.extend(process.stderr or ()), daemon=True).start()
        try:
            url = next((line.split()[1] for line in process.stdout if line.startswith("serving ")), None)
            assert url, "the page's server ended before it was ready:\n" + "".join(served.log)
            served.url = url.rstrip("/")
            yield served
        finally:
            process.kill()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    """The page on a Space with training on, and at home; both start at the same time."""
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(len(MODES)) as pool:
        folders = {mode: tmp_path_factory.mktemp(mode) for mode in MODES}
        opening = {
            mode: pool.submit(stack.enter_context, whole_page(folders[mode], **MODES[mode])) for mode in MODES
        }  # fmt: skip
        yield {mode: served.result() for mode, served in opening.items()}


@pytest.fixture(params=MODES)
def page(request: pytest.FixtureRequest, pages: dict[str, Served]) -> Served:
    return pages[request.param]


@pytest.fixture
def space(pages: dict[str, Served]) -> Served:
    return pages["space"]


def letter(file: Path, text: str = "K") -> Path:
    picture = Image.new("RGB", (120, 120), "white")
    ImageDraw.Draw(picture).text((60, 60), text, font=ImageFont.load_default(80), anchor="mm", fill="black")
    picture.save(file)
    return file


@pytest.fixture(scope="module", autouse=True)
def _connections() -> Iterator[None]:
    """One pool of connections for all: to make one takes longer than most answers."""
    yield
    HTTP.close()


Job = tuple[dict[str, Any], list[Any], Any]
"""An event of the page's config, what its inputs hold, and its data."""


def ask_all(url: str, jobs: Sequence[Job], seconds: float = 60) -> list[str]:
    """The last line of what the page answers to each of a few events; a refusal to take it counts as well."""
    session = f"test{next(SESSIONS)}"
    answers: dict[str, str] = {}
    for event, data, event_data in jobs:
        job = {"data": data, "fn_index": event["id"], "session_hash": session, "event_data": event_data}
        if event["targets"]:
            job["trigger_id"] = event["targets"][0][0]
        joined = HTTP.post(f"{url}/gradio_api/queue/join", content=json.dumps(job).encode("ascii"),
                           headers={"content-type": "application/json"}, timeout=seconds)  # fmt: skip
        taken = joined.status_code == 200
        answers[joined.json()["event_id"] if taken else f"refused {len(answers)}"] = "" if taken else joined.text
    deadline = time.monotonic() + seconds
    if not all(answers.values()):
        with HTTP.stream(
            "GET", f"{url}/gradio_api/queue/data", params={"session_hash": session}, timeout=seconds
        ) as stream:
            for line in stream.iter_lines():
                assert time.monotonic() < deadline, f"events {[event['id'] for event, _, _ in jobs]} hang"
                if "process_completed" in line:
                    answers[json.loads(line.removeprefix("data: "))["event_id"]] = line
                    if all(answers.values()):
                        break
    assert len(answers) == len(jobs) and all(answers.values())
    return list(answers.values())


def ask(url: str, event: dict[str, Any], data: list[Any], event_data: Any = None, seconds: float = 20) -> str:
    """The last line of what the page answers to one event."""
    return ask_all(url, [(event, data, event_data)], seconds)[0]


def ask_many(url: str, jobs: Sequence[Job], at_once: int = 12) -> list[str]:
    """The same for any number of events: a few to a session, four sessions at a time."""
    parts = [jobs[start : start + at_once] for start in range(0, len(jobs), at_once)]
    with ThreadPoolExecutor(4) as pool:
        return [answer for part in pool.map(lambda part: ask_all(url, part), parts) for answer in part]


def told(answer: str) -> Any:
    """What a visitor is told of a failed event."""
    reply = json.loads(answer.removeprefix("data: "))
    assert reply["success"] is False, answer[:500]
    return reply["output"]["error"]


def hostile(path: object) -> list[Any]:
    """Shapes of a record in which a path may come."""
    return [
        {"path": path}, {"path": path, "meta": META}, {"path": path, "meta": {"_type": "other"}},
        {"path": path, "url": path, "orig_name": "K.png", "size": 3, "mime_type": "image/png", "meta": META},
        [{"path": path, "meta": META}], [{"image": {"path": path, "meta": META}, "caption": None}],
        {"name": {"path": path}}, {"path": path, "is_stream": True, "meta": META}, {"background": {"path": path}},
    ]  # fmt: skip


def events_of(url: str) -> list[dict[str, Any]]:
    """Every event that the server answers, those without a function in it left out."""
    config = HTTP.get(f"{url}/config", timeout=20).json()
    return [event for event in config["dependencies"] if event["backend_fn"]]


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


def test_every_event_refuses_every_path_in_every_shape(tmp_path: Path) -> None:
    """All combinations, as the server calls the page once a request is parsed, in a process of its own."""
    (tmp_path / "uploads").mkdir()
    pretrained.save(Network(), tmp_path / "weights" / "report-cnn", "# For tests only\n")
    code = "import pathlib, sys; from tests.fontdemo.ui.gate.test_uploads import walk; walk(pathlib.Path(sys.argv[1]))"
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


def test_nothing_skips_the_queue(space: Served) -> None:
    for event in events_of(space.url):
        job = {"data": [None] * len(event["inputs"]), "fn_index": event["id"], "session_hash": "direct"}
        for route in ("run/predict", "api/predict"):
            assert HTTP.post(f"{space.url}/gradio_api/{route}", json=job, timeout=20).status_code == 404


ODD_DATA: list[Any] = [
    None, "text", {}, [], 7, True, {"index": "x"}, {"index": 1e300}, {"index": -1}, {"index": [1, 2]},
    {"index": None, "value": {}}, {"value": "Picture"}, {"index": True, "value": ["Train"]}, {"index": 0.5},
    {"layout": "x", "index": None}, {"layout": -1, "index": 10**30}, {"run": {}, "what": [], "name": 7},
    {"run": "../..", "what": "delete", "name": None}, {"page": "x"}, {"page": [[]]}, {"_data": 1, "target": 2},
    {"__class__": "x", "__dict__": {}}, {"index": {"__proto__": 1}},
]  # fmt: skip


def test_events_whose_data_is_anything_end_in_a_sentence(page: Served) -> None:
    """What a click brings may be missing, or be anything: the visitor reads a sentence, the host no traceback."""
    parts = {part["id"]: part["type"] for part in HTTP.get(f"{page.url}/config").json()["components"]}
    events = events_of(page.url)
    pressed = [event for event in events if any(parts.get(t[0]) in ("html", "tabs") for t in event["targets"])]
    assert len(pressed) > 7
    said = len(page.log)
    jobs: list[Job] = [(event, [None] * len(event["inputs"]), data) for event in pressed for data in ODD_DATA]
    for answer, (event, _, data) in zip(ask_many(page.url, jobs), jobs, strict=True):
        reply = json.loads(answer.removeprefix("data: "))
        if not reply["success"]:
            assert str(reply["output"]["error"]).endswith("."), (event["id"], event["targets"], data, reply)
    assert "Traceback" not in "".join(page.log[said:]), "".join(page.log[said:])


@pytest.mark.parametrize("count", [0, 1])
def test_an_event_with_too_few_values_ends_in_a_sentence(space: Served, count: int) -> None:
    said = len(space.log)
    jobs: list[Job] = [(event, [None] * count, {"index": 0, "value": ""}) for event in events_of(space.url)
                       if len(event["inputs"]) > count]  # fmt: skip
    assert {told(answer) for answer in ask_many(space.url, jobs)} == {str(IncompleteEventError())}
    assert "Traceback" not in "".join(space.log[said:])


@pytest.mark.parametrize("value", [{"a": [1]}, "\ud800"], ids=["record", "half a character"])
def test_values_of_any_kind_end_in_a_sentence(space: Served, value: Any) -> None:
    """What a component can't take, or no list offers: never a broken answer, nor what was sent as the sentence."""
    events = events_of(space.url)
    jobs: list[Job] = [(event, [value] * len(event["inputs"]), {"index": 0, "value": ""}) for event in events]
    for answer, (event, _, _) in zip(ask_many(space.url, jobs), jobs, strict=True):
        reply = json.loads(answer.removeprefix("data: "))
        if not reply["success"]:
            error = str(reply["output"]["error"])
            assert error.endswith(".") and len(error) < 300, (event["id"], event["targets"], reply)


def test_large_requests_are_refused_before_they_are_read(space: Served) -> None:
    url = space.url
    join = f"{url}/gradio_api/queue/join"
    body = json.dumps({"data": ["[" * 10_000_000], "fn_index": 0, "session_hash": "large"}).encode()
    answer = HTTP.post(join, content=body, headers={"content-type": "application/json"}, timeout=20)
    assert (answer.status_code, answer.json()["detail"]) == (413, "This request is too large.")

    def pieces() -> Iterator[bytes]:  # without a Content-Length
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    with contextlib.suppress(httpx.WriteError):
        assert HTTP.post(join, content=pieces(), timeout=20).status_code == 413
    small = {"data": ["x" * 900_000], "fn_index": 0, "session_hash": "small"}
    assert HTTP.post(join, json=small, timeout=20).status_code == 200


# What visitors do


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


@pytest.mark.parametrize("number", [99_999, -1, 2**70])
def test_an_event_that_the_page_does_not_have_is_refused_with_a_sentence(space: Served, number: int) -> None:
    job = {"data": [], "fn_index": number, "session_hash": "unknown"}
    answer = HTTP.post(f"{space.url}/gradio_api/queue/join", json=job)
    assert answer.status_code == 404 and "Reload it" in answer.text
    assert not any("KeyError" in line for line in space.log)
