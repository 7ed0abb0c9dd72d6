"""fontdemo.ui.gate.agents: what an agent's call may name, and that one agent leaves places for others."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from fontdemo.errors import FontdemoError
from fontdemo.ui.gate import agents
from fontdemo.ui.gate.agents import SENTENCE, Agents
from fontdemo.ui.gate.crowd import OF_A_SESSION
from fontdemo.ui.page import middleware


def scope(address: str = "8.8.8.8", path: str = "/gradio_api/mcp/") -> dict[str, Any]:
    return {"type": "http", "method": "POST", "path": path, "client": (address, 1), "headers": []}


async def asked(page: Agents, body: bytes, scope: dict[str, Any]) -> tuple[int, str]:
    """What is answered: the status, and the sentence; 0 where the request reached the page."""
    answer: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        answer.append(message)

    await page(scope, receive, send)
    return (answer[0]["status"], json.loads(answer[1]["body"])["error"]) if answer else (0, "")


def call(arguments: object) -> bytes:
    params = {"name": "card", "arguments": arguments}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()


def test_a_call_that_names_a_file_of_this_machine_does_not_reach_gradio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    mine = tmp_path / "uploads" / "a" / "K.png"
    mine.parent.mkdir(parents=True)
    mine.touch()
    bodies: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        bodies.append((await receive())["body"])

    def status(body: bytes, path: str = "/gradio_api/mcp/") -> int:
        return asyncio.run(asked(Agents(app, on_space=False), body, scope(path=path)))[0]

    named = [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in (__file__, "/dev/zero", "http://a.b/")]
    for record in named:
        for path in ("/gradio_api/mcp", "/gradio_api/mcp/", "/gradio_api/mcp/http", "/x/gradio_api/mcp/http/"):
            assert status(call({"network": record}), path) == status(call({"network": [[{"a": record}]]}), path) == 400
    assert status(b"{") == status(b"[" * 100_000) == status(b"\xff") == 400
    assert not bodies
    fine = [call({"network": {"path": str(mine), "meta": {"_type": "gradio.FileData"}}}), call({"network": "best52"})]
    assert [status(body) for body in fine] == [0, 0] and bodies == fine


def test_who_asks_for_a_card_is_given_it_read_once_or_told_in_a_sentence_that_it_is_not_there() -> None:
    reached: list[bytes] = []
    cards: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append((await receive())["body"])

    def card(name: str) -> str:
        cards.append(name)
        if name != "best 52":
            raise FontdemoError("There is no such network.")
        return "# A card"

    def read(uri: object, method: str = "resources/read") -> Any:
        answer: list[Any] = []

        async def visit() -> None:
            body = json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": {"uri": uri}}).encode()

            async def receive() -> Any:
                return {"type": "http.request", "body": body, "more_body": False}

            async def send(message: Any) -> None:
                answer.append(message)

            await Agents(app, on_space=False, card=card)(scope(), receive, send)

        asyncio.run(visit())
        return json.loads(answer[1]["body"]) if answer else None

    told = read("card://nobody")
    assert told == {"jsonrpc": "2.0", "id": 7, "error": {"code": -32002, "message": "There is no such network."}}
    assert not reached
    contents = [{"uri": "card://best%2052", "mimeType": "text/markdown", "text": "# A card"}]
    assert read("card://best%2052") == {"jsonrpc": "2.0", "id": 7, "result": {"contents": contents}}
    assert cards == ["nobody", "best 52"] and not reached
    for uri in ("other://nobody", 7):
        assert read(uri) is None
    assert read("card://nobody", "tools/list") is None
    assert len(reached) == 3 and len(cards) == 2


def test_what_gradio_would_only_write_into_the_hosts_log_does_not_reach_it(caplog: pytest.LogCaptureFixture) -> None:
    """A request of 1 MB made the log grow by as much: notifications, answers, and names of tools that there are not."""
    reached: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append(json.loads((await receive())["body"]))

    def told(message: object) -> Any:
        answer: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": json.dumps(message).encode(), "more_body": False}

        async def send(part: Any) -> None:
            answer.append(part)

        asyncio.run(Agents(app, on_space=False)(scope(), receive, send))
        return (answer[0]["status"], json.loads(answer[1]["body"] or "null")) if answer else None

    long = "y" * 1000
    news = [{"method": f"notifications/{long}"}, {"id": 7, "result": {"a": long}}, {"id": {}, "method": "tools/list"},
            {"id": None, "method": "tools/list"}, {"id": 7, "error": {"code": 1, "message": long}}, {}]  # fmt: skip
    for message in news:
        assert told({"jsonrpc": "2.0", **message}) == (202, None)
    for method in (long, "prompts/get", ["tools/list"], 7):
        assert told({"id": 7, "method": method})[1]["error"]["code"] == -32601
    for params in ({"name": long}, {"name": ["read"]}, {}, None, long):
        assert told({"id": 7, "method": "tools/call", "params": params})[1]["error"]["code"] == -32602
    assert not reached
    fine = [{"id": 0, "method": "initialize", "params": {}}, {"id": "a", "method": "tools/list"}, [], "x",
            {"id": 1, "method": "tools/call", "params": {"name": "read", "arguments": {}}}]  # fmt: skip
    assert [told(message) for message in fine] == [None] * 5 and reached == fine

    agents.install()
    agents.install()
    logging.warning(f"Failed to validate request: {long}")  # noqa: G004, LOG015  # as mcp does
    logging.warning("Something else")  # noqa: LOG015
    assert caplog.messages == ["Something else"]


def test_calls_wait_in_line_and_one_address_has_not_all_of_it() -> None:
    async def visit() -> None:
        ended = asyncio.Event()
        reached: list[str] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            reached.append(scope["client"][0])
            # Who has gone away is not told of: what was called goes on, and so keeps its place.
            await asyncio.wait([asyncio.create_task(each) for each in (ended.wait(), receive())],
                               return_when=asyncio.FIRST_COMPLETED)  # fmt: skip

        page = Agents(app, on_space=False, at_work=2, most=3)
        addresses = ["8.8.8.8"] * 4 + ["9.9.9.9"] + ["127.0.0.1"] * 5
        calls = [asyncio.create_task(asked(page, call({}), scope(address))) for address in addresses]
        for _ in range(10):
            await asyncio.sleep(0)
        assert reached == ["8.8.8.8"] * 2
        ended.set()
        answers = await asyncio.gather(*calls)
        assert [answer for answer in answers if answer != (0, "")] == [(429, SENTENCE)] == [answers[3]]
        assert sorted(reached) == sorted(addresses[:3] + addresses[4:]) and not page._calls

    asyncio.run(visit())


def test_it_stands_before_the_page_with_fewer_places_than_all_agents_have_in_the_queue() -> None:
    assert Agents in [entry.cls for entry in middleware()]
    assert Agents(lambda *_: None, on_space=False)._places._value < OF_A_SESSION  # type: ignore[arg-type, return-value]
