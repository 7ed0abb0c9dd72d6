"""Which files of this machine a visitor's event may name: those that were uploaded to this page, and no others.

The check is made twice. `CheckedBlocks` makes it once for every event of every tab, before Gradio or a component looks
at what came; a handler that is about to open a file asks `uploaded` again. What is in the file is not looked at here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import stat
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from fontdemo.errors import FontdemoError
from fontdemo.ui.gate import events

#: What events that open pictures are registered with, in every tab and for the endpoint: two at a time on the page.
PICTURES: dict[str, Any] = {"concurrency_id": "pictures", "concurrency_limit": 2}

#: The endpoint among them that opens a list of pictures, and so takes many times as long.
MANY = "read_many"

# What an event may bring is no deeper than this; a drawing is four deep.
_DEEPEST = 32

# So many lists, records and values; a drawing is one text. Gradio walks through all of them several times.
_MOST_PARTS = 10_000

_LONGEST_PATH = 4096

_LONGEST_SENTENCE = 200

# What components raise when a browser's value for them is of another kind.
_UNFIT = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)

_NOT_UPLOADED = "Can't open this file. Upload it again."
_TOO_DEEP = "This request is nested too deeply to be read."
_TOO_MANY = "This request is too large."
_FAILED = "Something went wrong. Reload the page and try again."

# What makes a record an order to make a part of the page anew, to Gradio, wherever a handler gives it back.
_ORDER = "__type__"

#: What no handler foresaw is written with this logger (`fontdemo.ui.gate.heads`): Gradio would write all of it.
LOG = logging.getLogger(__name__)


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    """Have Gradio keep uploads in a folder that is this process's alone, and is deleted at the end.

    Else it keeps them where every Gradio page of this machine does. It lies in GRADIO_TEMP_DIR, if that is set. To be
    entered before the page is built. On the main thread SIGTERM ends what is inside as Ctrl-C does, so that it is
    deleted then, too.
    """
    main = threading.current_thread() is threading.main_thread()
    ending = signal.signal(signal.SIGTERM, signal.default_int_handler) if main else None
    variable = "GRADIO_TEMP_DIR"
    before = os.environ.get(variable)
    if before:
        os.makedirs(before, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fontdemo-", dir=before or None, ignore_cleanup_errors=True) as folder:
        os.environ[variable] = folder
        try:
            yield Path(folder)
        finally:
            os.environ.pop(variable)
            if before is not None:
                os.environ[variable] = before
            if main:
                signal.signal(signal.SIGTERM, ending)


class NotUploadedError(FontdemoError):
    """The path is not that of an uploaded file. One sentence for all: whether there is such a file is not said."""

    def __init__(self) -> None:
        super().__init__(_NOT_UPLOADED)


def uploaded(record: object) -> Path:
    """The file that `record` names, links resolved: a path, or Gradio's record of a file ({"path": ...}).

    NotUploadedError unless it is a regular file inside the folder where Gradio puts this page's uploads. Nothing is
    opened, and outside that folder nothing is even looked at.
    """
    path = record.get("path") if isinstance(record, Mapping) else record
    if not isinstance(path, str) or len(path) > _LONGEST_PATH or not os.path.isabs(path):
        raise NotUploadedError
    try:
        folder = os.path.abspath(get_upload_folder())
        real_folder = os.path.realpath(folder)
        if not (_inside(os.path.normpath(path), folder) or _inside(os.path.normpath(path), real_folder)):
            raise NotUploadedError
        real = os.path.realpath(path)
        if not _inside(real, real_folder) or not stat.S_ISREG(os.lstat(real).st_mode):
            raise NotUploadedError
    except (OSError, ValueError):  # no such file, a name that no file can have
        raise NotUploadedError from None
    return Path(real)


def _inside(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)


def check_payload(value: object) -> None:
    """Look through what an event brought, at any depth: NotUploadedError if a record in it has the path of a file that
    was not uploaded; FontdemoError if it is nested deeper than anything on this page, has more parts, has text that
    is no Unicode, or a record that Gradio would take for an order of ours.
    """
    waiting = [(value, 0)]
    parts = 1
    while waiting:
        part, depth = waiting.pop()
        if isinstance(part, str):
            _check_text(part)
        if not isinstance(part, (dict, list, tuple)):
            continue
        if depth > _DEEPEST:
            raise FontdemoError(_TOO_DEEP)
        if isinstance(part, dict):
            if _ORDER in part:
                raise events.IncompleteEventError
            if part.get("path") is not None:
                uploaded(part)
            part = [*part.keys(), *part.values()]
        parts += len(part)
        if parts > _MOST_PARTS:
            raise FontdemoError(_TOO_MANY)
        waiting.extend((inner, depth + 1) for inner in part)


def _check_text(text: str) -> None:
    """JSON can hold half a character: who shows or stores that fails, and the answer with it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise events.IncompleteEventError from None


class CheckedBlocks(gr.Blocks):
    """gr.Blocks in which every event is checked before anything in it is used, whichever route it came by.

    What a handler did not foresee ends in a sentence for the visitor and, now and then, a traceback in the host's log.
    """

    async def preprocess_data(self, block_fn: Any, *given: Any, **more: Any) -> list[Any]:
        """As gr.Blocks.preprocess_data; IncompleteEventError for a value that its component can't take."""
        try:
            values: list[Any] = await super().preprocess_data(block_fn, *given, **more)
        except gr.Error as error:
            # A number out of bounds is told as Gradio tells it; what no list offered may be of any length.
            if "list of choices" in str(error.message) or len(str(error.message)) > _LONGEST_SENTENCE:
                raise events.IncompleteEventError from None
            raise gr.Error(str(error.message), print_exception=False) from None
        except _UNFIT:
            raise events.IncompleteEventError from None
        # Gradio lets through what no handler expects: a list from a menu of one choice, if all in it are choices (none
        # at all, say), and no text from a field of text.
        for part, value in zip(block_fn.inputs, values, strict=False):
            if isinstance(part, gr.Dropdown) and not part.multiselect and isinstance(value, list):
                raise events.IncompleteEventError
        texts = [isinstance(part, gr.Textbox) for part in block_fn.inputs]
        return ["" if text and value is None else value for text, value in zip(texts, values, strict=False)]

    async def process_api(self, block_fn: Any, inputs: Any, *given: Any, **more: Any) -> dict[str, Any]:
        """As gr.Blocks.process_api; gr.Error with a sentence for what may not be used."""
        event = more.get("event_data")
        handler = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
        try:
            check_payload(inputs)
            check_payload(getattr(event, "_data", None))
            events.check(handler.fn, getattr(event, "_data", None))
            if not isinstance(inputs, list) or len(inputs) < len(handler.inputs):
                raise events.IncompleteEventError
        except FontdemoError as error:
            raise gr.Error(str(error), print_exception=False) from None
        try:
            result: dict[str, Any] = await super().process_api(block_fn, inputs, *given, **more)
        except gr.Error:
            raise
        except FontdemoError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except Exception as error:  # what no handler foresaw: Gradio would show a visitor its own words, paths and all
            LOG.error("An event failed.", exc_info=error)
            raise gr.Error(_FAILED, print_exception=False) from None
        return result
