"""A process that works for the page and outlives it: launched, recorded, found again, asked to end by a signal.

What it does is up to its command line (`python -m train ...`); who may launch what and when is decided in
`train.runs.jobs`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from fontdemo.files import open_plain
from fontdemo.threads import TooBusyError, begin
from train.files import ABSENT, PROJECT, UNREAD, read_json, write_json
from train.run_state import RunState

#: What a worker's folder holds: its record, and all that it printed.
RECORD, LOG = "launch.json", "log.txt"

#: Names the time since the system was started; Linux only.
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

#: How much of the log is shown.
TAIL_LINES, TAIL_BYTES = 30, 16_384

#: How far it stands back behind the page that started it (as `nice`).
NICENESS = 5


def launch(folder: Path, words: Sequence[str]) -> None:
    """Start `python -m train WORDS...` in a session of its own, and record it in `folder`."""
    with open(folder / LOG, "ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "train", *words],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=log,  # a file never fills up and blocks, as a pipe without a reader does
            stderr=subprocess.STDOUT,
            start_new_session=True,  # no Ctrl-C or hang-up of ours reaches it
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
    record(folder, child)
    with suppress(OSError):  # it has ended already
        os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
    with suppress(TooBusyError):
        begin(child.wait, f"reap {child.pid}")  # leave no zombie


def seconds(record: Mapping[str, Any]) -> float:
    """How long an ended run trained, as its record says; 0 if it does not, or says something odd."""
    said = record.get("seconds")
    return float(said) if isinstance(said, (int, float)) and 0 <= said < 1e9 else 0.0


def record(folder: Path, child: subprocess.Popen[Any]) -> None:
    """Write down in `folder` that `child` works in it; a child of which that cannot be said is ended."""
    try:
        write_json(folder / RECORD, {"status": RunState.RUNNING, "pid": child.pid, "started": started(child.pid)})
    except OSError:  # what nobody could find again must not go on
        child.kill()
        child.wait()
        raise


def launched(folder: Path) -> dict[str, Any]:
    """The record of the worker that was launched in `folder`; empty if there is none, UNREAD if it can't be read."""
    try:
        content = read_json(folder / RECORD)
    except (*ABSENT, ValueError):
        return {}
    except OSError:
        return {UNREAD: True}
    return content if content.get("status") == RunState.RUNNING else {}


def identity(record: Mapping[str, Any]) -> tuple[object, object]:
    """What identifies the process of a record: its pid and when it started."""
    return record.get("pid"), record.get("started")


def alive(record: Mapping[str, Any]) -> bool:
    """Whether the process of a record runs, and is that process and no later one of the same pid."""
    pid, since = identity(record)
    return type(pid) is int and since is not None and started(pid) == since


def may_run(record: Mapping[str, Any]) -> bool:
    """Whether the process of a record runs, for all that can be read of it now."""
    return bool(record.get(UNREAD)) or alive(record)


def tail(log: Path) -> str:
    """The last lines of a log of any length."""
    try:
        with open_plain(log) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-TAIL_LINES:])


def started(pid: int) -> str | None:
    """A text that differs for every process that ever had this pid; None if there is none alive.

    A zombie (ended, not yet waited for) counts as not alive.
    """
    try:
        booted = psutil.boot_time()  # asked first: before its version 7, psutil counts from what was found here last
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
    return f"{boot} {made - booted:.2f}"


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
