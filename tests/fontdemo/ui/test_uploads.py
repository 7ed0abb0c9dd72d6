"""No event of the page opens a file that was not uploaded. The whole page, every event of it, over HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
from gradio_client import Client, handle_file
from PIL import Image, ImageDraw, ImageFont

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.uploads import NotUploadedError, check_payload, uploaded
from tests.support.pageserver import ROOT

SECRET = "TOP-SECRET-4711"
#: The tests' own connections.
HTTP = httpx.Client(timeout=30, limits=httpx.Limits(max_connections=16))

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


# The whole page


@contextlib.contextmanager
def whole_page(folder: Path, **environment: str) -> Iterator[str]:
    """The page with every tab in a process of its own; its URL without a slash at the end."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("SPACE_ID", "FONTDEMO_TRAINING")}
    own = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "GRADIO_TEMP_DIR": str(folder / "uploads")}
    command = [sys.executable, "-m", "tests.support.wholepage", str(folder / "weights"), str(folder / "runs")]
    with subprocess.Popen(
        command, cwd=ROOT, env={**inherited, **own, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        log: list[str] = []
        threading.Thread(target=lambda: log.extend(process.stderr or ()), daemon=True).start()
        try:
            url = next((line.split()[1] for line in process.stdout if line.startswith("serving ")), None)
            assert url, "the page's server ended before it was ready:\n" + "".join(log)
            yield url.rstrip("/")
        finally:
            process.kill()


@pytest.fixture(scope="module", params=["space", "home"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The URL of the page, on a Space with training on and at home, and the folder where its uploads and runs lie."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "uploads").mkdir()
    torch.manual_seed(0)
    pretrained.save(Network(), folder / "weights" / "report-cnn", "# For tests only\n")
    on_space = {"SPACE_ID": "ada/fontdemo", "FONTDEMO_TRAINING": "on"}
    with whole_page(folder, **(on_space if request.param == "space" else {})) as url:
        yield url, folder


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


def ask(url: str, event: dict[str, Any], data: list[Any], event_data: Any = None, seconds: float = 20) -> str:
    """The last line of what the page answers to an event; a refusal to take it counts as well."""
    session = f"test{time.monotonic_ns()}"
    job = {"data": data, "fn_index": event["id"], "session_hash": session, "event_data": event_data}
    if event["targets"]:
        job["trigger_id"] = event["targets"][0][0]
    content = json.dumps(job).encode("ascii")
    joined = HTTP.post(f"{url}/gradio_api/queue/join", content=content, timeout=seconds,
                       headers={"content-type": "application/json"})  # fmt: skip
    if joined.status_code != 200:
        return f"{joined.status_code} {joined.text}"
    deadline = time.monotonic() + seconds
    with HTTP.stream(
        "GET", f"{url}/gradio_api/queue/data", params={"session_hash": session}, timeout=seconds
    ) as stream:
        for line in stream.iter_lines():
            assert time.monotonic() < deadline, f"event {event['id']} hangs"
            if "process_completed" in line:
                return line
    raise AssertionError(f"event {event['id']} had no answer")


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


def test_no_event_opens_what_was_not_uploaded(page: tuple[str, Path]) -> None:
    """Every event, with a hostile record in every place where it takes something, in every shape, of every path."""
    url, folder = page
    secret = letter(folder / "secret.png")
    secret.write_bytes(secret.read_bytes() + SECRET.encode())
    os.mkfifo(folder / "uploads" / "fifo.png")
    (folder / "uploads" / "link.png").symlink_to(secret)
    files = [
        str(secret), str(folder / "none.png"), "/etc/passwd", "/dev/ptmx", str(folder / "uploads" / "fifo.png"),
        str(folder / "uploads" / "link.png"), str(folder / "uploads"), "secret.png", "a\0b", "\ud800",
        f"{folder}/uploads/../secret.png", "/" + "a" * 5000, "http://127.0.0.1:9/K.png", "",
    ]  # fmt: skip
    events = events_of(url)
    assert len(events) > 40
    jobs = []
    # Every path in every shape, one after another: a few to each event, and all paths to those that open files.
    records = [shape for path in files for shape in hostile(path)]
    step = 7  # has no factor in common with the number of shapes or of paths
    opening = {part["id"] for part in HTTP.get(f"{url}/config").json()["components"] if part["type"] in FILE_PARTS}
    for number, event in enumerate(events):
        count = max(1, len(event["inputs"]))
        chosen = [records[step * (4 * number + k) % len(records)] for k in range(4)]
        if opening & set(event["inputs"]):
            chosen += [hostile(path)[1] for path in files] + hostile(str(secret))
        jobs += [(event, [record] * count, None) for record in chosen]
        jobs.append((event, [None] * count, {"path": str(secret), "index": 0, "value": {"path": str(secret)}}))

    def refused(job: tuple[dict[str, Any], list[Any], Any]) -> str:
        answer = ask(url, *job, seconds=60)
        assert SECRET not in answer and "data:image" not in answer and "root:" not in answer
        return str(told(answer))

    with ThreadPoolExecutor(8) as pool:
        sentences = set(pool.map(refused, jobs))
    assert sentences == {SENTENCE}
    assert HTTP.get(url, timeout=10).status_code == 200


def test_a_path_as_bare_text_opens_nothing(page: tuple[str, Path]) -> None:
    """Where a record is expected, a text is no path; whether there is such a file makes no difference."""
    url, folder = page
    there = letter(folder / "there.png")
    config = HTTP.get(f"{url}/config").json()
    taking = {part["id"] for part in config["components"] if part["type"] in FILE_PARTS}
    events = [event for event in events_of(url) if taking & set(event["inputs"])]
    assert len(events) > 4
    for event in events:
        answers = []
        for path in (str(there), str(folder / "none.png"), "/dev/ptmx"):
            for value in (path, [path]):
                data = [value if number in taking else None for number in event["inputs"]]
                answers.append(told(ask(url, event, data)))
        assert len(set(answers)) == 1 and answers[0] and str(folder) not in answers[0]


def test_nothing_skips_the_queue(page: tuple[str, Path]) -> None:
    url, _ = page
    for event in events_of(url):
        job = {"data": [None] * len(event["inputs"]), "fn_index": event["id"], "session_hash": "direct"}
        for route in ("run/predict", "api/predict"):
            assert HTTP.post(f"{url}/gradio_api/{route}", json=job, timeout=20).status_code == 404


def test_an_event_without_its_data_is_told_so(page: tuple[str, Path]) -> None:
    """What a click brings may be missing, or be anything: the visitor reads a sentence."""
    url, _ = page
    parts = {part["id"]: part["type"] for part in HTTP.get(f"{url}/config").json()["components"]}
    pressed = [event for event in events_of(url) if any(parts.get(t[0]) in ("html", "tabs") for t in event["targets"])]
    assert len(pressed) > 7
    for event in pressed:
        for brought in (None, "text", {}, {"index": "x"}, {"index": 1e300}):
            reply = json.loads(ask(url, event, [None] * len(event["inputs"]), brought).removeprefix("data: "))
            if not reply["success"]:
                assert str(reply["output"]["error"]).endswith("."), (event["id"], event["targets"], brought, reply)


def test_large_requests_are_refused_before_they_are_read(page: tuple[str, Path]) -> None:
    url, _ = page
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


def test_what_is_uploaded_is_read_and_what_the_page_gives_can_be_given_back(page: tuple[str, Path]) -> None:
    url, folder = page
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
    reply = json.loads(ask(url, given, [record, "report-cnn", False]).removeprefix("data: "))
    assert reply["success"] and "data:image" in json.dumps(reply["output"])
    # An example that is a picture lands in the picture's place; from there the browser sends it back.
    [chips] = [part["id"] for part in config["components"] if part["props"].get("elem_id") == "examples"]
    pressed = next(event for targets, event in events.items() if (chips, "click") in targets)
    shown = []
    for number in range(12):
        reply = json.loads(ask(url, pressed, ["report-cnn", False], {"index": number}).removeprefix("data: "))
        if reply["success"] and isinstance(reply["output"]["data"][2], dict) and reply["output"]["data"][2].get("path"):
            shown.append(reply["output"]["data"][2])
    assert shown
    reply = json.loads(ask(url, given, [shown[0], "report-cnn", False]).removeprefix("data: "))
    assert reply["success"] and "data:image" in json.dumps(reply["output"])
    # An upload may be larger than what is parsed.
    noise = folder / "noise.png"
    Image.frombytes("RGB", (900, 900), os.urandom(900 * 900 * 3)).save(noise)
    assert noise.stat().st_size > 1_500_000
    with noise.open("rb") as content:
        assert HTTP.post(f"{url}/gradio_api/upload", files={"files": content}, timeout=20).status_code == 200
