"""How long a connection may take to say what it wants: without a bound, half a request holds an open file for ever.

The server that Gradio starts (uvicorn) ends a connection that is idle after an answer, but waits without end for the
head of a first request, or for the rest of one that was begun.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http import auto

#: Seconds after which a connection without a request is looked at, and again; at the second look it is closed.
PATIENCE = 15.0


def patient(protocol: type[Any], seconds: float = PATIENCE) -> type[Any]:
    """uvicorn's HTTP protocol, h11's or httptools', that closes a connection which asks for nothing for so long."""

    class Patient(protocol):  # type: ignore[misc]  # a class that is given
        _answered: Any = None
        _look: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self._look = self.loop.call_later(seconds, self._looked)

        def connection_lost(self, error: Exception | None) -> None:
            if self._look is not None:
                self._look.cancel()
            super().connection_lost(error)

        def _looked(self) -> None:
            if self.transport.is_closing():
                return
            waiting = self.cycle is None or self.cycle.response_complete
            # What was answered may still be on its way to a slow reader.
            if waiting and self._answered is self.cycle and not self.transport.get_write_buffer_size():
                self.transport.close()
                return
            self._answered = self.cycle
            self._look = self.loop.call_later(seconds, self._looked)

    return Patient


def install() -> None:
    """Have the servers that this process starts from now on use it."""
    if auto.AutoHTTPProtocol.__name__ != "Patient":
        auto.AutoHTTPProtocol = patient(auto.AutoHTTPProtocol)
