"""Requests that stay open: how many one visitor may have; those that would wait for ever are ended.

A page keeps two streams open, and Gradio sets no bound to how many streams, and slow uploads, one visitor may open. One
that tells how far an upload is looks twenty times a second: 390 of them take a third of the thread that serves all.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import nullcontext
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from fontdemo.ui.gate.host import client, counted
from fontdemo.ui.gate.limits import refusal

#: Requests of one address, which a school may share, that may be open at once.
OPEN_OF_AN_ADDRESS = 400

#: Those of them that may tell how far an upload is.
WATCHING_OF_AN_ADDRESS = 40

#: What a visitor is told who has too many.
SENTENCE = "Too many copies of this page are open from your address. Close some tabs, then reload."

# What Gradio says of a session that it does not know; it writes a traceback into the host's log as well.
_UNKNOWN = {"msg": "unexpected_error", "event_id": None, "message": "404: Not Found", "session_not_found": True,
            "success": False}  # fmt: skip


class OpenRequests:
    """ASGI middleware of a Gradio app: answers 429 to who has as many requests open as a visitor may, and tells at once
    who asks for the news of a session that there is not.

    on_space: see `fontdemo.ui.gate.host.client`.
    """

    def __init__(self, app: ASGIApp, on_space: bool, most: int = OPEN_OF_AN_ADDRESS) -> None:
        self.app, self.on_space, self.most = app, on_space, most
        self._open: Counter[str] = Counter()
        self._watching: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"].rstrip("/").endswith("/gradio_api/queue/data") and not _known(scope):
            await Response(f"data: {json.dumps(_UNKNOWN)}\n\n", media_type="text/event-stream")(scope, receive, send)
            return
        address = client(scope, on_space=self.on_space)
        watches = scope["path"].rstrip("/").endswith("/gradio_api/upload_progress")
        too_many = self._open[address] >= self.most or (watches and self._watching[address] >= WATCHING_OF_AN_ADDRESS)
        if address and too_many:
            await refusal(429, SENTENCE)(scope, receive, send)
            return
        with counted(self._open, address), counted(self._watching, address) if watches else nullcontext():
            await self.app(scope, receive, send)


def _known(scope: Scope) -> bool:
    """Whether Gradio has news to tell of the session that is asked for; private to it, whose version is held to."""
    session = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("session_hash", [""])[-1]
    return session in scope["app"].get_blocks()._queue.pending_messages_per_session
