"""Waiting in tests for what another process or thread does, on a busy machine; and a system that has none left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

#: Seconds; long enough to import torch where everything else is busy too.
PATIENCE = 120.0


def until(what: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """What `what()` gives once it is true; AssertionError if it is not within `patience` seconds."""
    end = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found


def no_thread(patch: pytest.MonkeyPatch) -> None:
    """From now on the system has no thread left, as in a container that may have few."""

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    patch.setattr(threading.Thread, "start", refuse)
