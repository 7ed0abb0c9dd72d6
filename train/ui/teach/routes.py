"""What the teaching part's scripts fetch: each other, and, once, the network of a visitor's lesson."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fontdemo.ui.live.routes import PREFIX, script_file, with_version

#: The header with which a network is asked for: in an address it would be written into logs.
HEADER = "x-lesson"

_HERE = Path(__file__).parent

_GONE = "This network is gone. Learn again."


class Handout:
    """Files that are handed out once each, to who knows the random key; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        """The key for `content`, which stays until it is taken or dropped."""
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._files[key] = content
        return key

    def pop(self, key: str) -> bytes | None:
        """The file of this key, which is not here afterwards; None if it was not."""
        with self._lock:
            return self._files.pop(key, None)

    def holds(self, key: str) -> bool:
        """Whether the file was not taken yet."""
        return key in self._files

    def drop(self, key: str) -> None:
        """Forget the file."""
        self.pop(key)


def routes(handout: Handout) -> list[Route]:
    """For `Blocks.launch(app_kwargs={"routes": ...})`: PREFIX/teach/NAME.js, and PREFIX/teach/model.safetensors, a
    network of `handout` by its key in HEADER, 404 if it is not there.
    """

    def model(request: Request) -> Response:
        content = handout.pop(request.headers.get(HEADER, ""))
        if content is None:
            return JSONResponse({"error": _GONE}, 404, headers={"Cache-Control": "no-store"})
        return Response(content, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})

    scripts = [Route(f"{PREFIX}/teach/{path.name}", script_file(path)) for path in _HERE.glob("*.js")]
    return with_version([Route(f"{PREFIX}/teach/model.safetensors", model), *scripts])
