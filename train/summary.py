"""What a run's folder says, gathered for people: how far it is, how fast, how good, how long still. Reads only."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from fontdemo.errors import FontdemoError
from fontdemo.networks import Network
from train import run
from train.job import RunStatus, status
from train.recipe import Recipe


@dataclass(frozen=True)
class Summary:
    """A run as the page shows it.

    rows: of metrics.jsonl. at: epochs trained, with fractions. seconds: trained so far, until now if it is at work.
    left: seconds still to go at the pace so far, at most to the time limit; None while that cannot be told.
    images_per_second: of the last few steps; None before there are any. kept, peak: (epoch, validation
    accuracy) of the epoch with the lowest validation error, which is what best/ holds, and of that with the highest
    accuracy; None before one has ended. device: in words, "" if unknown.
    memory: bytes, 0 if unknown. has_best: whether there is a network to read with.
    """

    status: RunStatus
    recipe: Recipe
    created: float
    rows: Sequence[Mapping[str, Any]]
    at: float
    seconds: float
    left: float | None
    images_per_second: float | None
    kept: tuple[int, float] | None
    peak: tuple[int, float] | None
    device: str
    memory: int
    parameters: int
    has_best: bool

    @property
    def name(self) -> str:
        """The run's name."""
        return self.status.name


def summarize(folder: Path) -> Summary:
    """The summary of the run in `folder`; FontdemoError if there is none."""
    plan = run.read_plan(folder)
    stands = status(folder)
    rows = run.read_metrics(folder)
    last = rows[-1] if rows else None
    at = float(last["at"]) if last else 0.0
    seconds = float(last["seconds"]) if last else 0.0
    if stands.alive and last:
        # Since the last row was written; a row that is older than the process is from before a break.
        seconds += max(0.0, time.time() - max(_changed(folder / "metrics.jsonl"), _changed(folder / "state.json")))
    paces = [row["images_per_second"] for row in rows[-12:] if row["kind"] == "step"][-5:]
    return Summary(
        status=stands,
        recipe=plan.recipe,
        created=plan.created,
        rows=rows,
        at=at,
        seconds=seconds,
        left=_left(plan.recipe, at, float(last["seconds"]) if last else 0.0, seconds),
        images_per_second=len(paces) / sum(1 / pace for pace in paces) if paces and all(paces) else None,
        kept=kept_epoch(rows),
        peak=peak_epoch(rows),
        device=str(last.get("device", "")) if last else "",
        memory=int(last.get("memory", 0)) if last else 0,
        parameters=_parameters(plan.recipe.architecture, plan.recipe.alphabet, json.dumps(plan.recipe.options)),
        has_best=(folder / "best" / "model.safetensors").is_file(),
    )


def summaries(root: Path) -> list[Summary]:
    """The summaries of the runs under `root`, newest first; what vanishes meanwhile is left out."""
    found = []
    for folder in run.runs_in(root):
        try:
            found.append(summarize(folder))
        except FontdemoError:
            continue
    return found


def kept_epoch(rows: Sequence[Mapping[str, Any]]) -> tuple[int, float] | None:
    """(epoch, validation accuracy) of the epoch with the lowest validation error, which is kept; None before one.

    Of equals the first; its accuracy need not be the highest: that is `peak_epoch`'s.
    """
    epochs = [row for row in rows if row["kind"] == "epoch"]
    return _at(min(epochs, key=lambda row: row["valid_error"])) if epochs else None


def peak_epoch(rows: Sequence[Mapping[str, Any]]) -> tuple[int, float] | None:
    """(epoch, validation accuracy) of the epoch with the highest validation accuracy, the first of equals, or None."""
    epochs = [row for row in rows if row["kind"] == "epoch"]
    return _at(max(epochs, key=lambda row: row["valid_accuracy"])) if epochs else None


def _at(row: Mapping[str, Any]) -> tuple[int, float]:
    return round(row["at"]), float(row["valid_accuracy"])


def _left(recipe: Recipe, at: float, trained: float, now: float) -> float | None:
    """trained: seconds that `at` epochs took; now: seconds trained by now."""
    if at <= 0:
        return None
    whole = min(trained / at * recipe.epochs, recipe.minutes * 60)
    return max(0.0, whole - now)


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
    except (FontdemoError, ValueError):
        return 0
