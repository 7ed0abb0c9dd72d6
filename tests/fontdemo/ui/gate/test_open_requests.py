"""fontdemo.ui.gate.open_requests: one visitor's streams leave room for others', and end where there is no news."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio import routes
from starlette.middleware import Middleware

from fontdemo.ui.gate import open_requests
from fontdemo.ui.gate.open_requests import (
    AT_WORK_OF_AN_ADDRESS,
    SENTENCE,
    WATCHING_OF_AN_ADDRESS,
    InTurn,
    OpenRequests,
)  # fmt: skip
from fontdemo.ui.page import middleware
from tests.support.unserved import unserved


def scope(address: str, path: str = "/gradio_api/heartbeat/x", query: bytes = b"") -> dict[str, Any]:
    queue = SimpleNamespace(
        pending_messages_per_session={"mine": None}, event_ids_to_events={"e1": None},
        pending_event_ids_session={"mine": {"e2"}},
    )  # fmt: skip
    page = SimpleNamespace(get_blocks=lambda: SimpleNamespace(_queue=queue))
    return {"type": "http", "method": "GET", "path": path, "query_string": query, "app": page,
            "client": (address, 1), "headers": []}  # fmt: skip


async def nothing() -> Any:
    raise AssertionError("there is no body")


def test_one_address_may_have_so_many_open_and_others_are_not_kept_out() -> None:
    async def visit() -> None:
        ended = asyncio.Event()
        reached: list[str] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            reached.append(scope["client"][0])
            await ended.wait()

        page = OpenRequests(app, on_space=False, most=3)

        async def ask(address: str) -> list[Any]:
            answer: list[Any] = []

            async def send(message: Any) -> None:
                answer.append(message)

            await page(scope(address), nothing, send)
            return answer

        waiting = [asyncio.create_task(ask(address)) for address in ["8.8.8.8"] * 3 + ["9.9.9.9"] + ["127.0.0.1"] * 9]
        await asyncio.sleep(0)
        refused = await ask("8.8.8.8")
        assert refused[0]["status"] == 429 and json.loads(refused[1]["body"])["detail"] == SENTENCE
        assert len(reached) == 13  # the machine itself, and a proxy on it, is no visitor
        ended.set()
        await asyncio.gather(*waiting)
        assert await ask("8.8.8.8") == [] and not page._open  # nothing is kept of who has left

    asyncio.run(visit())


def test_few_of_an_addresses_requests_watch_uploads() -> None:
    async def visit() -> list[int]:
        ended = asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await ended.wait()
            await send({"status": 200})

        page = OpenRequests(app, on_space=False)

        async def ask(address: str, path: str) -> int:
            answer: list[Any] = []

            async def send(message: Any) -> None:
                answer.append(message)

            await page(scope(address, path), nothing, send)
            return int(answer[0]["status"])

        watching = [asyncio.create_task(ask("8.8.8.8", "/gradio_api/upload_progress")) for _ in range(200)]
        others = [("8.8.8.8", "/gradio_api/upload"), ("9.9.9.9", "/gradio_api/upload_progress")]
        rest = [asyncio.create_task(ask(*one)) for one in others]
        await asyncio.sleep(0)
        ended.set()
        answers = await asyncio.gather(*watching)
        assert await asyncio.gather(*rest) == [200, 200] and not page._watching
        return answers

    assert asyncio.run(visit()).count(200) == WATCHING_OF_AN_ADDRESS < 100


def test_who_asks_for_a_session_that_is_not_there_is_told_at_once() -> None:
    """Gradio's own answer, which costs it a traceback: a thousand of them kept everyone waiting for half a minute."""
    reached: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["query_string"])

    def ask(query: bytes) -> list[Any]:
        answer: list[Any] = []

        async def send(message: Any) -> None:
            answer.append(message)

        path = "/gradio_api/queue/data"
        asyncio.run(OpenRequests(app, on_space=False)(scope("8.8.8.8", path, query), nothing, send))
        return answer

    for query in (b"session_hash=none", b"", b"session_hash=%00", b"session_hash=mine&session_hash="):
        told = ask(query)
        assert told[0]["status"] == 200
        assert json.loads(told[1]["body"].removeprefix(b"data: "))["session_not_found"] is True
    assert not reached
    assert ask(b"session_hash=mine") == [] and reached == [b"session_hash=mine"]


def test_so_is_who_asks_for_a_call_that_is_not_there() -> None:
    reached: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["path"])

    def ask(path: str, method: str = "GET") -> list[Any]:
        answer: list[Any] = []

        async def send(message: Any) -> None:
            answer.append(message)

        asyncio.run(OpenRequests(app, on_space=False)({**scope("8.8.8.8", path), "method": method}, nothing, send))
        return answer

    for path in ("/gradio_api/call/read/none", "/x/gradio_api/call/v2/read/a\nb/", "/gradio_api/call/v2/read"):
        assert b"404: Not Found" in ask(path)[1]["body"]
    assert not reached
    known = [f"/gradio_api/call/read/{event}" for event in ("mine", "e1", "e2")]
    assert [ask(path) for path in known] == [[]] * 3 and reached == known
    assert ask("/gradio_api/call/v2/read", "POST") == []


def test_one_address_has_few_at_work_and_keeps_no_one_else_waiting() -> None:
    """A flood of one address, 25 requests a second, kept another visitor's reading waiting for 37 s."""
    async def visit() -> None:
        at_work: Counter[str] = Counter()
        most: Counter[str] = Counter()
        begin, end = asyncio.Event(), asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            address = scope["client"][0]
            at_work[address] += 1
            most[address] = max(most[address], at_work[address])
            await begin.wait()
            at_work[address] -= 1
            await send({"type": "http.response.start", "status": 200})
            if scope["path"] == "/fails":
                raise ValueError
            await end.wait()  # a stream, or a slow reader, takes no place

        page = InTurn(app, on_space=False)
        answered: list[str] = []

        async def ask(address: str, path: str = "/", method: str = "GET") -> None:
            async def send(message: Any) -> None:
                answered.append(address)

            with contextlib.suppress(ValueError):
                await page({**scope(address, path), "method": method}, nothing, send)

        # With the last two, which hold what is slow in their names, one address kept a reading waiting for 23 s.
        quick = "/", "/fails", "/gradio_api/mcp/schema", "/gradio_api/file=/gradio_api/upload"
        flood = [ask("8.8.8.8", path) for path in quick for _ in range(100)]
        waited = [("/gradio_api/upload", "POST"), ("/x/gradio_api/mcp/", "POST")]
        waited.append(("/gradio_api/upload_progress", "GET"))
        slow = [ask("7.7.7.7", *each) for each in waited for _ in range(50)]
        waiting = [asyncio.create_task(one) for one in [*flood, *slow, ask("9.9.9.9")]]
        await asyncio.sleep(0.01)
        assert at_work == {"8.8.8.8": AT_WORK_OF_AN_ADDRESS, "7.7.7.7": 150, "9.9.9.9": 1}
        begin.set()
        while len(answered) < len(waiting):
            await asyncio.sleep(0.01)
        assert most["8.8.8.8"] == AT_WORK_OF_AN_ADDRESS
        end.set()
        await asyncio.gather(*waiting)
        assert not page._places  # nothing is kept of who has left

    asyncio.run(asyncio.wait_for(visit(), 30))


@pytest.mark.parametrize("kind", [OpenRequests, InTurn])
def test_the_page_has_it(kind: type) -> None:
    assert any(each.cls is kind for each in middleware())


def test_streams_of_one_session_leave_nothing_when_they_are_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """What beats in each but the first went on for ever: one address left 400 a second, each waking every 15 s."""
    monkeypatch.setattr(routes, "asyncio", asyncio)
    open_requests.install()
    with unserved(), gr.Blocks(analytics_enabled=False) as demo:
        gr.State()

    async def visit() -> list[str]:
        app = routes.App.create_app(demo, app_kwargs={"middleware": [Middleware(OpenRequests, on_space=True)]})
        demo._queue.pending_messages_per_session["s"], demo.is_running = asyncio.Queue(), True
        gone, begun = asyncio.Event(), list[Any]()

        async def receive() -> Any:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            begun.append(message)

        async def stream(path: str) -> None:
            asked = {**scope("8.8.8.8", f"/gradio_api/{path}", b"session_hash=s"), "http_version": "1.1",
                     "root_path": "", "raw_path": path.encode(), "scheme": "http", "server": ("x", 80)}  # fmt: skip
            with contextlib.suppress(KeyError, RuntimeError):  # Gradio fails at all but the first
                await app(asked, receive, send)

        streams = [asyncio.create_task(stream(path)) for path in ["queue/data"] * 3]
        while len(begun) < 3:
            await asyncio.sleep(0.01)
        gone.set()
        await asyncio.gather(*streams)
        await asyncio.sleep(0)
        return [str(task) for task in asyncio.all_tasks() - {asyncio.current_task()}]

    assert asyncio.run(visit()) == []
