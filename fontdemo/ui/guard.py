"""A limit on the size of what a visitor may send at once, in front of the page (ASGI).

JSON is parsed in the one thread that serves everyone, so what is too large is refused before that. Uploaded files are
written to disk as they come, and Gradio itself limits those (`max_file_size`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

#: Bytes of a request that is no upload; the longest drawing takes half of that.
MAX_BODY = 1_000_000

_UPLOAD = "/gradio_api/upload"

_ANSWER = b'{"detail":"This request is too large.","error":"This request is too large."}'


class BodyLimit:
    """Answers 413 to a request whose body is longer than `limit` bytes, without reading the rest of it.

    What its Content-Length says counts, and so does what arrives; the app sees a body only once all of it is there.
    """

    def __init__(self, app: App, limit: int = MAX_BODY) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        upload = str(scope.get("path", "")).rstrip("/").endswith(_UPLOAD)
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS") or upload:
            await self.app(scope, receive, send)
            return
        body = await self._body(scope, receive)
        if body is None:
            headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
            await send({"type": "http.response.start", "status": 413, "headers": headers})
            await send({"type": "http.response.body", "body": _ANSWER})
            return
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_again() -> Message:
            return waiting.pop() if waiting else await receive()

        await self.app(scope, receive_again, send)

    async def _body(self, scope: Message, receive: Receive) -> bytes | None:
        """The whole body; None if it is too long. What came of it, if the visitor went away."""
        stated = dict(scope["headers"]).get(b"content-length", b"0")
        if not stated.isdigit() or int(stated[:20]) > self.limit:
            return None
        body = bytearray()
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message["type"] == "http.request" and message.get("more_body", False)
            if len(body) > self.limit:
                return None
        return bytes(body)
