"""The headers of every answer of the page that tell a browser what it must not do, for safety.

A website could show the page in a frame of its own, invisible, and have its visitors press our buttons without knowing
(clickjacking). A Space is shown in a frame by huggingface.co, and may be by anyone; there only the runs that the same
browser started can be changed. Anywhere else no other website may.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class SafeHeaders:
    """ASGI middleware: nothing is taken for another type than it is said to be, and, unless `framed`, no other
    website shows the page in a frame.
    """

    def __init__(self, app: ASGIApp, framed: bool) -> None:
        self.app = app
        self.framed = framed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back with its headers."""
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                if not self.framed:
                    headers["Content-Security-Policy"] = "frame-ancestors 'self'"
            await send(message)

        await self.app(scope, receive, send_safely)


def framed(environment: Mapping[str, str]) -> bool:
    """Whether other websites show the page in a frame: that of a Space, or of a notebook on Colab."""
    return bool(environment.get("SPACE_ID") or environment.get("COLAB_RELEASE_TAG"))
