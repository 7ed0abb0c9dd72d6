"""Start, watch, stop and resume runs, each in a process of its own; one at a time under one root folder.

What is told about a run comes from its folder and the process table alone, so it is right in a second browser tab,
after a refresh, and in a server that was restarted while the run went on. It does not train: `train.run` does.

    ROOT/.lock           held (flock) while a run is launched, stopped, renamed or deleted; a crash releases it
    ROOT/NAME/           a run's folder, see `train.run`
    ROOT/NAME/launch.json  the process that was launched, until it speaks for itself in state.json
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fontdemo.errors import FontdemoError
from train import process, run
from train.device import choose_device
from train.recipe import Recipe

PROJECT = Path(__file__).resolve().parent.parent

#: Where runs are kept unless told otherwise.
RUNS_ROOT = Path(os.environ.get("FONTDEMO_RUNS") or PROJECT / "runs")

#: How much of log.txt is shown.
TAIL_LINES, TAIL_BYTES = 30, 16_384

#: How far a run stands back behind the page that started it (as `nice`).
NICENESS = 5

_NAME = re.compile(r"\w[\w .-]{0,58}\w|\w")  # no separators, no leading dot; \w takes letters of every language


class JobError(FontdemoError):
    """A run cannot be started, stopped, renamed or deleted as things stand; says why."""


@dataclass(frozen=True)
class RunStatus:
    """How a run stands.

    name: the folder's. status: "new", "running", "stopping", "finished", "stopped", "time limit", "early stop" or
    "crashed". message: why it crashed, else "". log_tail: the last lines of log.txt. pid: the process that trains,
    None unless running or stopping.
    """

    folder: Path
    name: str
    status: str
    message: str
    log_tail: str
    pid: int | None

    @property
    def alive(self) -> bool:
        """Whether its process is at work."""
        return self.pid is not None

    @property
    def resumable(self) -> bool:
        """Whether `resume` would go on with it: it has ended, but not by coming to its recipe's end."""
        return self.status in ("new", "stopped", "crashed")


def status(folder: Path) -> RunStatus:
    """How the run in `folder` stands now, by what is on disk and in the process table. Never raises."""
    for last_try in (False, True):
        state = run.read_state(folder)
        launch = _read_launch(folder)
        record = state if not launch or _identity(launch) == _identity(state) else launch
        said = str(record["status"])
        if said != "running" or _alive(record):
            break
        # It may have ended between the look into the file and the look at the process: look once more.
        if last_try:
            said = "failed"
            record = {"message": "its process ended without a word: it was killed, or the machine was restarted"}
    tail = _tail(folder / "log.txt")
    if said == "failed":
        return RunStatus(folder, folder.name, "crashed", str(record.get("message", "")), tail, None)
    if said != "running":
        return RunStatus(folder, folder.name, said, "", tail, None)
    asked = run.asked_to_stop(folder, record["pid"])
    return RunStatus(folder, folder.name, "stopping" if asked else said, "", tail, record["pid"])


def all_runs(root: Path) -> list[RunStatus]:
    """How every run under `root` stands, the newest first; empty if there is no such folder."""
    return [status(folder) for folder in run.runs_in(root)]


def active(root: Path) -> RunStatus | None:
    """The run under `root` that is at work now, or None."""
    return next((found for found in all_runs(root) if found.alive), None)


def start(root: Path, name: str, recipe: Recipe, data: Path, device: str = "auto") -> Path:
    """Launch a new run of `recipe` on the packed data set `data`; its folder under `root`, named `name`.

    An empty name becomes the recipe's; a name that is taken gets a number. JobError while another run is at work, or
    if the name or the data set will not do; FontdemoError if the device is not to be had.
    """
    name = check_name(name.strip() or recipe.name)
    choose_device(device)
    if not data.is_file():
        raise JobError(f"there is no data set {data.name}")
    root.mkdir(parents=True, exist_ok=True)
    with _locked(root):
        _refuse_while_active(root)
        folder = _free(root, name)
        run.create(folder, recipe, data, device=device)
        _launch(folder)
    return folder


def resume(folder: Path) -> None:
    """Go on with a run that was stopped or crashed. JobError while a run is at work, or if it has come to its end."""
    run.read_plan(folder)
    with _locked(folder.parent):
        _refuse_while_active(folder.parent)
        found = status(folder)
        if not found.resumable:
            raise JobError(f"“{found.name}” has come to its end ({found.status})")
        _launch(folder)


def stop(folder: Path) -> None:
    """Ask a run to finish its step, save, and end as "stopped"; returns at once. JobError if it is not at work."""
    with _locked(folder.parent):
        found = status(folder)
        if found.pid is None:
            raise JobError(f"“{found.name}” is not running")
        run.ask_to_stop(folder, found.pid)


def rename(root: Path, folder: Path, new: str) -> Path:
    """Give a run another name, and so another folder. JobError while it is at work, or if the name is taken."""
    new = check_name(new.strip())
    with _locked(root):
        _check_idle(root, folder)
        target = root / new
        if os.path.lexists(target):
            raise JobError(f"there is a run “{new}” already")
        folder.rename(target)
    return target


def delete(root: Path, folder: Path) -> None:
    """Remove a run with all its files. JobError while it is at work, or if it is no run under `root`."""
    with _locked(root):
        _check_idle(root, folder)
        shutil.rmtree(folder)  # takes links inside away as links


def check_name(name: str) -> str:
    """`name`, if it can be a run's; JobError if not: it could be a path, or is empty or too long."""
    if not _NAME.fullmatch(name):
        raise JobError("a run's name is 1 to 60 letters, digits, blanks, dots, dashes or underscores")
    return name


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Hold the root's lock: one check-and-launch at a time among all processes. The kernel frees it if we die."""
    try:
        file = open(root / ".lock", "w")
    except OSError as error:
        raise JobError(f"runs cannot be kept in {root.name}: {error.strerror}") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _refuse_while_active(root: Path) -> None:
    busy = active(root)
    if busy is not None:
        raise JobError(f"“{busy.name}” is running; stop it first, or wait until it ends")


def _check_idle(root: Path, folder: Path) -> None:
    """JobError unless `folder` is a real folder straight under `root` that holds a run which is not at work."""
    if folder.parent.resolve() != root.resolve() or folder.is_symlink() or not (folder / "recipe.json").is_file():
        raise JobError(f"there is no run “{folder.name}” here")
    if status(folder).alive:
        raise JobError(f"“{folder.name}” is running; stop it first")


def _free(root: Path, name: str) -> Path:
    """`root`/`name`, or with the first number that makes it a new one."""
    folder, number = root / name, 1
    while os.path.lexists(folder):
        number += 1
        folder = root / f"{name} {number}"
    return folder


def _launch(folder: Path) -> None:
    """Start the process that trains in `folder`, and record it, so that the run counts as running from now on."""
    (folder / "stop").unlink(missing_ok=True)  # a request to an earlier process
    with open(folder / "log.txt", "ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "train", "run", "--run", str(folder.resolve()), "--resume"],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=log,  # a file never fills up and blocks, as a pipe without a reader does
            stderr=subprocess.STDOUT,
            start_new_session=True,  # no Ctrl-C or hang-up of ours reaches it
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
    record = {"status": "running", "pid": child.pid, "started": process.started(child.pid)}
    run.write_json(folder / "launch.json", record)
    with suppress(OSError):  # it has ended already
        os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
    threading.Thread(target=child.wait, name=f"reap {child.pid}", daemon=True).start()  # leave no zombie


def _read_launch(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / "launch.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) and "status" in content else {}


def _identity(record: dict[str, Any]) -> tuple[object, object]:
    return record.get("pid"), record.get("started")


def _alive(record: dict[str, Any]) -> bool:
    """Whether the process of a record runs, and is that process and no later one of the same pid."""
    pid, since = _identity(record)
    return isinstance(pid, int) and since is not None and process.started(pid) == since


def _tail(log: Path) -> str:
    """The last lines of a log of any length."""
    try:
        with open(log, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-TAIL_LINES:])
