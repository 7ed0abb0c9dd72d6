"""What agents send (MCP): no file of this machine may be named in it, and no one may take all places.

Gradio answers an agent's call through a client of its own, within this process. That client uploads whatever file a
record in the call names, and so would hand this machine's files to anyone; and it waits for the answer in one of the
threads that the whole page has, with one session in the page's queue for all agents. What it can't use it writes into
the host's log, all of it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fontdemo.errors import FontdemoError
from fontdemo.ui.gate.host import client, counted
from fontdemo.ui.gate.limits import api_of, refusal
from fontdemo.ui.gate.uploads import check_payload

#: Calls that are at work at a time, of all agents: fewer than the page has threads (40), and than one session may have
#: waiting in its queue (`fontdemo.ui.gate.crowd.OF_A_SESSION`).
AT_WORK = 12

#: Calls of one address that may wait or be at work.
OF_AN_ADDRESS = 8

#: What an agent is told who sent too many.
SENTENCE = "Many of your calls are still waiting. Try again when they are answered."

# The model cards' addresses, and how the protocol says that there is no such resource.
_CARD, _NOT_FOUND = "card://", -32002

# What may be asked for, letters of a tool's name, and how the protocol says that there is none such.
_METHODS = frozenset((
    "initialize", "ping", "tools/list", "tools/call", "resources/list", "resources/templates/list", "resources/read",
    "prompts/list",
))  # fmt: skip
_LONGEST_NAME, _NO_METHOD, _NO_TOOL = 200, -32601, -32602

# The addresses that take calls.
_CALLS = ("mcp", "mcp/http")


class Agents:
    """ASGI middleware, inside `fontdemo.ui.gate.bodies.limit.BodyLimit`: answers 400 to a call with a record that
    names a file which was not uploaded, 429 to who has as many calls waiting as an address may; has the others wait.

    on_space: see `fontdemo.ui.gate.host.client`. card: a network's model card, FontdemoError if there is none. It is
    answered here: in the error that Gradio would answer the sentence is lost.
    """

    def __init__(
        self, app: ASGIApp, on_space: bool, at_work: int = AT_WORK, most: int = OF_AN_ADDRESS,
        card: Callable[[str], str] | None = None,
    ) -> None:  # fmt: skip
        self.app, self.on_space, self.most, self.card = app, on_space, most, card
        self._places = asyncio.Semaphore(at_work)
        self._calls: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] != "POST" or api_of(scope) not in _CALLS:
            await self.app(scope, receive, send)
            return
        message = await receive()  # all of the body
        try:
            called = json.loads(message.get("body", b""))
            check_payload(called)
        except FontdemoError as error:
            await refusal(400, str(error))(scope, receive, send)
            return
        except (ValueError, RecursionError):
            await refusal(400, "This request is no JSON.")(scope, receive, send)
            return
        if _wants_nothing(called):  # as it is told of nothing, and the page remembers no agent
            await Response(status_code=202)(scope, receive, send)
            return
        if found := _unknown(called) or await self._card(called):
            await JSONResponse({"jsonrpc": "2.0", "id": called.get("id"), **found})(scope, receive, send)
            return
        address = client(scope, on_space=self.on_space)
        if address and self._calls[address] >= self.most:
            await refusal(429, SENTENCE)(scope, receive, send)
            return
        with counted(self._calls, address):
            async with self._places:
                await self.app(scope, _once(message), send)

    async def _card(self, called: Any) -> dict[str, Any]:
        """The card that is called for, as the protocol has it, or why it isn't there; empty of any other call."""
        if self.card is None or not isinstance(called, dict) or called.get("method") != "resources/read":
            return {}
        asked = called.get("params")
        uri = asked.get("uri") if isinstance(asked, dict) else None
        if not isinstance(uri, str) or not uri.startswith(_CARD):
            return {}
        try:
            text = await asyncio.to_thread(self.card, unquote(uri.removeprefix(_CARD)))
        except FontdemoError as error:
            return {"error": {"code": _NOT_FOUND, "message": str(error)}}
        return {"result": {"contents": [{"uri": uri, "mimeType": "text/markdown", "text": text}]}}


def _wants_nothing(called: Any) -> bool:
    """Whether this is a notification, or an answer, which no one here waits for."""
    return isinstance(called, dict) and ("method" not in called or not isinstance(called.get("id"), (int, str)))


def _unknown(called: Any) -> dict[str, Any]:
    """Why what is asked for is not there, as the protocol has it; empty where it may be."""
    if not isinstance(called, dict):
        return {}
    method, params = called["method"], called.get("params")
    if not isinstance(method, str) or method not in _METHODS:
        return {"error": {"code": _NO_METHOD, "message": "There is no such method."}}
    name = params.get("name") if isinstance(params, dict) else None
    if method == "tools/call" and not (isinstance(name, str) and len(name) <= _LONGEST_NAME):
        return {"error": {"code": _NO_TOOL, "message": "There is no such tool."}}
    return {}


def install() -> None:
    """Keep out of the host's log what agents' requests lack: thirty lines each, of what they wrote."""
    logging.getLogger().addFilter(_of_page)  # `mcp` writes it with this logger, not with one of its own


def _of_page(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Failed to validate")


def _once(message: Message) -> Receive:
    """Gives the body, then nothing: who goes away keeps the place, as the call goes on in its thread all the same."""
    waiting = [message]

    async def give() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop()

    return give
