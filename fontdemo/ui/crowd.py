"""Many visitors at once: no one may fill the page's queue, and who must wait is told so and comes again.

`FairQueue` stands before Gradio's queue. It keeps no list of visitors: how many events of one are waiting or at work is
counted in the queue itself, so it needs no memory that a flood of visitors could fill. What it refuses, and what Gradio
refuses because the queue is full, the page's script (assets/crowd.js) sends again after a while.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fontdemo.ui.host import client

#: Events that may wait for their turn, of all visitors together.
WAITING = 500

#: Events of one browser tab that may wait or be at work: opening the page sends about ten at once.
OF_A_SESSION = 24

#: Those of one address, which a school may share.
OF_AN_ADDRESS = 120

#: What a visitor is told who sent too many.
SENTENCE = "You have sent many requests that still wait for their turn. Try again in a few seconds."

#: Seconds after which to try again.
RETRY_AFTER = 1

# The paths that put an event into the queue.
_JOINS = re.compile(r".*/gradio_api/(queue/join|call/.+)/?")

_SESSION = re.compile(rb'"session_hash"\s*:\s*"([^"]{1,128})"')

# The session is looked for in so much of a request.
_MOST_BYTES = 64 << 20


class FairQueue:
    """ASGI middleware of a Gradio app: answers 429 and a sentence to who has as many events waiting as a visitor may.

    on_space: see `fontdemo.ui.host.client`.
    """

    def __init__(self, app: ASGIApp, on_space: bool) -> None:
        self.app = app
        self.on_space = on_space

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] != "POST" or not _JOINS.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        # The events that wait or are at work; private to Gradio, whose version is held to for such reasons.
        events = list(scope["app"].get_blocks()._queue.event_ids_to_events.values())
        address = client(scope, on_space=self.on_space)
        if address and self._of_address(events, address) >= OF_AN_ADDRESS:
            await _refuse(scope, receive, send)
            return
        if len(events) < OF_A_SESSION:  # no one can have too many
            await self.app(scope, receive, send)
            return
        messages, body = await _whole(receive)
        found = _SESSION.search(body)
        session = found[1].decode("utf-8", errors="replace") if found else ""
        if session and sum(event.session_hash == session for event in events) >= OF_A_SESSION:
            await _refuse(scope, receive, send)
            return
        await self.app(scope, _again(messages, receive), send)

    def _of_address(self, events: list[Any], address: str) -> int:
        return sum(client(event.request.scope, on_space=self.on_space) == address for event in events)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    answer = JSONResponse({"detail": SENTENCE}, 429, headers={"Retry-After": str(RETRY_AFTER)})
    await answer(scope, receive, send)


async def _whole(receive: Receive) -> tuple[list[Message], bytes]:
    """The messages of a request's body, and the body; of one that is too long only its beginning."""
    messages: list[Message] = []
    parts: list[bytes] = []
    while sum(map(len, parts)) < _MOST_BYTES:
        message = await receive()
        messages.append(message)
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return messages, b"".join(parts)


def _again(messages: list[Message], receive: Receive) -> Receive:
    """Gives `messages`, then what `receive` gives."""
    waiting = iter(messages)

    async def give() -> Message:
        for message in waiting:
            return message
        return await receive()

    return give


def script() -> str:
    """The page's script, as HTML for its head: it sends again what was refused because too many wait."""
    code = (Path(__file__).parent / "crowd.js").read_text(encoding="utf-8")
    return f"<script>{code}</script>"
