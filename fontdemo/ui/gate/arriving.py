"""Uploads while they arrive: no more than the page takes, nothing in memory, and nothing left of what breaks off; and
the files that the page makes for visitors, which are kept with them.

Gradio bounds the size of each file, but not how many of them one request brings, keeps whatever is no file in memory,
and leaves on disk for ever what came of an upload that its visitor broke off, or sent as something other than "files".
Nor does it bound how much one visitor uploads, all of which is kept for an hour. What deletes it then ended for good
where an upload came meanwhile, left each file's folder, and knew the ids of all uploads for ever.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from gradio import route_utils, routes
from gradio_client.utils import strip_invalid_filename_characters  # type: ignore[import-untyped]
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fontdemo.ui.gate.host import client
from fontdemo.ui.gate.limits import api_of, has_room, refuse_unread

#: Bytes of a part that is no file; the page sends none.
LONGEST_FIELD = 1000

#: Parts of one request; the page sends one.
MOST_FILES = 4

#: Bytes that one address, which a school may share, may upload within an hour; and an hour.
OF_AN_ADDRESS, HOUR = 1 << 30, 3600.0

#: Bytes that an upload counts as besides its own: a file of one byte takes a folder of the disk as well.
OF_AN_UPLOAD = 1 << 16

#: What a visitor is told who uploaded more.
SENTENCE = "Very much was uploaded from your address. Try again in an hour."

#: Bytes of the files that the page made and keeps.
OF_ALL_MADE = 1 << 30

# The free space of the disk is looked at again after so many bytes.
_STEP = 1 << 20


class ArrivingFiles(route_utils.GradioMultiPartParser):
    """Gradio's parser of an upload. MultiPartException, and no file left, for an upload that is not taken."""

    _arrived = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Bytes of a part: refused if the files of this request are too large together, or a field is."""
        if self._current_part.file is None:
            if len(self._current_part.data) + end - start > LONGEST_FIELD:
                raise MultiPartException("An upload has files only.")
            self._current_part.data += data[start:end]
            return
        before, self._arrived = self._arrived, self._arrived + end - start
        if self._arrived > self.max_file_size:
            raise MultiPartException(f"This is larger than the maximum allowed size of {self.max_file_size} bytes.")
        if before // _STEP != self._arrived // _STEP and not has_room():
            raise MultiPartException("This page has no room for uploads now. Try again in an hour.")
        super().on_part_data(data, start, end)

    async def parse(self) -> FormData:
        """As Gradio's; ClientDisconnect, too, leaves no file."""
        self.max_files, self.max_fields = MOST_FILES, MOST_FILES
        try:
            form = await super().parse()
            for name, file in self.items:
                if name != "files" or isinstance(file, str) or not _has_name(file.filename):
                    raise MultiPartException("An upload has files only.")
            return form
        except BaseException:
            for left in self._files_to_close_on_error:
                left.close()
                Path(left.name).unlink(missing_ok=True)
            raise


class UploadsOfAnHour:
    """ASGI middleware: answers 429 to uploads of an address that has uploaded more than `most` bytes since the hour
    began; what is on its way then is broken off. Each upload counts as `each` bytes more.

    on_space: see `fontdemo.ui.gate.host.client`. clock: seconds.
    """

    def __init__(
        self, app: ASGIApp, on_space: bool, most: int = OF_AN_ADDRESS, each: int = OF_AN_UPLOAD,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.app, self.on_space, self.most, self.each, self.clock = app, on_space, most, each, clock
        self._began = clock()
        self._uploaded: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        upload = scope["type"] == "http" and api_of(scope) == "upload"
        address = client(scope, on_space=self.on_space) if upload else ""
        if not address:
            await self.app(scope, receive, send)
            return
        if self.clock() - self._began > HOUR:
            self._began = self.clock()
            self._uploaded.clear()
        if self._uploaded[address] > self.most:
            await refuse_unread(scope, receive, send, 429, SENTENCE)
            return
        self._uploaded[address] += self.each

        async def counting() -> Message:
            message = await receive()
            self._uploaded[address] += len(message.get("body", b""))
            if self._uploaded[address] > self.most:  # for the parser, which leaves nothing then, and says so
                raise MultiPartException(SENTENCE)
            return message

        await self.app(scope, counting, send)


class Made(set[str]):
    """Paths of files that were made for visitors, each in a folder of its own; of `most` bytes together, so that the
    oldest go when more come, however soon. Safe to share between threads. One of `Blocks.temp_file_sets`.
    """

    def __init__(self, most: int = OF_ALL_MADE) -> None:
        super().__init__()
        self.most = most
        self._sizes: dict[str, int] = {}
        self._lock = threading.Lock()

    def keep(self, file: str) -> None:
        """One more, or one that was made again."""
        with self._lock:
            self._sizes = {one: size for one, size in self._sizes.items() if one in self and one != file}
            self._sizes[file] = os.path.getsize(file)
            self.add(file)
            total = sum(self._sizes.values())
            for old in list(self._sizes)[:-1]:
                if total <= self.most:
                    return
                total -= self._sizes.pop(old)
                self.discard(old)
                with suppress(OSError):
                    os.remove(old)
                    os.rmdir(os.path.dirname(old))


def _has_name(name: str | None) -> bool:
    """Whether a file can be kept under the name that Gradio makes of it; it gives one to what has none."""
    return not name or strip_invalid_filename_characters(os.path.basename(name)) not in ("", ".", "..")


def delete_old(blocks: Any, age: float | None) -> None:
    """As Gradio's: delete the files of the page that are older than `age` seconds, or all of them.

    In a thread, while others arrive. The folder that each had to itself goes, too, and what is known of all uploads'
    progress: one that is on its way begins anew.
    """
    kept = {file for part in blocks.blocks.values() for file in getattr(part, "keep_in_cache", ())}
    for files in blocks.temp_file_sets:
        for file in files.copy():
            if file in kept:
                continue
            try:
                if age is not None and time.time() - os.lstat(file).st_ctime <= age:
                    continue
                os.remove(file)
            except FileNotFoundError:
                pass
            except OSError:  # tried again
                continue
            files.discard(file)
            with suppress(OSError):
                os.rmdir(os.path.dirname(file))  # unless there is more in it
    for known in (routes.file_upload_statuses._statuses, routes.file_upload_statuses._signals):
        known.clear()


def install() -> None:
    """Have Gradio read every upload of this process so, and delete it so."""
    route_utils.GradioMultiPartParser = ArrivingFiles  # type: ignore[misc]
    route_utils.delete_files_created_by_app = delete_old
