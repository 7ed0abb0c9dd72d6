"""fontdemo.ui.gate.heads, with uvicorn itself: who asks for nothing is hung up on, who waits for an answer is not; who
takes nothing of it is, and no address has all connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http import auto
from uvicorn.protocols.http.h11_impl import H11Protocol

from fontdemo.ui.gate import heads
from fontdemo.ui.gate.host import client
from tests.support.servers.pageserver import ROOT

LOOK, SLOW_LOOK = 0.3, 0.8  # the latter so long that a busy machine moves some bytes within it
LONG = 60_000_000  # more than the system keeps for a reader
ASKS = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers after four looks."""
    await asyncio.sleep(4 * LOOK)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"OK"})


@contextlib.asynccontextmanager
async def served(app: Any, protocol: Any, **more: Any) -> AsyncIterator[tuple[str, int]]:
    """The address of a server of `app`. more: settings of uvicorn's."""
    config = uvicorn.Config(
        app, port=0, lifespan="off", log_level="critical", timeout_keep_alive=60, http=protocol, **more
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    await serving


async def answered(*sent: bytes) -> bytes:
    """All that comes back, until the server hangs up, for what is sent, each part when something came for the last."""
    async with served(app, heads.patient(auto.AutoHTTPProtocol, LOOK)) as address:
        reader, writer = await asyncio.open_connection(*address)
        came = b""
        for number, part in enumerate(sent):
            writer.write(part)
            if number < len(sent) - 1:
                came += await reader.read(10_000)
        with contextlib.suppress(ConnectionResetError):  # it hung up before the last part was there: that is well too
            came += await asyncio.wait_for(reader.read(), 20)
        writer.close()
    return came


@pytest.mark.parametrize("half", [b"", b"GET", ASKS[:-2]], ids=["nothing", "a word", "half a head"])
def test_half_a_request_is_hung_up_on(half: bytes) -> None:
    assert asyncio.run(answered(half)) == b""


@pytest.mark.parametrize("half", [b"", ASKS[:-2]], ids=["nothing", "half a head"])
def test_so_it_is_after_an_answer_that_took_longer(half: bytes) -> None:
    assert asyncio.run(answered(ASKS, half)).endswith(b"\r\n\r\nOK")


async def taken(of_a_look: int, pauses: int) -> bytes:
    """What a reader gets of a long answer who takes so many bytes between two looks, so many times, then the rest."""
    async def long(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": bytes(LONG)})

    came = b""
    async with served(long, heads.patient(auto.AutoHTTPProtocol, SLOW_LOOK, least=LONG // 100)) as address:
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 262_144)
            reader.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(reader, address)
            await loop.sock_sendall(reader, ASKS)
            for _ in range(pauses):
                before = len(came)
                while len(came) - before < of_a_look:
                    came += await loop.sock_recv(reader, 65536)
                await asyncio.sleep(SLOW_LOOK / 2)
            with contextlib.suppress(ConnectionError):
                while part := await asyncio.wait_for(loop.sock_recv(reader, 1 << 20), 20):
                    came += part
    return came


def test_a_reader_who_takes_nothing_is_hung_up_on_and_a_slow_one_is_not() -> None:
    """300 who took nothing of the page held its open files for as long as they stayed."""
    assert len(asyncio.run(taken(0, 6))) < LONG
    assert len(asyncio.run(taken(LONG // 10, 6))) > LONG


async def quick(scope: Any, receive: Any, send: Any) -> None:
    """Answers at once."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"OK"})


async def connected(address: str, most: int, proxies: str | None = None, **more: Any) -> list[bool]:
    """Of four connections of this address, which are answered. proxies: FORWARDED_ALLOW_IPS."""
    class From(auto.AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # chosen at run time
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.client = (address, 1)

    answers = []
    serving = served(quick, heads.patient(From, most=most, **more), forwarded_allow_ips=proxies)
    async with serving as server, contextlib.AsyncExitStack() as stack:
        for _ in range(4):
            reader, writer = await asyncio.open_connection(*server)
            stack.callback(writer.close)
            with contextlib.suppress(ConnectionError):
                writer.write(ASKS)
            try:
                answers.append((await asyncio.wait_for(reader.read(1000), 20)).startswith(b"HTTP/1.1 200"))
            except ConnectionError:
                answers.append(False)
    return answers


def test_one_address_has_not_all_connections() -> None:
    """2,000 of one address left no open file for anyone else, where a process may have a thousand."""
    assert asyncio.run(connected("8.8.8.8", 2)) == [True, True, False, False]
    assert asyncio.run(connected("127.0.0.1", 2)) == [True] * 4  # a proxy of this machine
    assert asyncio.run(connected("10.1.2.3", 2, on_space=True)) == [True] * 4


def test_a_proxy_that_is_named_has_any_number_of_connections() -> None:
    """All visitors behind a proxy in another container shared the 600 of its address."""
    assert asyncio.run(connected("172.18.0.5", 2, "172.18.0.5")) == [True] * 4
    assert asyncio.run(connected("172.18.0.5", 2, "127.0.0.1, 172.18.0.0/16")) == [True] * 4
    assert asyncio.run(connected("172.19.0.5", 2, "172.18.0.0/16")) == [True, True, False, False]


async def known_as(said: bytes, proxies: str) -> str:
    """As whom the page knows a visitor behind a proxy at 172.18.0.5, with this in its X-Forwarded-For."""
    class From(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.client = ("172.18.0.5", 1)

    known: list[str] = []

    async def noted(scope: Any, receive: Any, send: Any) -> None:
        known.append(client(scope, on_space=False))
        await quick(scope, receive, send)

    async with served(noted, heads.patient(From), forwarded_allow_ips=proxies) as server:
        reader, writer = await asyncio.open_connection(*server)
        writer.write(ASKS[:-2] + b"X-Forwarded-For: " + said + b"\r\n\r\n")
        await asyncio.wait_for(reader.read(1000), 20)
        writer.close()
    return known[0]


def test_a_visitor_behind_a_proxy_that_is_named_is_known_by_what_it_says_last() -> None:
    """As docs/hosting.md has it; what the visitor says comes before that."""
    for said in (b"8.8.8.8", b"1.1.1.1, 8.8.8.8", b"1.1.1.1,8.8.8.8, 172.18.0.9"):
        assert asyncio.run(known_as(said, "172.18.0.0/16")) == "8.8.8.8"
        assert asyncio.run(known_as(said, "127.0.0.1")) == "172.18.0.5"


async def upgraded(asked: int) -> bytes:
    """What a page says to a last request of an address that asked for so many WebSockets, of which it may have two."""
    class From(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.client = ("8.8.8.8", 1)

    class Socket(asyncio.Protocol):
        """A WebSocket that hangs up."""

        def __init__(self, **given: Any) -> None:
            pass

        def connection_made(self, transport: Any) -> None:
            transport.close()

    wish = ASKS[:-2] + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    async with served(quick, heads.patient(From, most=2), ws=Socket) as server:
        for sent in [wish] * asked + [ASKS]:
            reader, writer = await asyncio.open_connection(*server)
            writer.write(sent)
            came = await asyncio.wait_for(reader.read(1000), 20)
            writer.close()
            await asyncio.sleep(0.05)
    return came


def test_wishes_for_websockets_use_up_no_connections() -> None:
    """Where websockets is installed, 600 of them shut the address out until the server's end."""
    assert asyncio.run(upgraded(5)).startswith(b"HTTP/1.1 200")


def test_a_head_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With httptools, four connections filled 2 GB in 14 seconds; whatever is installed, h11 reads."""
    monkeypatch.setattr(auto, "AutoHTTPProtocol", type("Unbounded", (asyncio.Protocol,), {}))
    heads.install()

    async def told() -> bytes:
        async with served(app, auto.AutoHTTPProtocol) as address:
            reader, writer = await asyncio.open_connection(*address)
            writer.write(ASKS[:-2] + b"a: b\r\n" * 30_000)
            came = await asyncio.wait_for(reader.read(100), 20)
            writer.close()
        return came

    assert asyncio.run(told()).startswith(b"HTTP/1.1 400")


def test_the_pages_servers_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = auto.AutoHTTPProtocol
    monkeypatch.setattr(auto, "AutoHTTPProtocol", before)
    heads.install()
    once = auto.AutoHTTPProtocol
    heads.install()
    config = uvicorn.Config(app, log_level="critical")
    config.load()
    assert config.http_protocol_class is once and issubclass(once, H11Protocol)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_the_page_may_have_as_many_files_open_as_the_system_lets_it() -> None:
    code = (
        "import resource as r; from fontdemo.ui.gate import heads; what = r.RLIMIT_NOFILE\n"
        "hard = r.getrlimit(what)[1]; r.setrlimit(what, (min(200, hard), min(4000, hard)))\n"
        "heads.open_files(300); print(*r.getrlimit(what)); heads.open_files(9000); print(*r.getrlimit(what))\n"
        "heads.open_files(10); print(*r.getrlimit(what))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split("\n") == ["300 4000", "4000 4000", "4000 4000", ""]
