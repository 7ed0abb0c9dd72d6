"""Many visitors at once: no one may fill the page's queue; whoever must wait is told so and asks again.

`FairQueue` stands before Gradio's queue. It keeps no list of visitors: how many events of one are waiting or at work is
counted in the queue itself, so it needs no memory that a flood of visitors could fill. What it refuses, and what Gradio
refuses because the queue is full, the page's script (crowd.js) sends again after a while. In the queue addresses take
turns (`InTurns`): Gradio's takes one event after another, so that 120 of one address went before everyone else's.
Whoever cancels an event leaves no place of it taken (`cancel_begun`).
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

from gradio import queueing, routes
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fontdemo.ui.gate.host import client
from fontdemo.ui.gate.limits import INCOMPLETE, MAX_BODY, refusal
from fontdemo.ui.gate.queue import places
from fontdemo.ui.gate.sessions import drop_idle

#: Events that may wait for their turn, of all visitors together.
WAITING = 500

#: Events of one browser tab that may wait or be at work: opening the page sends about ten at once.
OF_A_SESSION = 24

#: Letters of a session's name, of which Gradio keeps a thousand; a browser's has 11, a client's 36.
LONGEST_SESSION = 128

#: Those of one address, which a school may share.
OF_AN_ADDRESS = 120

#: And one in so many of the places that are free: five addresses with 100 each would leave none for anyone else.
SHARE = 3

#: Answers, and news of them, that may wait for someone to fetch them, of all visitors together; and the values in them,
#: of which a stage's may have a million.
UNREAD, UNREAD_VALUES = 1000, 4_000_000

#: Seconds after which what no one fetches is forgotten; the second, when there is more than that.
PATIENCE = 60.0, 5.0

#: What a visitor is told who sent too many.
SENTENCE = "Many of your requests are still waiting. Try again in a few seconds."

#: What sends again what was refused, in the page's head.
SCRIPT = Path(__file__).parent / "crowd.js"

# What Gradio parts the name of a task by: another one in it, and no one's event can be cancelled.
_PARTS = "<gradio-sep>"

# The paths that put an event into the queue; to Gradio one that ends in a line break is as one that does not.
_JOINS = re.compile(r".*/gradio_api/(queue/join|call/.+)/?", re.DOTALL)


class FairQueue:
    """ASGI middleware of a Gradio app: answers 429 and a sentence to who has as many events waiting as a visitor may,
    and 400 to who gives a session no name, a very long one or one that Gradio can't take.

    on_space: see `fontdemo.ui.gate.host.client`.
    """

    def __init__(self, app: ASGIApp, on_space: bool) -> None:
        self.app = app
        self.on_space = on_space
        self._unread = Unread()
        self._next: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] != "POST" or not _JOINS.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        # The events that wait or are at work; private to Gradio, whose version is held to for such reasons.
        queue = scope["app"].get_blocks()._queue
        self._look(queue)
        events = list(queue.event_ids_to_events.values())
        address = client(scope, on_space=self.on_space)
        mine = self._of_address(events, address) if address else 0
        if mine and mine >= min(OF_AN_ADDRESS, (WAITING - len(events)) // SHARE):
            await refusal(429, SENTENCE)(scope, receive, send)
            return
        messages, body = await _whole(receive)
        session = _session(body)
        if session is not None and (not 0 < len(session) <= LONGEST_SESSION or _PARTS in session):
            await refusal(400, INCOMPLETE)(scope, receive, send)
            return
        if session and sum(event.session_hash == session for event in events) >= OF_A_SESSION:
            await refusal(429, SENTENCE)(scope, receive, send)
            return
        await self.app(scope, _again(messages, receive), send)

    def _look(self, queue: Any) -> None:
        """Forget what no one fetches; and look again, even if no one asks for anything, while anything may come."""
        if self._next is not None:
            self._next.cancel()
            self._next = None
        self._unread.forget(queue, time.monotonic())
        drop_idle(queue)
        if queue.event_ids_to_events or self._unread.any:
            self._next = asyncio.get_running_loop().call_later(PATIENCE[1], self._look, queue)

    def _of_address(self, events: list[Any], address: str) -> int:
        return sum(client(event.request.scope, on_space=self.on_space) == address for event in events)


class Unread:
    """Forgets answers that no one fetches: Gradio keeps them for ever, and one may take tens of megabytes.

    A browser reads its answers as they come, so news that has been the first to be read for seconds has no reader.
    On a busy page a reader may lag behind, so that there is always some.
    """

    def __init__(self) -> None:
        # Since when a session's first news has waited, how much there is, how many values are in it, and that first.
        self._since: dict[str, tuple[float, int, int, object]] = {}

    @property
    def any(self) -> bool:
        """Whether anything waited at the last look."""
        return bool(self._since)

    def forget(self, queue: Any, now: float) -> None:
        """Look at all that waits in Gradio's queue at the time `now`, in seconds, and drop what has waited too long."""
        every = list(queue.pending_messages_per_session.items())
        self._since = {name: self._known(name, news, now) for name, news in every if not news.empty()}
        count = sum(size for _, size, _, _ in self._since.values())
        values = sum(values for _, _, values, _ in self._since.values())
        patience = PATIENCE[count > UNREAD or values > UNREAD_VALUES]
        for session in [name for name, (since, *_) in self._since.items() if now - since >= patience]:
            news = queue.pending_messages_per_session[session]
            while not news.empty():
                news.get_nowait()
            # Who has nothing in the queue any more is told, if they come after all, that there is no such session.
            if not any(event.session_hash == session for event in queue.event_ids_to_events.values()):
                queue.pending_messages_per_session.pop(session, None)
                queue.pending_event_ids_session.pop(session, None)
            del self._since[session]

    def _known(self, name: str, news: Any, now: float) -> tuple[float, int, int, object]:
        """What is kept of a session's news; its values are counted only when there is more or less of it."""
        since, size, values, first = self._since.get(name, (now, 0, 0, news._queue[0]))
        if size != news.qsize():
            size = news.qsize()
            values = sum(_values(getattr(message, "output", None)) for message in news._queue)
        return since if first is news._queue[0] else now, size, values, news._queue[0]


class InTurns(list[Any]):
    """The events of one kind that wait in Gradio's queue: a new one goes before those of addresses that have more
    waiting, so that each address's first comes before anyone's second.

    on_space: see `fontdemo.ui.gate.host.client`.
    """

    def __init__(self, on_space: bool) -> None:
        super().__init__()
        self.on_space = on_space

    def append(self, event: Any) -> None:
        """Put the event in its place."""
        address, waiting = self._address(event), [self._address(other) for other in self]
        mine = waiting.count(address) if address else 0
        before: Counter[str] = Counter()
        for place, theirs in enumerate(waiting):
            if theirs and before[theirs] > mine:
                self.insert(place, event)
                return
            before[theirs] += 1
        super().append(event)

    def _address(self, event: Any) -> str:
        return client(event.request.scope, on_space=self.on_space)


async def cancel_begun(task_ids: set[str]) -> list[str]:
    """As Gradio's `cancel_tasks`: end the events at work of these names (a session, "_", a function), and return their
    ids; but none before its first step. Ended before that, an event never gives back its place among the forty that the
    page has at work, nor in its kind, so that a few presses at the right moment would end the page for everyone.
    """
    mine: dict[str, asyncio.Task[Any]] = {}
    for task in asyncio.all_tasks():
        name, _, event = task.get_name().rpartition(_PARTS)
        if name in task_ids:
            mine[event] = task
    await asyncio.sleep(0)  # each of them has its first step before this goes on
    for task in mine.values():
        task.cancel()
    await asyncio.gather(*mine.values(), return_exceptions=True)
    return list(mine)


async def _process(self: Any, events: list[Any], *given: Any) -> None:
    """As Gradio's; whatever ends it, and ends it again while it clears up, the queue forgets the events."""
    try:
        await _PROCESS(self, events, *given)
    finally:
        for event in events:
            self.event_ids_to_events.pop(event._id, None)


_PROCESS = queueing.Queue.process_events


def install(on_space: bool) -> None:
    """Have addresses take turns in Gradio's queues of this process, and their events end as a whole."""
    routes.cancel_tasks = cancel_begun  # type: ignore[attr-defined]
    queueing.Queue.get_events = places.make_next(on_space)  # type: ignore[assignment, method-assign]
    queueing.Queue.process_events = _process  # type: ignore[assignment, method-assign]

    class Queue(queueing.EventQueue):
        def __init__(self, concurrency_id: str, concurrency_limit: int | None) -> None:
            super().__init__(concurrency_id, concurrency_limit)
            self.queue = InTurns(on_space)

    if queueing.EventQueue.__name__ != "Queue":
        queueing.EventQueue = Queue  # type: ignore[misc]


def _values(part: object) -> int:
    """About how many values there are in what JSON will be made of; 32 letters of a text count as one."""
    if isinstance(part, dict):
        return sum(map(_values, part.values()))
    if isinstance(part, (list, tuple)):
        # A list of numbers is not walked through.
        return len(part) if part and isinstance(part[0], (int, float)) else sum(map(_values, part))
    return 1 + len(part) // 32 if isinstance(part, str) else 1


def _session(body: bytes) -> str | None:
    """The session that a request names, read as Gradio reads it; None if it names none, or is no JSON.

    With "", Gradio waits for the news of one session and tells them to another, which fails, and so does every request
    of others that comes while the event waits.
    """
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return None
    session = given.get("session_hash") if isinstance(given, dict) else None
    return session if isinstance(session, str) else None


async def _whole(receive: Receive) -> tuple[list[Message], bytes]:
    """The messages of a request's body, and the body; of one that is longer than any may be only its beginning."""
    messages: list[Message] = []
    parts: list[bytes] = []
    while sum(map(len, parts)) < MAX_BODY:
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
