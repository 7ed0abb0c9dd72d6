"""Which process is which: a pid together with the moment it started, so a reused pid is not mistaken for ours."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import FrameType


def started(pid: int) -> str | None:
    """A text that tells this process from every other that ever had its pid on this boot; None if there is none alive.

    Linux: field 22 of /proc/PID/stat (start in clock ticks after boot). Elsewhere: what `ps` gives as its start.
    A zombie (ended, not yet waited for) counts as not alive.
    """
    if Path("/proc/self/stat").exists():
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        fields = text.rpartition(")")[2].split()  # the name in brackets may hold anything
        return None if fields[0] in ("Z", "X") else f"ticks {fields[19]}"
    listed = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(maxsplit=1)
    return None if len(listed) < 2 or listed[0].startswith("Z") else listed[1].strip()


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
