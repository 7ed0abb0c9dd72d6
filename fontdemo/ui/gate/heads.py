"""Connections: how many one address may have, and how long one may take to say what it wants, and to take its answer.

The server that Gradio starts (uvicorn) ends a connection that is idle after an answer, but waits without end for the
head of a first request, for the rest of one that was begun, and for a reader who takes nothing of the answer. Each
holds an open file, of which a system may give a process a thousand. If httptools is installed, it also keeps a head of
any length in memory: here it is always h11 that reads them, up to 64 KiB.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from contextlib import suppress
from typing import Any

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http import auto
from uvicorn.protocols.http.h11_impl import H11Protocol

from fontdemo.ui.gate import uploads
from fontdemo.ui.gate.host import client

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

#: Seconds after which a connection is looked at, and again; at the second look it is closed, if nothing came of it.
PATIENCE = 15.0

#: Bytes of its answer that a reader must take between two looks: the slowest phone takes more.
LEAST = 50_000

#: Connections of one address, which a school may share, that may be open at once: more than requests
#: (`fontdemo.ui.gate.open_requests`), so that whoever has too many of those is told so.
OF_AN_ADDRESS = 600

#: Files, connections among them, that the page's process may have open, where the system lets it.
FILES = 16_384

# How asyncio begins to say that no more files can be opened: until one is closed 2,000 times a second, with a
# traceback, so that the disk fills, and no one is answered.
_NO_FILES = "socket.accept() out of system resource"

# How uvicorn begins to say that Gradio, or the page, failed at a request, in a hundred lines; and that what came is
# no request.
_FAILED, _NO_HTTP = "Exception in ASGI application", "Invalid HTTP request received."

# As many messages a minute of what fails; the rest of a flood says nothing new.
_A_MINUTE = 20


def patient(
    protocol: type[Any], seconds: float = PATIENCE, least: int = LEAST, most: int = OF_AN_ADDRESS,
    on_space: bool = False,
) -> type[Any]:  # fmt: skip
    """uvicorn's HTTP protocol, h11's or httptools', that closes a connection which asks for nothing for so long, one
    that takes less than `least` bytes of what waits for it, and what is more than `most` of an address.

    on_space: all connections are the Space's proxy's, which may have any number; so may a proxy on this machine, and
    one that FORWARDED_ALLOW_IPS names (uvicorn's, which takes from it whose request it is).
    """
    connected: Counter[str] = Counter()

    class Patient(protocol):  # type: ignore[misc]  # a class that is given
        _answered: Any = None
        _look: asyncio.TimerHandle | None = None
        _address, _unsent, _sent = "", 0, 0

        def connection_made(self, transport: asyncio.Transport) -> None:
            self._counted = _Counted(transport)
            super().connection_made(self._counted)
            self._look = self.loop.call_later(seconds, self._looked)
            self._address = "" if on_space or self._of_proxy() else client({"client": self.client}, on_space=False)
            connected[self._address] += 1
            if self._address and connected[self._address] > most:
                transport.abort()

        def _of_proxy(self) -> bool:
            named = ProxyHeadersMiddleware(self.app, self.config.forwarded_allow_ips).trusted_hosts
            return self.client is not None and self.client[0] in named

        def _should_upgrade(self) -> bool:
            """No WebSocket, where one could be: nothing here is one, and its end would not be seen by what counts."""
            return False

        def connection_lost(self, error: Exception | None) -> None:
            if self._look is not None:
                self._look.cancel()
            connected[self._address] -= 1
            if not connected[self._address]:
                del connected[self._address]
            super().connection_lost(error)

        def _looked(self) -> None:
            unsent = self.transport.get_write_buffer_size()
            if self.transport.is_closing() and not unsent:  # one that is closed sends what waits first
                return
            sent = self._counted.written - unsent
            if self._unsent and sent - self._sent < min(least, self._unsent):
                self.transport.abort()
                return
            self._unsent, self._sent = unsent, sent
            waiting = self.cycle is None or self.cycle.response_complete
            # What was answered may still be on its way to a slow reader.
            if waiting and self._answered is self.cycle and not unsent:
                self.transport.close()
                return
            self._answered = self.cycle
            self._look = self.loop.call_later(seconds, self._looked)

    return Patient


class _Counted:
    """A transport that counts the bytes which are written to it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport, self.written = transport, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self.written += len(data)
        self._transport.write(data)


class NowAndThen(logging.Filter):
    """Lets through `most` messages a minute that begin with `beginning`, without what led to them unless `whole`."""

    def __init__(self, beginning: str = _NO_FILES, most: int = 1, whole: bool = False) -> None:
        super().__init__()
        self._beginning, self._most, self._whole = beginning, most, whole
        self._until, self._said = 0.0, 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log `record`."""
        if not record.getMessage().startswith(self._beginning):
            return True
        now = time.monotonic()
        if now >= self._until:
            self._until, self._said = now + 60, 0
        self._said += 1
        if not self._whole:
            record.exc_info = None
        return self._said <= self._most


def open_files(most: int = FILES) -> None:
    """Let this process have `most` files open, or as many as the system lets it have; a common default is 1,024."""
    if resource is None:
        return
    now, allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
    if now != resource.RLIM_INFINITY and now < wanted:
        with suppress(OSError, ValueError):  # a system may have a lower bound than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, allowed))


def install(on_space: bool = False) -> None:
    """Have the servers that this process starts from now on use it, with more files and fewer words."""
    open_files()
    filters = {"asyncio": [NowAndThen()]}
    filters["uvicorn.error"] = [NowAndThen(_FAILED, _A_MINUTE, whole=True), NowAndThen(_NO_HTTP, _A_MINUTE)]
    filters[uploads.LOG.name] = [NowAndThen("", _A_MINUTE, whole=True)]
    for name, wanted in filters.items():
        log = logging.getLogger(name)
        if not any(isinstance(each, NowAndThen) for each in log.filters):
            log.filters.extend(wanted)
    if auto.AutoHTTPProtocol.__name__ != "Patient":
        auto.AutoHTTPProtocol = patient(H11Protocol, on_space=on_space)
