"""The search for better settings that the page starts: one process, followed by what it leaves on disk.

Like a training run it outlives the page; it is not started while a run is at work, nor a run while it is.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fontdemo.errors import without_paths
from fontdemo.files import not_plain
from train.data.glyphset import GlyphSet
from train.runs import jobs, worker
from train.runs.jobs import JobError
from train.tune import study as tune


@dataclass(frozen=True)
class TuneStatus:
    """alive: whether the search is at work. log_tail: the last lines of its log."""

    alive: bool
    log_tail: str


def status(root: Path) -> TuneStatus:
    """How the search under the runs' folder `root` stands. Never raises."""
    folder = root / jobs.TUNING
    if not_plain(folder):
        return TuneStatus(False, "")
    return TuneStatus(worker.alive(worker.launched(folder)), without_paths(worker.tail(folder / worker.LOG)))


def start(root: Path, data: Path, *, trials: int, epochs: int, minutes: float) -> None:
    """Search on the packed data set `data` until the study under `root` has `trials` more trials.

    JobError while a run or a search is at work, if the data is gone, or is not that of the trials there are.
    """
    if not data.is_file():
        raise JobError(f"there is no data set {data.name}")
    root.mkdir(parents=True, exist_ok=True)
    with jobs.locked(root):
        jobs.refuse_while_active(root)
        folder = root / jobs.TUNING
        folder.mkdir(exist_ok=True)
        (folder / worker.LOG).unlink(missing_ok=True)
        storage = tune.default_storage(root)
        with tune.studying(storage) as study:
            known, wanted = study.user_attrs.get("data"), tune.ended(study) + trials
        if known is not None and known != GlyphSet.load(data).fingerprint():
            raise JobError("the trials so far were made on another data set: choose that one, or start over")
        worker.launch(folder, ["tune", "--storage", storage, "--data", str(data.resolve()), "--trials", str(wanted),
                               "--epochs", str(epochs), "--minutes", str(minutes)])  # fmt: skip


def stop(root: Path) -> None:
    """Ask the search to end after its step; the trial under way is lost. JobError if none is at work."""
    with jobs.locked(root):
        record = worker.launched(root / jobs.TUNING)
        if not worker.alive(record):
            raise JobError("no search is running")
        with suppress(ProcessLookupError):
            os.kill(record["pid"], signal.SIGTERM)


def start_over(root: Path) -> None:
    """Delete all trials. JobError while the search is at work."""
    with jobs.locked(root):
        if worker.may_run(worker.launched(root / jobs.TUNING)):
            raise JobError("the search is running; stop it first")
        tune.forget(tune.default_storage(root))
