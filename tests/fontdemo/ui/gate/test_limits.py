"""fontdemo.ui.gate.limits: which addresses the page has, and when an upload has no room."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from fontdemo.ui.gate import limits
from fontdemo.ui.gate.arriving import UploadsOfAnHour
from fontdemo.ui.gate.limits import MIN_FILES, ServedOnly, has_room
from fontdemo.ui.gate.open_requests import OpenRequests


def status(path: str, method: str = "GET", min_free: int = 0, query: bytes = b"") -> int:
    """What is answered at `path`; 200 where the request reaches the page."""
    answers: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        answers.append({"status": 200})

    async def send(message: Any) -> None:
        answers.append(message)

    async def receive() -> Any:
        raise AssertionError("what is refused is not read")

    scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": []}
    asyncio.run(ServedOnly(app, min_free)(scope, receive, send))
    if answers[0]["status"] != 200:
        assert json.loads(answers[1]["body"])["detail"].endswith(".")
    return int(answers[0]["status"])


@pytest.mark.parametrize(
    "path",
    ["/", "/config", "/assets/index.js", "/gradio_api/info", "/gradio_api/queue/join", "/gradio_api/queue/join/",
     "/gradio_api/queue/data", "/gradio_api/call/read", "/gradio_api/call/v2/read", "/gradio_api/call/read/0f9a",
     "/gradio_api/call/v2/read/0f9a/",
     "/gradio_api/upload", "/gradio_api/upload_progress", "/gradio_api/file=/tmp/gradio/ab/K.png", "/gradio_api/cancel",
     "/gradio_api/heartbeat/a1", "/gradio_api/theme.css", "/x/gradio_api/queue/join", "/gradio_api/mcp",
     "/gradio_api/mcp/", "/gradio_api/mcp/http/", "/gradio_api/mcp/schema"],
)  # fmt: skip
def test_what_the_page_uses_is_there(path: str) -> None:
    assert status(path) == 200


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/file=http://127.0.0.1:1/", "/gradio_api/file=HTTPS://example.com/", "/gradio_api/file=app.py",
     "/gradio_api/proxy=http://127.0.0.1:1/", "/gradio_api/proxy=/gradio_api/info", "/gradio_api/component_server",
     "/gradio_api/process_recording", "/gradio_api/deep_link", "/gradio_api/dev/reload", "/gradio_api/stream/1",
     "/gradio_api/vibe-code", "/gradio_api/run/predict", "/gradio_api/api/read", "/gradio_api/file//etc/passwd",
     "/gradio_api/token", "/gradio_api/", "/gradio_api/custom_component/1/client/a/b", "/gradio_api/queue/../token",
     "/gradio_api/mcp/sse", "/gradio_api/mcp/messages/", "/gradio_api/call/read/\n", "/gradio_api/file=/tmp/a\n",
     "/gradio_api/heartbeat/a\n", "/gradio_api/upload\n", "/assets/gradio_api/call/../../a.js",
     "/gradio_api/call/v2/read/a/b"],
)  # fmt: skip
def test_nothing_else_is(path: str) -> None:
    assert status(path) == status(path, "POST") == 404


def test_an_upload_has_no_long_id() -> None:
    """Gradio keeps them for ever: some thousands of long ones took as many hundreds of megabytes."""
    for path in ("/gradio_api/upload", "/gradio_api/upload_progress"):
        assert [status(path, query=b"upload_id=" + b"a" * long) for long in (11, 1000)] == [200, 404]


def test_an_upload_never_fills_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    for path in ("/gradio_api/upload", "/gradio_api/upload/", "/gradio_api/mcp/"):
        assert status(path, "POST", min_free=1 << 62) == 507
        assert status(path, "POST", min_free=1) == 200
    assert status("/gradio_api/upload_progress", min_free=1 << 62) == 200
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "none"))
    assert status("/gradio_api/upload", "POST", min_free=1 << 62) == 200


def test_a_file_is_sent_whole_so_that_no_header_of_the_request_comes_back_with_it() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["headers"])

    headers = [(b"range", b"bytes=0-1"), (b"accept", b"*/*"), (b"range", b"bytes=0-1,3-4")]
    for path in ("/gradio_api/file=/tmp/gradio/ab/K.png", "/fontdemo/network/model.safetensors"):
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers}
        asyncio.run(ServedOnly(app)(scope, None, None))  # type: ignore[arg-type]  # neither is used
    assert seen == [[(b"accept", b"*/*")], headers]


def test_a_disk_without_room_for_more_files_has_no_room_for_uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    def disk(files: int, free: int, flags: int = 0) -> Any:
        status = os.statvfs_result((4096, 4096, 1 << 30, 1 << 29, 1 << 29, files, free, free, flags, 255))
        return lambda folder: status

    for files, free, room in ((10**7, MIN_FILES, True), (10**7, MIN_FILES - 1, False), (10**7, 0, False), (0, 0, True)):
        monkeypatch.setattr(os, "statvfs", disk(files, free))
        assert has_room() is room
    monkeypatch.setattr(os, "statvfs", disk(10**7, MIN_FILES, os.ST_RDONLY))  # as one becomes that has a fault
    assert not has_room()


@pytest.mark.parametrize(("length", "parts"), [(b"6", 2), (b"0", 0), (b"no", 0), (b"900000000", 0)])
def test_a_small_body_is_waited_for_before_its_request_is_refused(length: bytes, parts: int) -> None:
    """Closed while a body is on its way, a connection is reset, and its refusal may be lost."""
    scope: dict[str, Any] = {
        "type": "http", "method": "POST", "path": "/gradio_api/run/predict", "query_string": b"",
        "headers": [(b"content-length", length)],
    }  # fmt: skip
    happened: list[str] = []

    async def receive() -> dict[str, Any]:
        happened.append("part")
        return {"type": "http.request", "body": b"abc", "more_body": len(happened) < 2}

    async def send(message: Any) -> None:
        happened.append(message["type"])

    async def app(*_: Any) -> None:
        raise AssertionError("it is refused")

    asyncio.run(ServedOnly(app)(scope, receive, send))
    assert happened == ["part"] * parts + ["http.response.start", "http.response.body"]


def test_a_body_is_waited_for_no_longer_however_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then kept any number of requests of one address open, as what is refused is not counted."""
    monkeypatch.setattr(limits, "_ARRIVES", 0.2)
    answers: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Any) -> None:
        answers.append(message)

    headers = [(b"content-length", b"60000")]
    scope = {"type": "http", "method": "POST", "path": "/gradio_api/x", "query_string": b"", "headers": headers}
    asyncio.run(asyncio.wait_for(ServedOnly(None)(scope, receive, send), 10))  # type: ignore[arg-type]  # not reached
    assert answers[0]["status"] == 404


@pytest.mark.parametrize("refused", ["full disk", "open", "uploaded"])
def test_so_it_is_before_each_refusal_that_reads_nothing(refused: str) -> None:
    def page(app: Any) -> Any:
        if refused == "full disk":
            return ServedOnly(app, 1 << 62)
        return OpenRequests(app, False, most=0) if refused == "open" else UploadsOfAnHour(app, False, most=-1)

    happened: list[Any] = []

    async def receive() -> dict[str, Any]:
        happened.append("part")
        return {"type": "http.request", "body": b"abc", "more_body": len(happened) < 2}

    async def send(message: Any) -> None:
        happened.append(message.get("status", 0))

    scope = {"type": "http", "method": "POST", "path": "/gradio_api/upload", "query_string": b"",
             "client": ("8.8.8.8", 1), "headers": [(b"content-length", b"6")]}  # fmt: skip
    asyncio.run(page(None)(scope, receive, send))
    assert happened[:2] == ["part", "part"] and happened[2] in (429, 507)
