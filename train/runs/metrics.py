"""The rows of a run's metrics.jsonl, each checked as it is read: an odd one is left out and counted, never passed on.

Read once for as long as the file does not change: the page looks at every run each second, for each visitor.
"""

from __future__ import annotations

import dataclasses
import json
import math
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from fontdemo.files import atomic_write, open_plain
from train.files import parse_json
from train.loop.device import device_name, memory_used
from train.loop.evaluate import Evaluation
from train.loop.fit import Epoch, Fit, Step

#: The file's name in a run's folder.
METRICS = "metrics.jsonl"

#: A longer file is read no further.
MOST_BYTES = 64 * 2**20

# A larger number is no time, no size and no count of ours.
_MOST = 1e15

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Metrics:
    """rows: the whole ones, oldest first; not to be changed. skipped: lines that hold none."""

    rows: tuple[Row, ...] = ()
    skipped: int = 0


def event_row(event: Step | Epoch, device: torch.device) -> Row:
    """An event's row: kind, the event's fields, `at`: epochs trained, with fractions; device, memory: bytes."""
    fields = {**dataclasses.asdict(event), "device": device_name(device), "memory": memory_used(device)}
    if isinstance(event, Step):
        return {"kind": "step", "at": event.epoch - 1 + event.step / event.steps, **fields}
    best = None if event.previous_best == float("inf") else event.previous_best  # JSON knows no infinity
    return {"kind": "epoch", "at": event.epoch, **fields, "previous_best": best}


def unfinished_row(fit: Fit, result: Evaluation) -> Row:
    """The row of where `fit` ended inside an epoch: a step's, means over the epoch so far, with what the whole
    validation part gives (`result`).
    """
    images = max(1, fit.step * fit.recipe.batch)
    error, accuracy = (total / images for total in fit.stepper.sums.tolist()[:2])
    step = Step(
        fit.epoch + 1, fit.step, fit.steps, error, accuracy, result.accuracy, images / max(fit.seconds, 0.001),
        fit.seconds,
    )  # fmt: skip
    return event_row(step, fit.device) | {"valid_error": result.error}


def line(row: Mapping[str, Any]) -> str:
    """A row as it stands in the file."""
    return json.dumps(row) + "\n"


def append(folder: Path, row: Row) -> None:
    """Add a row to the metrics of the run in `folder`."""
    with open(folder / METRICS, "a", encoding="utf-8") as rows:
        rows.write(line(row))


def forget_after(folder: Path, at: float) -> None:
    """Drop the rows from beyond `at` epochs, from where training goes on: they are as those of an unbroken run."""
    kept = [row for row in read(folder).rows if row["at"] <= at and not is_unfinished(row)]
    with atomic_write(folder / METRICS) as fresh:
        fresh.write_text("".join(line(row) for row in kept), encoding="utf-8")


def is_unfinished(row: Mapping[str, Any]) -> bool:
    """Whether this is an `unfinished_row`."""
    return row["kind"] == "step" and row.get("valid_error") is not None


def read(folder: Path) -> Metrics:
    """The metrics of the run in `folder`; none if there is no such file. A last line without an end is still being
    written: it does not count yet.
    """
    file = folder / METRICS
    key = changed(file)
    return Metrics() if key is None else _read(file, key)


def changed(file: Path) -> tuple[int, int, int] | None:
    """What differs whenever the content of a file that is only appended to or replaced does; None for no file."""
    try:
        found = file.lstat()
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size) if stat.S_ISREG(found.st_mode) else None


# As many runs as a page shows curves of, several times over; what is said of all runs is kept in `train.runs.summary`.
@lru_cache(maxsize=32)
def _read(file: Path, _changed: tuple[int, int, int]) -> Metrics:
    try:
        with open_plain(file) as opened:
            lines = opened.read(MOST_BYTES).split(b"\n")
    except OSError:
        return Metrics()
    rows = [checked(line) for line in lines[:-1]]
    whole = tuple(row for row in rows if row is not None)
    return Metrics(whole, len(rows) - len(whole))


# A run at work adds a line to hundreds that are known: those are not read again.
@lru_cache(maxsize=4096)
def checked(line: bytes) -> Row | None:
    """The row in a line, if it is one with all that a row must have; an error that is no number counts as infinite."""
    try:
        row = parse_json(line)
    except ValueError:
        return None
    if not isinstance(row, dict):
        return None
    kind = row.get("kind")
    fields = _FIELDS.get(kind) if isinstance(kind, str) else None
    if fields is None:
        return None
    for name in ("train_error", "valid_error"):
        if isinstance(row.get(name), float) and not math.isfinite(row[name]):  # the training came apart; that is news
            row[name] = math.inf
    return row if all(fits(row.get(name)) for name, fits in fields.items()) else None


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= _MOST


def _whole(value: object) -> bool:
    return isinstance(value, int) and _number(value)


def _fraction(value: object) -> bool:
    return _number(value) and value <= 1  # type: ignore[operator]  # a number, as was just seen


def _error(value: object) -> bool:
    return value == math.inf or _number(value)


def _or_none(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or fits(value)


def _text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 200


_BOTH: dict[str, Callable[[object], bool]] = {
    "at": _number, "epoch": _whole, "train_error": _error, "train_accuracy": _fraction, "seconds": _number,
    "device": _or_none(_text), "memory": _or_none(_whole),
}  # fmt: skip

# What a row of each kind must hold; more does no harm.
_FIELDS = {
    "step": _BOTH | {
        "step": _whole, "steps": _whole, "images_per_second": _number, "valid_accuracy": _or_none(_fraction),
        "valid_error": _or_none(_error),
    },
    "epoch": _BOTH | {"valid_error": _error, "valid_accuracy": _fraction, "previous_best": _or_none(_error)},
}  # fmt: skip
