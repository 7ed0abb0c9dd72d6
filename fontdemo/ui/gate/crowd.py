"""Many visitors at once: no one may fill the page's queue; whoever must wait is told so and asks again.

`FairQueue` stands before Gradio's queue. It keeps no list of visitors: how many events of one are waiting or at work is
counted in the queue itself, so it needs no memory that a flood of visitors could fill. What it refuses, and what Gradio
refuses because the queue is full, the page's script (crowd.js) sends again after a while.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fontdemo.ui.gate.host import client
from fontdemo.ui.gate.limits import INCOMPLETE, refusal

#: Events that may wait for their turn, of all visitors together.
WAITING = 500

#: Events of one browser tab that may wait or be at work: opening the page sends about ten at once.
OF_A_SESSION = 24

#: Letters of a session's name, of which Gradio keeps a thousand; a browser's has 11, a client's 36.
LONGEST_SESSION = 128

#: Those of one address, which a school may share.
OF_AN_ADDRESS = 120

#: Answers, and news of them, that may wait for someone to fetch them, of all visitors together.
UNREAD = 1000

#: Seconds after which what no one fetches is forgotten; the second, when there is more than UNREAD.
PATIENCE = 60.0, 5.0

#: What a visitor is told who sent too many.
SENTENCE = "Many of your requests are still waiting. Try again in a few seconds."

#: What sends again what was refused, in the page's head.
SCRIPT = Path(__file__).parent / "crowd.js"

# The paths that put an event into the queue.
_JOINS = re.compile(r".*/gradio_api/(queue/join|call/.+)/?")

# The session is looked for in so much of a request.
_MOST_BYTES = 64 << 20


class FairQueue:
    """ASGI middleware of a Gradio app: answers 429 and a sentence to who has as many events waiting as a visitor may,
    and 400 to who gives a session a very long name.

    on_space: see `fontdemo.ui.gate.host.client`.
    """

    def __init__(self, app: ASGIApp, on_space: bool) -> None:
        self.app = app
        self.on_space = on_space
        self._unread = Unread()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] != "POST" or not _JOINS.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        # The events that wait or are at work; private to Gradio, whose version is held to for such reasons.
        queue = scope["app"].get_blocks()._queue
        self._unread.forget(queue, time.monotonic())
        events = list(queue.event_ids_to_events.values())
        address = client(scope, on_space=self.on_space)
        if address and self._of_address(events, address) >= OF_AN_ADDRESS:
            await refusal(429, SENTENCE)(scope, receive, send)
            return
        messages, body = await _whole(receive)
        session = _session(body)
        if len(session) > LONGEST_SESSION:
            await refusal(400, INCOMPLETE)(scope, receive, send)
            return
        if session and sum(event.session_hash == session for event in events) >= OF_A_SESSION:
            await refusal(429, SENTENCE)(scope, receive, send)
            return
        await self.app(scope, _again(messages, receive), send)

    def _of_address(self, events: list[Any], address: str) -> int:
        return sum(client(event.request.scope, on_space=self.on_space) == address for event in events)


class Unread:
    """Forgets answers that no one fetches: Gradio keeps them for ever, and one may take half a megabyte.

    A browser reads its answers as they come, so what has been waiting at every look for seconds has no reader.
    """

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def forget(self, queue: Any, now: float) -> None:
        """Look at all that waits in Gradio's queue at the time `now`, in seconds, and drop what has waited too long."""
        every = list(queue.pending_messages_per_session.items())
        waiting = {name: news.qsize() for name, news in every if not news.empty()}
        self._since = {name: self._since.get(name, now) for name in waiting}
        patience = PATIENCE[sum(waiting.values()) > UNREAD]
        for session in [name for name, since in self._since.items() if now - since >= patience]:
            news = queue.pending_messages_per_session[session]
            while not news.empty():
                news.get_nowait()
            # Who has nothing in the queue any more is told, if they come after all, that there is no such session.
            if not any(event.session_hash == session for event in queue.event_ids_to_events.values()):
                queue.pending_messages_per_session.pop(session, None)
                queue.pending_event_ids_session.pop(session, None)
            del self._since[session]


def _session(body: bytes) -> str:
    """The session that a request names, read as Gradio reads it; "" if it names none, or is no JSON."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    session = given.get("session_hash") if isinstance(given, dict) else None
    return session if isinstance(session, str) else ""


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
