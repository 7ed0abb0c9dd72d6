"""fontdemo.ui.port, by Gradio's own search for a port: one that is taken meanwhile, and a slow start."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from gradio import http_server
from starlette.applications import Starlette

from fontdemo.ui import port
from tests.support.servers.pageserver import free_port

# Gradio does not close the socket by which it finds that a port is taken.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

CANNOT_START = """
import contextlib, gradio
from fontdemo.ui import port
from tests.support.servers.pageserver import free_port
@contextlib.asynccontextmanager
async def lifespan(app):
    raise OSError("this page cannot start")
    yield
port.install()
with gradio.Blocks() as demo:
    gradio.Markdown("Hello")
demo.launch(quiet=True, app_kwargs={"lifespan": lifespan})
"""


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server for one test, and few ports to try, the first of them free."""
    monkeypatch.setattr(http_server, "Server", port.PatientServer)
    monkeypatch.setattr(http_server, "TRY_NUM_PORTS", 3)
    monkeypatch.setattr(http_server, "INITIAL_PORT_VALUE", free_port())


@contextlib.contextmanager
def launched(lifespan: Any) -> Iterator[str]:
    """The address of a page that starts as `lifespan` does, by the function of Gradio that `Blocks.launch` calls."""
    _, _, url, server = http_server.start_server(Starlette(lifespan=lifespan))  # type: ignore[arg-type]
    try:
        yield url
    finally:
        server.close()


def answers(url: str) -> bool:
    """Whether a page is there."""
    return httpx.get(url, timeout=30).status_code == 404


def started(asked: list[int], seconds: float = 0.0) -> Any:
    """A start of `seconds` that, like an MCP server's, is possible once; how often it was asked for is noted."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        asked.append(1)
        assert len(asked) == 1, "a page starts once"
        await asyncio.sleep(seconds)
        yield

    return lifespan


def test_a_port_that_another_takes_at_the_same_moment_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradio looks whether a port is free by binding it, which succeeds while another has bound and not listened."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 0))
        first = other.getsockname()[1]
        monkeypatch.setattr(http_server, "INITIAL_PORT_VALUE", first)
        look = socket.socket.close

        def close(closed: socket.socket) -> None:
            look(closed)
            if not asked:
                with contextlib.suppress(OSError):
                    other.listen()

        asked: list[int] = []
        monkeypatch.setattr(socket.socket, "close", close)
        with launched(started(asked)) as url:
            assert f":{first}/" not in url
            assert answers(url)
    assert asked == [1]


def test_a_start_of_more_than_five_seconds_is_waited_for() -> None:
    asked: list[int] = []
    with launched(started(asked, 5.5)) as url:
        assert answers(url)
    assert asked == [1]


def test_a_page_that_cannot_start_is_said_at_once() -> None:
    """In a process of its own: uvicorn leaves its event loop open."""
    ran = subprocess.run([sys.executable, "-c", CANNOT_START], capture_output=True, text=True, timeout=120)
    assert ran.stderr.count("this page cannot start") == 1
    assert "RuntimeError: The page did not start" in ran.stderr.splitlines()[-1]


def test_all_addresses_of_a_name_are_listened_at() -> None:
    free = port.listening("127.0.0.1", 0)[0]
    number = free.getsockname()[1]
    free.close()
    for taken in port.listening("localhost", number):
        with taken, socket.create_connection(taken.getsockname()[:2], timeout=5):
            pass


def test_what_was_bound_is_free_again_if_one_address_is_taken() -> None:
    with port.listening("127.0.0.1", 0)[0] as taken, pytest.raises(OSError, match="in use"):
        port.listening("127.0.0.1", taken.getsockname()[1])
