"""The whole page in a process of its own, on a Space and at home, and what asks its events over HTTP."""

from __future__ import annotations

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

import httpx
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.servers.pageserver import ROOT

#: The tests' own connections.
HTTP = httpx.Client(timeout=30, limits=httpx.Limits(max_connections=16))

#: Numbers for sessions that no one had yet.
SESSIONS = itertools.count()

META = {"_type": "gradio.FileData"}
#: Components that take a file, and those of an endpoint without components.
FILE_PARTS = ("image", "file", "uploadbutton", "downloadbutton", "api")


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
    command = [sys.executable, "-m", "tests.support.servers.wholepage", str(folder / "weights"), str(folder / "runs")]
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


@pytest.fixture(scope="package")
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


@pytest.fixture(scope="session", autouse=True)
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


def events_of(url: str) -> list[dict[str, Any]]:
    """Every event that the server answers, those without a function in it left out."""
    config = HTTP.get(f"{url}/config", timeout=20).json()
    return [event for event in config["dependencies"] if event["backend_fn"]]
