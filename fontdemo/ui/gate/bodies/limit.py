"""How large a request may be that is no upload, how much of them may be on its way, and for how long (ASGI).

JSON is parsed in the one thread that serves everyone, so what is too large is refused before that. What has arrived of
a body waits in memory for the rest. A visitor may have hundreds of addresses, as a line with IPv6 has, so that what one
of them may have on its way is no bound to what all have; and who sends a byte now and then need never end.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter

from fontdemo.ui.gate.host import client
from fontdemo.ui.gate.limits import MAX_BODY, App, Message, Receive, Send, api_of, refusal

#: Lists, records and values of a request. A drawing is one text; half a million lists take seconds to parse.
MAX_PARTS = 20_000

# A text in JSON. It may lack its end, so that a search never goes back to where it has been.
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)

#: Bytes of requests of one address, which a school may share, that may be on their way at once.
ARRIVING = 20 * MAX_BODY

#: Those of all addresses together; beyond it only requests of up to SMALL bytes are taken, as drawings mostly are.
ARRIVING_OF_ALL, SMALL = 10 * ARRIVING, 65_536

#: Seconds that a body may take: a line that takes longer for the largest is slower than 17 kB a second.
ARRIVES = 60.0

_TOO_LARGE = 413, "This request is too large."
_TOO_SLOW = 408, "This request took too long to arrive. Try again."
_TOO_MANY = 429, "Many of your requests are still on their way. Try again in a few seconds."
_FULL = 429, "Very many requests are on their way to this page. Try again in a few seconds."


class BodyLimit:
    """Answers 413 to a request whose body is longer than `limit` bytes, without reading the rest of it, or has more
    than MAX_PARTS parts; 429 to who has too much of them arriving, and to large ones where all have; 408 to one that
    took longer than `seconds`. on_space: see `fontdemo.ui.gate.host.client`.

    What its Content-Length says counts, and so does what arrives; the app sees a body only once all of it is there.
    """

    def __init__(
        self, app: App, on_space: bool = False, limit: int = MAX_BODY, of_an_address: int = ARRIVING,
        of_all: int = ARRIVING_OF_ALL, seconds: float = ARRIVES,
    ) -> None:  # fmt: skip
        self.app, self.on_space, self.limit, self.seconds = app, on_space, limit, seconds
        self.most, self.of_all = of_an_address, of_all
        self._arriving: Counter[str] = Counter()
        self._all = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        upload = api_of(scope) == "upload"
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS") or upload:
            await self.app(scope, receive, send)
            return
        address = client(scope, on_space=self.on_space)
        body = bytearray()
        refused: tuple[int, str] | None
        try:
            refused = await asyncio.wait_for(self._body(scope, receive, body, address), self.seconds)
        except asyncio.TimeoutError:
            refused = _TOO_SLOW
        finally:
            self._all -= len(body)
            self._arriving[address] -= len(body)
            if not self._arriving[address]:
                del self._arriving[address]
        if refused:
            await refusal(*refused)(scope, receive, send)
            return
        waiting = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def receive_again() -> Message:
            return waiting.pop() if waiting else await receive()

        await self.app(scope, receive_again, send)

    async def _body(self, scope: Message, receive: Receive, body: bytearray, address: str) -> tuple[int, str] | None:
        """Put what comes into `body`: all of it, or less if the visitor goes away. A status and a sentence to refuse it
        with, or None.
        """
        stated = dict(scope["headers"]).get(b"content-length", b"0")
        if not stated.isdigit() or int(stated[:20]) > self.limit:
            return _TOO_LARGE
        more = True
        while more:
            message = await receive()
            part = message.get("body", b"")
            body += part
            self._arriving[address] += len(part)
            self._all += len(part)
            more = message["type"] == "http.request" and message.get("more_body", False)
            if len(body) > self.limit:
                return _TOO_LARGE
            if address and more and self._arriving[address] > self.most:
                return _TOO_MANY
            if more and len(body) > SMALL and self._all > self.of_all:
                return _FULL
        return _TOO_LARGE if _parts(body) > MAX_PARTS else None


def _parts(body: bytes | bytearray) -> int:
    """About how many lists, records and values there are in JSON."""
    if len(body) <= MAX_PARTS:
        return 0
    bare = _TEXT.sub(b"", body)
    return sum(bare.count(sign) for sign in (b",", b"[", b"{"))
