"""Waiting in tests for what another process or thread does; a busy machine takes its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

#: Seconds; long enough to import torch where everything else is busy too.
PATIENCE = 120.0


def until(what: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """What `what()` gives once it is true; AssertionError if it is not within `patience` seconds."""
    end = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found
