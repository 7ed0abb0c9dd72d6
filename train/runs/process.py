"""Which process is which: a pid together with the moment it started, so a reused pid is not mistaken for ours."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import psutil

#: Names the time since the system was started; Linux only.
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def started(pid: int) -> str | None:
    """A text that tells this process from every other that ever had its pid; None if there is none alive.

    A zombie (ended, not yet waited for) counts as not alive.
    """
    try:
        found = psutil.Process(pid)
        if found.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return None
        made = found.create_time()
    except (psutil.Error, ValueError, OverflowError):
        return None
    try:
        boot = BOOT_ID.read_text().strip()
    except OSError:
        return f"{made:.2f}"
    # Since the boot: there the clock may be set, and psutil's moment of starting with it.
    return f"{boot} {made - psutil.boot_time():.2f}"


def asked_to_end() -> Callable[[], bool]:
    """Whether this process was asked to end, by Ctrl-C or SIGTERM, since this was called: it ends in its own time.

    ValueError off the main thread, where Python takes no signals.
    """
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return lambda: asked
