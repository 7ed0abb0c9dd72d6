"""Start, watch, stop and resume runs, each in a process of its own; one at a time under a root folder.

What is said of a run comes from its folder and the process table alone, so it is right in a second browser tab,
after a refresh, and in a server that was restarted while the run went on. It does not train: `train.runs.folder` does.

    ROOT/.lock           held while a run is launched, stopped, renamed or deleted; a crash releases it
    ROOT/NAME/           a run's folder, see `train.runs.folder`
    ROOT/NAME/launch.json  the process that was launched, until it speaks for itself in state.json
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from fontdemo.errors import FontdemoError
from fontdemo.files import answered, listed, remove_folder
from train.files import PROJECT, UNREAD
from train.loop.device import choose_device
from train.loop.recipe import Recipe
from train.run_state import RunState
from train.runs import worker
from train.runs.folder import RunFolder, runs_in

#: What may take a run's folder over, so that no process need be started (`train.runs.start.standby`): whether it did.
Ready = Callable[[Path], bool]

#: Where runs are kept unless told otherwise.
RUNS_ROOT = Path(os.environ.get("FONTDEMO_RUNS") or PROJECT / "runs")

#: The folder, beside the runs', of a search for settings that the page started (`train.tune.job`).
TUNING = ".tune"

# No separators, no leading dot; letters of every language, but for those that are blank.
_NAME = re.compile(r"(?!.*[\u115f\u1160\u3164\uffa0])(\w[\w .-]{0,58}\w|\w)")


class JobError(FontdemoError):
    """A run cannot be started, stopped, renamed or deleted as things stand; says why."""


@dataclass(frozen=True)
class RunStatus:
    """How a run stands.

    name: the folder's. status: any but FAILED. message: why it crashed, else "". log_tail: the last lines of log.txt.
    pid: the process that trains, None unless running or stopping. unread: what its folder says can't be read now, so
    that it may be at work after all. seconds: that it trained, if it has ended and said so, else 0.
    """

    folder: Path
    name: str
    status: RunState
    message: str
    log_tail: str
    pid: int | None
    unread: bool = False
    seconds: float = 0.0

    @property
    def alive(self) -> bool:
        """Whether its process is at work."""
        return self.pid is not None

    @property
    def ended(self) -> bool:
        """Whether it is certain that its process is not at work."""
        return not self.alive and not self.unread

    @property
    def resumable(self) -> bool:
        """Whether `resume` would go on with it: it has ended before its recipe did. At its limit it needs more time."""
        return self.ended and self.status in (RunState.NEW, RunState.STOPPED, RunState.CRASHED, RunState.TIME_LIMIT)


def status(folder: Path) -> RunStatus:
    """How the run in `folder` stands now, by what is on disk and in the process table. Never raises."""
    for last_try in (False, True):
        state = RunFolder(folder).state()
        launch = worker.launched(folder)
        if state.get(UNREAD) or launch.get(UNREAD):
            return RunStatus(folder, folder.name, RunState.NEW, "", "", None, unread=True)
        record = state if not launch or worker.identity(launch) == worker.identity(state) else launch
        said = RunState(record["status"])
        if said != RunState.RUNNING or worker.alive(record):
            break
        # It may have ended between the look into the file and the look at the process: look once more.
        if last_try:
            said = RunState.FAILED
            record = {"message": "its process ended without a message: it was killed, or the machine was restarted"}
    tail = worker.tail(folder / worker.LOG)
    if said == RunState.FAILED:
        return RunStatus(folder, folder.name, RunState.CRASHED, str(record.get("message", ""))[:2000], tail, None)
    if said != RunState.RUNNING:
        return RunStatus(folder, folder.name, said, "", tail, None, seconds=worker.seconds(record))
    pid: Any = record["pid"]
    now = RunState.STOPPING if RunFolder(folder).asked_to_stop(pid) else said
    return RunStatus(folder, folder.name, now, "", tail, pid)


def all_runs(root: Path) -> list[RunStatus]:
    """How every run under `root` stands, the newest first; empty if there is no such folder, or its disk stalls."""
    with suppress(TimeoutError):
        return _statuses(root)
    return []


def _statuses(root: Path) -> list[RunStatus]:
    """`all_runs`; TimeoutError where the disk of the runs stalls."""
    return answered(root, lambda: [status(folder) for folder in runs_in(root)])


def active(root: Path) -> RunStatus | None:
    """The run under `root` that is at work now, or None."""
    return next((found for found in all_runs(root) if found.alive), None)


def start(
    root: Path, name: str, recipe: Recipe, data: Path, device: str = "auto", ready: Ready | None = None
) -> Path:
    """Launch a new run of `recipe` on the packed data set `data`; its folder under `root`, named `name`.

    An empty name becomes the recipe's; a name that is taken gets a number. ready: takes the run over if it can.
    JobError while another run is at work, or if the name or the data set will not do; FontdemoError if the device is
    not to be had.
    """
    name = check_name(name.strip() or recipe.name)
    choose_device(device)
    if not os.path.isfile(data):
        raise JobError(f"there is no data set {data.name}")
    try:
        answered(root, lambda: root.mkdir(parents=True, exist_ok=True))
    except OSError as error:
        raise away(root, error) from error
    with locked(root):
        refuse_while_active(root)
        folder = _free(root, name)
        try:
            RunFolder.create(folder, recipe, data, device=device)
            _launch(folder, ready)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)  # or the next one of this name would have to be called otherwise
            raise JobError(f"the run could not be started: {_reason(error)}") from error
    return folder


def resume(folder: Path, ready: Ready | None = None, minutes: float | None = None) -> None:
    """Go on with a run that ended before its recipe did. JobError while a run is at work, or if it has finished.

    minutes: its new time limit, which changes no number of it.
    """
    plan = RunFolder(folder).plan()
    with locked(folder.parent):
        refuse_while_active(folder.parent)
        found = status(folder)
        if not found.resumable:
            raise JobError(f"“{found.name}” has ended ({found.status})")
        with _could_not(found.name, "resumed"):
            if minutes is not None:
                RunFolder(folder).write_plan(replace(plan, recipe=plan.recipe.changed(minutes=minutes)))
            _launch(folder, ready)


def stop(folder: Path) -> None:
    """Ask a run to finish its step, save, and end as STOPPED; returns at once. JobError if it is not at work."""
    with locked(folder.parent):
        found = status(folder)
        if found.pid is None:
            raise JobError(f"“{found.name}” is not running")
        with _could_not(found.name, "stopped"):
            RunFolder(folder).ask_to_stop(found.pid)


def rename(root: Path, folder: Path, new: str) -> Path:
    """Give a run another name, and so another folder. JobError while it is at work, or if the name is taken."""
    new = check_name(new.strip())
    with locked(root), _could_not(folder.name, "renamed"):
        _check_idle(root, folder)
        if os.path.lexists(target := root / new):
            raise JobError(f"there is a run “{new}” already")
        return folder.rename(target)


def delete(root: Path, folder: Path) -> None:
    """Remove a run with all its files. JobError while it is at work, or if it is no run under `root`."""
    with locked(root), _could_not(folder.name, "deleted"):
        _check_idle(root, folder)
        remove_folder(folder, last="recipe.json")  # what a page that is killed meanwhile leaves can be deleted again


def check_name(name: str) -> str:
    """`name`, if it can be a run's; JobError if not: it could be a path, or is empty or too long."""
    if not _NAME.fullmatch(name):
        raise JobError("a run's name must be 1 to 60 letters, digits, spaces, dots, dashes or underscores")
    return name


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the root's lock: one check-and-launch at a time among all processes. The kernel frees it if we die.

    JobError if runs cannot be kept there.
    """
    lock = FileLock(root / ".lock")
    try:
        listed(root)  # on a disk that does not answer, the lock would be waited for as long
        lock.acquire()
    except OSError as error:
        raise away(root, error) from error
    try:
        yield
    finally:
        lock.release()


def refuse_while_active(root: Path) -> None:
    """JobError while a run is at work under `root`, or a search for settings."""
    try:
        busy = next((found for found in _statuses(root) if found.alive), None)
    except TimeoutError as error:
        raise away(root, error) from error
    if busy is not None:
        raise JobError(f"“{busy.name}” is running; stop it first, or wait until it ends")
    if worker.may_run(worker.launched(root / TUNING)):
        raise JobError("a search for settings is running (Tune); stop it first, or wait until it ends")


def _check_idle(root: Path, folder: Path) -> None:
    """JobError unless `folder` is a real folder straight under `root` that holds a run which is not at work."""
    if folder.parent.resolve() != root.resolve() or folder.is_symlink() or not os.path.isfile(folder / "recipe.json"):
        raise JobError(f"there is no run “{folder.name}” here")
    found = status(folder)
    if found.alive:
        raise JobError(f"“{folder.name}” is running; stop it first")
    if not found.ended:
        raise JobError(f"how “{folder.name}” stands can't be read now; try again later")


def _free(root: Path, name: str) -> Path:
    """`root`/`name`, or with the first number that makes it a new one."""
    folder, number = root / name, 1
    while os.path.lexists(folder):
        number += 1
        folder = root / f"{name} {number}"
    return folder


def away(root: Path, error: OSError) -> JobError:
    """That no run can be kept or looked for under `root`, and why."""
    return JobError(f"runs cannot be kept in {root.name}: {error.strerror}")


@contextmanager
def _could_not(name: str, done: str) -> Iterator[None]:
    """JobError, in a sentence, if what is done to the run inside fails on the disk."""
    try:
        yield
    except OSError as error:
        raise JobError(f"“{name}” could not be {done}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    """What went wrong, without the path."""
    return "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror or "it was refused"


def _launch(folder: Path, ready: Ready | None) -> None:
    """Start the process that trains in `folder`, and record it, so that the run counts as running from now on."""
    RunFolder(folder).forget_stop()  # a request to an earlier process
    if ready is None or not ready(folder):
        worker.launch(folder, ["run", "--run", str(folder.resolve()), "--resume"])
