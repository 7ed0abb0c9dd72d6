"""Work in a thread of its own, on systems that may have no thread left: a container may have few."""

from __future__ import annotations

import threading
from collections.abc import Callable

from fontdemo.errors import FontdemoError


class TooBusyError(FontdemoError):
    """The system has no thread or process left."""

    def __init__(self) -> None:
        super().__init__("This machine is too busy to start this. Try again in a minute.")


def begin(work: Callable[[], object], name: str | None = None) -> threading.Thread:
    """A thread, which no one need wait for, that does `work`; TooBusyError where there is none left."""
    thread = threading.Thread(target=work, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        raise TooBusyError from None
    return thread
