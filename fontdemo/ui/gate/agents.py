"""What agents send (MCP): no file of this machine may be named in it, and no one may take all places.

Gradio answers an agent's call through a client of its own, within this process. That client uploads whatever file a
record in the call names, and so would hand this machine's files to anyone; and it waits for the answer in one of the
threads that the whole page has, with one session in the page's queue for all agents.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fontdemo.errors import FontdemoError
from fontdemo.ui.gate.host import client, counted
from fontdemo.ui.gate.limits import refusal
from fontdemo.ui.gate.uploads import check_payload

#: Calls that are at work at a time, of all agents: fewer than the page has threads (40), and than one session may have
#: waiting in its queue (`fontdemo.ui.gate.crowd.OF_A_SESSION`).
AT_WORK = 12

#: Calls of one address that may wait or be at work.
OF_AN_ADDRESS = 8

#: What an agent is told who sent too many.
SENTENCE = "Many of your calls are still waiting. Try again when they are answered."

_CALLS = re.compile(r".*/gradio_api/mcp(/http)?/?")


class Agents:
    """ASGI middleware, inside `fontdemo.ui.gate.limits.BodyLimit`: answers 400 to a call with a record that names a
    file which was not uploaded, 429 to who has as many calls waiting as an address may; has the others wait in line.

    on_space: see `fontdemo.ui.gate.host.client`.
    """

    def __init__(self, app: ASGIApp, on_space: bool, at_work: int = AT_WORK, most: int = OF_AN_ADDRESS) -> None:
        self.app, self.on_space, self.most = app, on_space, most
        self._places = asyncio.Semaphore(at_work)
        self._calls: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] != "POST" or not _CALLS.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        message = await receive()  # all of the body
        try:
            check_payload(json.loads(message.get("body", b"")))
        except FontdemoError as error:
            await refusal(400, str(error))(scope, receive, send)
            return
        except (ValueError, RecursionError):
            await refusal(400, "This request is no JSON.")(scope, receive, send)
            return
        address = client(scope, on_space=self.on_space)
        if address and self._calls[address] >= self.most:
            await refusal(429, SENTENCE)(scope, receive, send)
            return
        with counted(self._calls, address):
            async with self._places:
                await self.app(scope, _once(message), send)


def _once(message: Message) -> Receive:
    """Gives the body, then nothing: who goes away keeps the place, as the call goes on in its thread all the same."""
    waiting = [message]

    async def give() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop()

    return give
