"""Limits in front of the page (ASGI): only the addresses that it uses are there, and the disk is never filled.

Uploaded files are written to disk as they come; Gradio itself limits the size of each (`max_file_size`). How large any
other request may be: `fontdemo.ui.gate.bodies.limit`.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, TypeAlias

from fastapi.exceptions import RequestValidationError
from gradio.route_utils import FnIndexInferError
from gradio.utils import get_upload_folder
from python_multipart.exceptions import FormParserError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

#: Bytes of a request that is no upload; the longest drawing takes half of that.
MAX_BODY = 1_000_000

#: Bytes that uploads must leave free on the disk, and files that must still fit on it: a million of a byte each would
#: fill some as well.
MIN_FREE, MIN_FILES = 1 << 30, 100_000

_API = "/gradio_api/"

#: Seconds after which to try again, where too much is asked for at once.
RETRY_AFTER = 1

# Bytes of a body that is waited for before its request is refused, and seconds for all of it.
_SMALL, _ARRIVES = 65_536, 1.0

#: What is said of a request that the page's own scripts would not send.
INCOMPLETE = "This request is incomplete. Reload the page and try again."

_NOTHING = "There is nothing at this address."

_NO_EVENT = "This page has no such event. Reload it and try again."

# Gradio keeps the id of an upload, which its query is, for ever; a browser's has 11 characters.
_LONGEST_QUERY = 100

# Of Gradio's addresses those that a browser, a client or an agent needs here. Others fetch pages from elsewhere,
# convert films, copy what another visitor sees, or go on for ever. None has a line break: to Gradio an address that
# ends in one is as one that does not, so that what counts events did not know it.
_SERVED = re.compile(
    r"(info|openapi\.json|app_id|user|login_check|startup-events|theme\.css|queue/(join|data|status)|upload"
    r"|upload_progress|call/(v2/)?[^/\n]+(/[^/\n]+)?|file=/.+|heartbeat/[^/\n]+|cancel|reset|mcp(/(http|schema))?)/?"
)


def refusal(status: int, sentence: str) -> Response:
    """What a request is refused with: a sentence, as JSON; 429 says when to try again. An ASGI app by itself.

    The connection is closed, as there may be a body on its way that no one reads.
    """
    later = {"Retry-After": str(RETRY_AFTER)} if status == 429 else {}
    return JSONResponse({"detail": sentence, "error": sentence}, status, {"Connection": "close", **later})


async def refuse_unread(scope: Message, receive: Receive, send: Send, status: int, sentence: str) -> None:
    """Refuse a request of which nothing was read, as `refusal` does, but wait a moment for its body, if that is small.

    A connection that is closed while a body is on its way is reset, and the one who sent it may never see why it was
    refused. The moment is the whole body's: no one is held to a number of requests that are refused.
    """
    length = dict(scope["headers"]).get(b"content-length", b"")
    if length.isdigit() and 0 < int(length[:9]) <= _SMALL:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(_rest(receive), _ARRIVES)
    await refusal(status, sentence)(scope, receive, send)


async def _rest(receive: Receive) -> None:
    while (await receive()).get("more_body"):
        pass


def api_of(scope: Message) -> str:
    """Which address of Gradio's API is asked for, as `upload` or `call/read`; "" for any other. What it ends with says
    nothing: one address may stand within another.
    """
    return str(scope.get("path", "")).partition(_API)[2].rstrip("/")


def has_room(min_free: int = MIN_FREE) -> bool:
    """Whether more than `min_free` bytes are free where uploads go, and room for MIN_FILES more files, and any may be
    written there: a disk with a fault becomes read-only.
    """
    try:
        disk = os.statvfs(get_upload_folder())
    except OSError:  # there is no folder yet
        return True
    if disk.f_flag & os.ST_RDONLY:
        return False
    # A file system without a bound to its files says that it has none.
    return disk.f_bavail * disk.f_frsize >= min_free and (not disk.f_files or disk.f_favail >= MIN_FILES)


class ServedOnly:
    """Answers 404 at the addresses of Gradio's API that this page has no use for, and 507 to uploads, and to agents,
    whose pictures come in the request, when the disk is nearly full.
    """

    def __init__(self, app: App, min_free: int = MIN_FREE) -> None:
        self.app, self.min_free = app, min_free

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        _, api, asked = str(scope.get("path", "")).partition(_API)
        if scope["type"] != "http" or not api:
            await self.app(scope, receive, send)
        elif not _SERVED.fullmatch(asked) or (asked.startswith("upload") and _long_query(scope)):
            await refuse_unread(scope, receive, send, 404, _NOTHING)
        elif asked.startswith(("upload", "mcp")) and scope["method"] == "POST" and not has_room(self.min_free):
            sentence = "This page has no room for uploads now. Try again in an hour."
            await refuse_unread(scope, receive, send, 507, sentence)
        elif asked.rstrip("/") == "info":
            # Gradio keeps the first answer for everyone, with examples that send what one calls with to whatever host
            # its asker named. What it tells of a page, and there is but one, it makes anew for each.
            every = b"&all_endpoints=true" if b"all_endpoints" in scope.get("query_string", b"") else b""
            await self.app({**scope, "query_string": b"page=" + every}, receive, send)
        elif asked.startswith("file="):
            # Asked for a part of a file, Gradio sends all headers of the request back with it, and fails at several.
            whole = [(name, value) for name, value in scope["headers"] if name != b"range"]
            await self.app({**scope, "headers": whole}, receive, send)
        else:
            await self.app(scope, receive, send)


def _long_query(scope: Message) -> bool:
    return len(scope.get("query_string", b"")) > _LONGEST_QUERY


async def unknown_event(request: Request, error: Exception) -> Response:
    """404 and a sentence for an event that the page does not have, which Gradio looks up by its number; or, where the
    arguments of a call have names, by its own.

    As the app's handler of KeyError; any other one is raised again.
    """
    key = error.args[0] if error.args else None
    numbered = request.url.path.rstrip("/").endswith("/queue/join") and type(key) is int
    if not numbered and (not (called := _called(request)) or key != f"/{called}"):
        raise error
    return refusal(404, _NO_EVENT)


async def unfit_call(request: Request, error: Exception) -> Response:
    """422 and a sentence for a call without an argument that it needs, or with one that it does not have.

    As the app's handler of TypeError; any other one is raised again.
    """
    if not _called(request) or not str(error).startswith(("No value provided for", "Parameter `")):
        raise error
    return refusal(422, "These are not the arguments of this endpoint. See “Use via API” at the page's foot.")


def _called(request: Request) -> str:
    """The endpoint that is called with named arguments; "" for any other request."""
    _, call, name = request.url.path.rstrip("/").partition(f"{_API}call/v2/")
    return name if call else ""


async def unknown_call(request: Request, error: Exception) -> Response:
    """404 and a sentence for a call of an endpoint that the page does not have, by its name: Gradio's own error."""
    return refusal(404, _NO_EVENT)


async def unfit_request(request: Request, error: Exception) -> Response:
    """422 and a sentence for a request that is not what its address takes. FastAPI's own answer repeats what came, and
    fails where that is a number which JSON does not have.
    """
    return refusal(422, INCOMPLETE)


async def no_such_name(request: Request, error: Exception) -> Response:
    """404 for a name that no file can have. As the app's handler of OSError; any other one is raised again."""
    if not isinstance(error, OSError) or error.errno != errno.ENAMETOOLONG:
        raise error
    return refusal(404, _NOTHING)


#: What the app answers to errors of Gradio and FastAPI that a stranger's request can bring about. Else each writes a
#: traceback of a hundred lines into the host's log. ClientDisconnect: an upload that its visitor broke off.
ANSWERS: dict[Any, Any] = {
    KeyError: unknown_event, TypeError: unfit_call, FnIndexInferError: unknown_call, OSError: no_such_name,
    RequestValidationError: unfit_request, FormParserError: unfit_request, ClientDisconnect: unfit_request,
}  # fmt: skip
