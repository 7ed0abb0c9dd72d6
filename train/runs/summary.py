"""What a run's folder says, for people: how far it is, how fast, how good, and how long it still takes. Reads only."""

from __future__ import annotations

import functools
import json
import math
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from fontdemo.errors import FontdemoError
from fontdemo.files import answered
from fontdemo.network.network import Network
from train.loop.recipe import Recipe
from train.runs import metrics
from train.runs.folder import RunFolder, runs_in
from train.runs.jobs import RunStatus, status


@dataclass(frozen=True)
class Summary:
    """A run as the page shows it.

    at: epochs trained, with fractions. step: (step, steps) in the epoch under way, None at the end of one.
    seconds: trained so far, until now if it is at work.
    left: seconds still to go at the pace so far, at most to the time limit; None while that cannot be told.
    whole: seconds that all its epochs take at the pace so far, None likewise.
    images_per_second: of the last few steps; None before there are any. kept, peak: (epoch, validation
    accuracy) of the epoch with the lowest validation error, which is what best/ holds, and of that with the highest
    accuracy; None before one has ended, a fraction of the first where the run ended inside it. device: in words, ""
    if unknown.
    memory: bytes, 0 if unknown. has_best: whether there is a network to read with. skipped: odd lines of metrics.jsonl.
    """

    status: RunStatus
    recipe: Recipe
    created: float
    at: float
    step: tuple[int, int] | None
    seconds: float
    left: float | None
    whole: float | None
    images_per_second: float | None
    kept: tuple[float, float] | None
    peak: tuple[float, float] | None
    device: str
    memory: int
    parameters: int
    has_best: bool
    skipped: int

    @property
    def name(self) -> str:
        """The run's name."""
        return self.status.name

    @property
    def limit_at(self) -> float | None:
        """Epochs, with fractions, after which the time limit stops it at the pace so far; None if it comes to its end
        before, or that cannot be told. A limit that comes with the last epoch is none: paces are not that steady.
        """
        limit = 60 * self.recipe.minutes
        return None if self.whole is None or self.whole < 1.03 * limit else self.recipe.epochs * limit / self.whole

    @property
    def more_minutes(self) -> float:
        """The time limit with which it comes to its end at the pace so far, with a quarter of the rest to spare."""
        whole = self.whole or 60 * self.recipe.minutes
        rest = max(60.0, whole - self.seconds)
        return float(math.ceil((self.seconds + 1.25 * rest) / 60))

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """The rows of metrics.jsonl as they are now; read when asked for, since the page shows few runs' curves."""
        return metrics.read(self.status.folder).rows


@dataclass(frozen=True)
class Progress:
    """What the rows of metrics.jsonl come to; see `Summary`. seconds: of the last row. begun: there is one."""

    begun: bool
    at: float
    step: tuple[int, int] | None
    seconds: float
    images_per_second: float | None
    kept: tuple[float, float] | None
    peak: tuple[float, float] | None
    device: str
    memory: int
    skipped: int


def progress(folder: Path) -> Progress:
    """Of the run in `folder`; worked out anew only when its metrics have changed."""
    file = folder / metrics.METRICS
    return _progress(folder, metrics.changed(file))


# A small record a run: every run that a page keeps finds room.
@functools.lru_cache(maxsize=2048)
def _progress(folder: Path, _changed: tuple[int, int, int] | None) -> Progress:
    found = metrics.read(folder)
    rows = found.rows
    last: Mapping[str, Any] = rows[-1] if rows else {}
    paces = [row["images_per_second"] for row in rows[-12:] if _paced(row)][-5:]
    return Progress(
        begun=bool(rows),
        at=float(last.get("at", 0.0)),
        step=(last["step"], last["steps"]) if last.get("kind") == "step" else None,
        seconds=float(last.get("seconds", 0.0)),
        images_per_second=len(paces) / sum(1 / pace for pace in paces) if paces and all(paces) else None,
        kept=kept_epoch(rows),
        peak=peak_epoch(rows),
        device=last.get("device") or "",
        memory=last.get("memory") or 0,
        skipped=found.skipped,
    )


def summarize(folder: Path) -> Summary:
    """The summary of the run in `folder`; FontdemoError if there is none."""
    plan = RunFolder(folder).plan()
    stands = status(folder)
    so_far = progress(folder)
    seconds = max(so_far.seconds, stands.seconds)
    if stands.alive and so_far.begun:
        # Since the last row was written; a row that is older than the process is from before a break.
        seconds += max(0.0, time.time() - max(_changed(folder / metrics.METRICS), _changed(folder / "state.json")))
    whole = so_far.seconds / so_far.at * plan.recipe.epochs if so_far.at > 0 else None
    return Summary(
        status=stands,
        recipe=plan.recipe,
        created=plan.created,
        at=so_far.at,
        step=so_far.step,
        seconds=seconds,
        left=None if whole is None else max(0.0, min(whole, plan.recipe.minutes * 60) - seconds),
        whole=whole,
        images_per_second=so_far.images_per_second,
        kept=so_far.kept,
        peak=so_far.peak,
        device=so_far.device,
        memory=so_far.memory,
        parameters=_parameters(plan.recipe.architecture, plan.recipe.alphabet, json.dumps(plan.recipe.options)),
        has_best=RunFolder(folder).has_best,
        skipped=so_far.skipped,
    )


def summaries(root: Path) -> list[Summary]:
    """The summaries of the runs under `root`, newest first; what vanishes meanwhile is left out, and all where the disk
    stalls.
    """

    def look() -> list[Summary]:
        found = []
        for folder in runs_in(root):
            with suppress(FontdemoError):
                found.append(summarize(folder))
        return found

    with suppress(TimeoutError):
        return answered(root, look)
    return []


def _paced(row: Mapping[str, Any]) -> bool:
    """Whether this row says how fast the last steps were."""
    return row["kind"] == "step" and not metrics.is_unfinished(row)


def kept_epoch(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float] | None:
    """(epoch, validation accuracy) of the epoch with the lowest validation error, which is kept; None before one.

    Of equals the first; its accuracy need not be the highest: that is `peak_epoch`'s. Of a run that ended inside its
    first epoch, the fraction of it after which it did.
    """
    epochs = _validated(rows)
    return _at(min(epochs, key=lambda row: row["valid_error"])) if epochs else None


def peak_epoch(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float] | None:
    """(epoch, validation accuracy) of the epoch with the highest validation accuracy, the first of equals, or None."""
    epochs = _validated(rows)
    return _at(max(epochs, key=lambda row: row["valid_accuracy"])) if epochs else None


def _validated(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows of epochs; before one has ended, that of where the run did."""
    return [row for row in rows if row["kind"] == "epoch"] or [row for row in rows if metrics.is_unfinished(row)]


def _at(row: Mapping[str, Any]) -> tuple[float, float]:
    return round(row["at"]) if row["kind"] == "epoch" else row["at"], float(row["valid_accuracy"])


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


@functools.lru_cache(maxsize=64)
def _parameters(architecture: str, alphabet: str, options: str) -> int:
    """Trainable parameters of such a network, or 0 if the settings make none."""
    try:
        with torch.device("meta"):  # shapes only, no memory and no random numbers
            return Network(architecture, alphabet, json.loads(options)).parameter_count
    except Exception:  # torch has many ways to refuse odd settings
        return 0
