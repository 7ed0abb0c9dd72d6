"""fontdemo.ui.gate.bodies.limit: what is too large, too much at once, or too slow."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from fontdemo.ui.gate.bodies.limit import SMALL, BodyLimit
from fontdemo.ui.gate.limits import MAX_BODY


def taken(body: bytes, path: str = "/gradio_api/queue/join") -> bool:
    """Whether a request with this body reaches the page, unchanged."""
    reached: list[bytes] = []
    answers: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append((await receive())["body"])

    async def send(message: Any) -> None:
        answers.append(message.get("status"))

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": "POST", "path": path, "headers": []}
    asyncio.run(BodyLimit(app)(scope, receive, send))
    assert reached == [body] if reached else answers[0] == 413
    return bool(reached)


def test_what_has_very_many_parts_is_not_parsed() -> None:
    """JSON of a megabyte can hold half a million lists."""
    drawing = json.dumps([[[0.123, 0.456]] * 30_000])
    assert taken(json.dumps({"data": [drawing, "best52", False]}).encode())
    for text in ("[" * 900_000, '"[,{' * 100_000):
        assert taken(json.dumps({"data": [text]}).encode())
    for part in ([], {}, 1, "x", {"a": 1}):
        assert not taken(json.dumps({"data": [[part] * 100_000]}).encode())
    assert not taken(json.dumps({"data": [{str(number): 1 for number in range(50_000)}]}).encode())
    assert not taken(b'{"data": [' + b'"\\"",' * 100_000 + b"1]}")


def test_only_uploads_themselves_may_be_large() -> None:
    """Two calls of 60 MB whose name ended so were read as JSON: 1.7 GB, and no one was answered meanwhile."""
    body = bytes(MAX_BODY + 1)
    assert taken(body, "/gradio_api/upload") and taken(body, "/x/gradio_api/upload/")
    for path in ("/gradio_api/call/x/gradio_api/upload", "/gradio_api/file=/gradio_api/upload", "/upload"):
        assert not taken(body, path)


@pytest.mark.parametrize("part", [b"[", b'"', b'\\"', b'"\\', b"\\", b'"a",', b'\\"['], ids=repr)
def test_to_count_the_parts_takes_no_time(part: bytes) -> None:
    body = b'{"data": "' + part * (900_000 // len(part))
    began = time.process_time()
    taken(body)
    assert time.process_time() - began < 1


def test_one_address_has_only_so_much_on_its_way() -> None:
    """300 half-sent requests of one address held 370 MB."""

    async def visit() -> list[int]:
        reached: list[str] = []
        ended = asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            reached.append(scope["client"][0])

        page = BodyLimit(app, limit=1000, of_an_address=2500)

        async def ask(address: str) -> int:
            sent = iter([{"type": "http.request", "body": b"x" * 900, "more_body": True}])
            answers: list[Any] = []

            async def receive() -> Any:
                if (message := next(sent, None)) is None:
                    await ended.wait()
                return message or {"type": "http.request", "body": b"", "more_body": False}

            async def send(message: Any) -> None:
                answers.append(message)

            scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "client": (address, 1)}
            await page(scope, receive, send)
            return int(answers[0]["status"]) if answers else 200

        asking = [asyncio.create_task(ask(address)) for address in ["8.8.8.8"] * 3 + ["9.9.9.9"] + ["127.0.0.1"] * 4]
        for _ in range(10):
            await asyncio.sleep(0)
        assert reached == [] and asking[2].done()
        ended.set()
        answers = await asyncio.gather(*asking)
        assert not page._arriving  # nothing is kept of who has left
        return answers

    assert asyncio.run(visit()) == [200, 200, 429, 200, 200, 200, 200, 200]


async def asked(page: BodyLimit, address: str, parts: list[bytes], pause: float) -> int:
    """The status of a request whose body comes in `parts`, the last of them after a pause in seconds; 200: reached."""
    sent, answers = iter(parts), list[Any]()

    async def receive() -> Any:
        if (part := next(sent, None)) is not None:
            return {"type": "http.request", "body": part, "more_body": True}
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        answers.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "client": (address, 1)}
    await page(scope, receive, send)
    return int(answers[0]["status"]) if answers else 200


async def reached(*_: Any) -> None:
    """The page behind it."""


def test_all_addresses_together_have_only_so_much_on_their_way() -> None:
    """One visitor's line with IPv6 has 256 addresses: sixty of them, with 20 half-sent requests each, held 1.5 GB."""
    page = BodyLimit(reached, of_all=10 * SMALL)

    async def visit() -> list[int]:
        large = [asked(page, f"2a02:{one}::1", [bytes(SMALL), bytes(SMALL)], 0.2) for one in range(20)]
        small = [asked(page, f"2a03:{one}::1", [bytes(SMALL)], 0.2) for one in range(20)]
        answers = await asyncio.gather(*large, *small)
        assert not page._arriving and not page._all
        return [*answers, await asked(page, "2a02:1::1", [bytes(SMALL), bytes(SMALL)], 0)]

    answers = asyncio.run(visit())
    assert answers.count(429) >= 10 and set(answers[:20]) == {200, 429}
    assert answers[20:] == [200] * 21  # what is small is taken, and what is large again once there is room


def test_a_body_takes_only_so_long() -> None:
    """A byte now and then kept what had come of one in memory for as long as its sender liked."""
    page = BodyLimit(reached, seconds=0.2)

    async def visit() -> list[int]:
        asking = [asked(page, "8.8.8.8", [b"x" * 1000], pause) for pause in (0.0, 20.0)]
        answers = await asyncio.wait_for(asyncio.gather(*asking), 10)
        assert not page._arriving and not page._all
        return list(answers)

    assert asyncio.run(visit()) == [200, 408]
