"""The headers that tell a browser what it must not do, for safety, and those of its own that are not heeded.

A website could show the page in a frame of its own, invisible, and have its visitors press our buttons without knowing
(clickjacking). A Space is shown in a frame by huggingface.co, and may be by anyone; there only the runs that the same
browser started can be changed. Anywhere else no other website may.

Programs may call the page from anywhere, so Gradio has a browser do so for any website, with the cookies that it has
for the page: whoever is signed in here would lend that website their name, and their right to write to the Hub.

A cookie may be 60 kB of backslashes: Python before 3.11.10 and 3.12.6 reads such a one in the square of that time, ten
seconds and more of the thread that serves all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import cookies
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fontdemo.ui.gate.host import listed

# What stands for a sign within quotation marks: its number in three figures of eight, or itself.
_ESCAPED = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))")


class SafeHeaders:
    """ASGI middleware: nothing is taken for another type than it is said to be, no cache on the way keeps the page for
    others, as each has the name in it by which it was asked for, and, unless `framed`, no other website shows the page
    in a frame.
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
                if headers.get("content-type", "").startswith(("text/html", "application/json")):
                    headers.setdefault("Cache-Control", "private, no-cache")
                if not self.framed:
                    headers["Content-Security-Policy"] = "frame-ancestors 'self'"
            await send(message)

        await self.app(scope, receive, send_safely)


class OwnCookies:
    """ASGI middleware: cookies count only in requests of the page itself, and where a visitor comes to it.

    hosts: names of the page besides the one that it is called by.
    """

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...] = ()) -> None:
        self.app, self.hosts = app, frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, without the cookies if another website's page made it."""
        if scope["type"] in ("http", "websocket") and not self._own(scope):
            scope = {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"cookie"]}
            if "session" in scope:  # of who is signed in, which Gradio takes out of the cookie before this is asked
                scope["session"] = {}
        await self.app(scope, receive, send)

    def _own(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:  # no script can say this
            came = scope.get("method") in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
            return site in ("same-origin", "none") or came
        # An older browser: a script can't say another origin than its own, nor another host than the one it calls.
        return origin is None or origin.rpartition("//")[2].lower() in {headers.get("host", "").lower(), *self.hosts}


def own_hosts(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The names that a proxy may have called the page by: those of a Space, and of FONTDEMO_HOSTS."""
    return listed(environment, "SPACE_HOST") + listed(environment, "FONTDEMO_HOSTS")


def framed(environment: Mapping[str, str]) -> bool:
    """Whether other websites show the page in a frame: that of a Space, or of a notebook on Colab."""
    return bool(environment.get("SPACE_ID") or environment.get("COLAB_RELEASE_TAG"))


def install() -> None:
    """Have cookies read in one go, whoever in this process reads them, as newer Pythons do."""
    pythons: Any = cookies
    pythons._unquote = _unquoted  # Starlette's parser of cookies calls it, too


def _unquoted(text: str) -> str:
    """A cookie's value without the quotation marks round it, if it has some, and what is escaped between them."""
    if len(text) < 2 or not text[0] == text[-1] == '"':
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)) if found[1] else found[2], text[1:-1])
