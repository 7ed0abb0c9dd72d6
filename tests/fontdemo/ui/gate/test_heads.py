"""fontdemo.ui.gate.heads, with uvicorn itself: who asks for nothing is hung up on, who waits for an answer is not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http import auto

from fontdemo.ui.gate import heads

LOOK = 0.3
ASKS = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers after four looks."""
    await asyncio.sleep(4 * LOOK)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"OK"})


async def answered(*sent: bytes) -> bytes:
    """All that comes back, until the server hangs up, for what is sent, each part when something came for the last."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_level="critical", timeout_keep_alive=60,
                            http=heads.patient(auto.AutoHTTPProtocol, LOOK))  # fmt: skip
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection(*server.servers[0].sockets[0].getsockname())
    came = b""
    for number, part in enumerate(sent):
        writer.write(part)
        if number < len(sent) - 1:
            came += await reader.read(10_000)
    came += await asyncio.wait_for(reader.read(), 20)
    writer.close()
    server.should_exit = True
    await serving
    return came


@pytest.mark.parametrize("half", [b"", b"GET", ASKS[:-2]], ids=["nothing", "a word", "half a head"])
def test_half_a_request_is_hung_up_on(half: bytes) -> None:
    assert asyncio.run(answered(half)) == b""


@pytest.mark.parametrize("half", [b"", ASKS[:-2]], ids=["nothing", "half a head"])
def test_so_it_is_after_an_answer_that_took_longer(half: bytes) -> None:
    assert asyncio.run(answered(ASKS, half)).endswith(b"\r\n\r\nOK")


def test_the_pages_servers_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = auto.AutoHTTPProtocol
    monkeypatch.setattr(auto, "AutoHTTPProtocol", before)
    heads.install()
    once = auto.AutoHTTPProtocol
    heads.install()
    config = uvicorn.Config(app, log_level="critical")
    config.load()
    assert config.http_protocol_class is once and issubclass(once, before)
