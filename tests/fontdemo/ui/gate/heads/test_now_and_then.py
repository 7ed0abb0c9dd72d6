"""fontdemo.ui.gate.heads: what a flood has written into the host's log."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
import pytest
from uvicorn.protocols.http import auto

from fontdemo.ui.gate import heads, uploads
from tests.fontdemo.ui.gate.test_heads import ASKS, served
from tests.support.unserved import unserved


@contextmanager
def logged(name: str) -> Iterator[list[logging.LogRecord]]:
    """What this logger lets through meanwhile, on a page."""
    heads.install()
    heads.install()
    log, said = logging.getLogger(name), list[logging.LogRecord]()
    catcher = logging.Handler()
    catcher.emit = said.append  # type: ignore[method-assign, assignment]
    log.addHandler(catcher)
    try:
        yield said
    finally:
        log.removeHandler(catcher)
        for each in (log, logging.getLogger("asyncio"), logging.getLogger("uvicorn.error")):
            each.filters[:] = [one for one in each.filters if not isinstance(one, heads.NowAndThen)]


def test_a_page_that_can_open_no_more_files_says_so_now_and_then_only() -> None:
    """asyncio says it for each place in the line of connections, each second: 57,000 times in 20 seconds."""
    with logged("asyncio") as said:
        loop = asyncio.new_event_loop()
        for _ in range(3):
            error = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            loop.default_exception_handler({"message": "socket.accept() out of system resource", "exception": error})
        loop.default_exception_handler({"message": "something else"})
        loop.close()
    assert [record.getMessage().split(" ")[0] for record in said] == ["socket.accept()", "something"]
    assert not said[0].exc_info


def test_what_fails_at_each_request_of_a_flood_is_logged_now_and_then_only() -> None:
    """A hundred lines each, so that a stranger could fill the disk with them."""
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError

    async def flood() -> list[logging.LogRecord]:
        async with served(fails, auto.AutoHTTPProtocol) as address:
            logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
            with logged("uvicorn.error") as said:  # its handlers are forgotten when a server starts
                for asked in (ASKS, b"\0\r\n\r\n"):
                    for _ in range(40):
                        reader, writer = await asyncio.open_connection(*address)
                        writer.write(asked)
                        assert await reader.read(100)
                        writer.close()
        return said

    said = asyncio.run(flood())
    assert [record.getMessage().split(" ")[0] for record in said] == ["Exception"] * 20 + ["Invalid"] * 20
    assert said[0].exc_info


def test_events_that_fail_are_logged_now_and_then_only() -> None:
    """Gradio writes each with what led to it, past all loggers: 1.6 kB, and whoever finds one can send thousands."""
    def fails() -> None:
        raise ValueError("unforeseen")

    with unserved(), uploads.CheckedBlocks(analytics_enabled=False) as demo:
        demo.load(fails)
    with logged(uploads.LOG.name) as said:
        for _ in range(40):
            with pytest.raises(gr.Error) as told:
                asyncio.run(demo.process_api(demo.fns[0], []))
            assert not told.value.print_exception
    assert len(said) == 20 and said[0].exc_info and "unforeseen" in str(said[0].exc_info[1])
