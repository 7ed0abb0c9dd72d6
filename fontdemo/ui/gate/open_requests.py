"""Requests that stay open: how many one visitor may have; those that would wait for ever are ended.

A page keeps two streams open, and Gradio sets no bound to how many streams, and slow uploads, one visitor may open. One
that tells how far an upload is looks twenty times a second: 390 of them take a third of the thread that serves all.
Nor does it end what beats in a stream when that is broken off while another one tells of the same session.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs
from weakref import WeakSet, WeakValueDictionary

from gradio import routes
from gradio.brotli_middleware import BrotliMiddleware
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fontdemo.ui.gate.host import client, counted
from fontdemo.ui.gate.limits import api_of, refuse_unread

#: Requests of one address, which a school may share, that may be open at once.
OPEN_OF_AN_ADDRESS = 400

#: Those of them that may tell how far an upload is.
WATCHING_OF_AN_ADDRESS = 40

#: Those of them whose answers are packed on their way: to pack Gradio's scripts takes up to half a second of the thread
#: that serves all, anew for each. The others get theirs as it is.
PACKED_OF_AN_ADDRESS = 16

#: Those of them that are worked on at a time; the others wait in line.
AT_WORK_OF_AN_ADDRESS = 4

# An upload arrives as slowly as its visitor sends it, how far it is is asked before it begins, and agents' calls have a
# line of their own.
_SLOW = {("POST", "upload"), ("GET", "upload_progress"), ("POST", "mcp"), ("POST", "mcp/http")}

#: What a visitor is told who has too many.
SENTENCE = "Too many copies of this page are open from your address. Close some tabs, then reload."

# What Gradio says of a session that it does not know, and of a call; it writes a traceback into the host's log as well.
_UNKNOWN = {"msg": "unexpected_error", "event_id": None, "message": "404: Not Found", "session_not_found": True,
            "success": False}  # fmt: skip
_UNKNOWN_CALL = 'event: error\ndata: "404: Not Found"\n\n'

_CALLED = re.compile(r".*/gradio_api/call/(?:v2/)?[^/]+/([^/]+)/?", re.DOTALL)

_PACKED = BrotliMiddleware._is_compressible_file_type

# What was begun for the request that is answered here.
_BEGUN: ContextVar[WeakSet[asyncio.Task[Any]]] = ContextVar("begun")


class OpenRequests:
    """ASGI middleware of a Gradio app: answers 429 to who has as many requests open as a visitor may, and tells at once
    who asks for the news of a session, or of a call, that there is not. What Gradio began for a request (`install`)
    ends with it.

    on_space: see `fontdemo.ui.gate.host.client`.
    """

    def __init__(self, app: ASGIApp, on_space: bool, most: int = OPEN_OF_AN_ADDRESS) -> None:
        self.app, self.on_space, self.most = app, on_space, most
        self._open: Counter[str] = Counter()
        self._watching: Counter[str] = Counter()
        self._packed: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = api_of(scope)
        if asked == "queue/data" and not _known(scope):
            await Response(f"data: {json.dumps(_UNKNOWN)}\n\n", media_type="text/event-stream")(scope, receive, send)
            return
        called = _CALLED.fullmatch(scope["path"]) if scope["method"] == "GET" else None
        if called and not _called(scope, called[1]):
            await Response(_UNKNOWN_CALL, media_type="text/event-stream")(scope, receive, send)
            return
        address = client(scope, on_space=self.on_space)
        watches = asked == "upload_progress"
        too_many = self._open[address] >= self.most or (watches and self._watching[address] >= WATCHING_OF_AN_ADDRESS)
        if address and too_many:
            await refuse_unread(scope, receive, send, 429, SENTENCE)
            return
        watching = counted(self._watching, address) if watches else nullcontext()
        # As what packs tells it, not by our own reading of the address: a file may be fetched below a made up folder.
        may_pack = bool(address) and _packed(None, scope)
        plain = may_pack and self._packed[address] >= PACKED_OF_AN_ADDRESS
        packed = counted(self._packed, address) if may_pack and not plain else nullcontext()
        with counted(self._open, address), watching, packed, _ending():
            await self.app(scope, receive, _unpacked(send) if plain else send)


class InTurn:
    """ASGI middleware, inside `fontdemo.ui.gate.bodies.limit.BodyLimit`: of one address only a few requests are worked
    on at a time, until their answers begin. All requests share one thread, which takes a step of each in turn.

    on_space: see `fontdemo.ui.gate.host.client`.
    """

    def __init__(self, app: ASGIApp, on_space: bool, most: int = AT_WORK_OF_AN_ADDRESS) -> None:
        self.app, self.on_space, self.most = app, on_space, most
        self._places: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when it is its turn."""
        address = client(scope, on_space=self.on_space) if scope["type"] == "http" else ""
        if not address or (scope["method"], api_of(scope)) in _SLOW:
            await self.app(scope, receive, send)
            return
        places = self._places.setdefault(address, asyncio.Semaphore(self.most))
        await places.acquire()
        at_work = True

        def done() -> None:
            nonlocal at_work
            if at_work:
                at_work = False
                places.release()

        async def begun(message: Message) -> None:
            done()
            await send(message)

        try:
            await self.app(scope, receive, begun)
        finally:
            done()


def _unpacked(send: Send) -> Send:
    """Sends an answer with a header at which Gradio, which comes after, leaves it as it is."""
    async def as_it_is(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Content-Encoding", "identity")
        await send(message)

    return as_it_is


@contextmanager
def _ending() -> Iterator[None]:
    """Ends, with the context, the tasks that Gradio begins within it."""
    begun = WeakSet[asyncio.Task[Any]]()
    before = _BEGUN.set(begun)
    try:
        yield
    finally:
        _BEGUN.reset(before)
        for task in list(begun):
            task.cancel()


def _create_task(work: Coroutine[Any, Any, Any], **options: Any) -> asyncio.Task[Any]:
    task = asyncio.create_task(work, **options)
    if (begun := _BEGUN.get(None)) is not None:
        begun.add(task)
    return task


def install() -> None:
    """Have Gradio's routes begin tasks so that they end with their request: all three that they have are a stream's.
    And have it pack the page itself, 0.4 MB, as it does what has the name of a file.
    """
    theirs: Any = routes
    theirs.asyncio = SimpleNamespace(**{**vars(asyncio), "create_task": _create_task})
    BrotliMiddleware._is_compressible_file_type = _packed  # type: ignore[assignment,method-assign]


def _packed(middleware: Any, scope: Scope) -> bool:
    """Whether what is at this address may be packed; Gradio's own answer does not depend on its middleware."""
    return scope["path"] == "/" or _PACKED(middleware, scope)


def _known(scope: Scope) -> bool:
    """Whether Gradio has news to tell of the session that is asked for; private to it, whose version is held to."""
    session = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("session_hash", [""])[-1]
    return session in scope["app"].get_blocks()._queue.pending_messages_per_session


def _called(scope: Scope, event: str) -> bool:
    """Whether Gradio has news to tell of the event with this id, which may be its session's name as well."""
    queue = scope["app"].get_blocks()._queue
    known = event in queue.event_ids_to_events or event in queue.pending_messages_per_session
    return known or any(event in events for events in list(queue.pending_event_ids_session.values()))
