"""The report's experiments, run one after another on the same data, and their results gathered for comparison.

Every run is a process of its own with a folder of its own (`train.runs.folder`), so an interrupted series goes on where
it ended. The table and the figure are made in `train.reproduce.tables`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from train.data.glyphset import GlyphSet
from train.loop.recipe import get_recipe
from train.reproduce.report_curves import REPORT_CURVES, REPORT_MINUTES
from train.run_state import RunState
from train.runs.folder import RunFolder

#: The report's limit of 15 minutes is for its T4; here every run may take what it needs.
MINUTES = 600.0


@dataclass(frozen=True)
class Experiment:
    """recipe: its name. title: what the report changed. families: trained on the set that is split by families."""

    recipe: str
    title: str
    families: bool = False

    @property
    def name(self) -> str:
        """Under which its runs and results go."""
        return f"{self.recipe}-families" if self.families else self.recipe


#: In the report's order; then the one that it shows as a picture only, and its final network on unseen families.
EXPERIMENTS = (
    Experiment("report-1-crnn", "CRNN"),
    Experiment("report-2-relu", "CNN with ReLU, learning rate 0.001"),
    Experiment("report-3-elu-silu", "ELU and SiLU for ReLU, a sigmoid after FC2"),
    Experiment("report-4-slower", "learning rate 0.0002"),
    Experiment("report-5-silu", "SiLU for ELU: the final network"),
    Experiment("report-unstable", "the final network at 0.001"),
    Experiment("report-5-silu", "the final network, families it never saw", families=True),
)

#: Called with the fraction 0..1 of all epochs that are trained.
Watch = Callable[[float], None]


@dataclass(frozen=True)
class Task:
    """One run to do: an experiment with one seed on one data set, into a folder."""

    experiment: Experiment
    seed: int
    data: Path
    folder: Path

    def done(self) -> bool:
        """Whether the run has finished."""
        return bool(RunFolder(self.folder).state()["status"] == RunState.FINISHED)

    def fraction(self) -> float:
        """How much of it is trained, 0..1."""
        rows = RunFolder(self.folder).metrics()
        return min(1.0, rows[-1]["at"] / get_recipe(self.experiment.recipe).epochs) if rows else 0.0

    def command(self, device: str) -> list[str]:
        """The command line that begins the run, or goes on with it."""
        start = [sys.executable, "-m", "train", "run", "--run", str(self.folder)]
        if (self.folder / "recipe.json").exists():
            return [*start, "--resume"]
        return [*start, "--recipe", self.experiment.recipe, "--data", str(self.data), "--seed", str(self.seed),
                "--minutes", str(MINUTES), "--device", device]  # fmt: skip


def tasks(
    runs: Path, data: Path, families: Path | None, seeds: int, only: Sequence[str] = ()
) -> list[Task]:
    """The runs of every experiment with seeds 0 .. seeds-1; those on families only where there is such a set.

    only: names of experiments; all unless given. FontdemoError for a name that there is not.
    """
    unknown = set(only) - {experiment.name for experiment in EXPERIMENTS}
    if unknown:
        raise FontdemoError(f"There is no experiment {sorted(unknown)[0]!r}; there are "
                            f"{', '.join(experiment.name for experiment in EXPERIMENTS)}.")  # fmt: skip
    found = []
    for experiment in EXPERIMENTS:
        file = families if experiment.families else data
        if file is not None and (not only or experiment.name in only):
            found += [Task(experiment, seed, file, runs / f"{experiment.name}-{seed}") for seed in range(seeds)]
    return found


def check(found: Sequence[Task]) -> None:
    """FontdemoError if a folder holds a run of something other than its task, or a data set is not split as it must."""
    sets = {task.data: GlyphSet.load(task.data) for task in found}
    for task in found:
        wanted = "families" if task.experiment.families else "random"
        if sets[task.data].split_rule != wanted:
            raise FontdemoError(f"{task.data.name} must be split by {wanted}, and is split by "
                                f"{sets[task.data].split_rule}.")  # fmt: skip
        if not (task.folder / "recipe.json").exists():
            continue
        plan = RunFolder(task.folder).plan()
        recipe = get_recipe(task.experiment.recipe).changed(seed=task.seed, minutes=MINUTES)
        if plan.recipe != recipe or plan.fingerprint not in ("", sets[task.data].fingerprint()):
            raise FontdemoError(f"{task.folder} holds a run of another recipe or of other data; move it away.")


def perform(found: Sequence[Task], *, jobs: int = 1, device: str = "auto", watch: Watch | None = None) -> None:
    """Do what is not done yet of the tasks, `jobs` at a time, each with its share of the cores.

    Two runs with one thread each do more than one after another with two. FontdemoError, naming the run and the end of
    its log, if one fails; the others are finished first.
    """
    waiting = [task for task in found if not task.done()]
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(found, ended, watch), daemon=True)
    watcher.start()
    try:
        with ThreadPoolExecutor(jobs) as pool:
            faults = [fault for fault in pool.map(lambda task: _perform(task, jobs, device), waiting) if fault]
    finally:
        ended.set()
        watcher.join()
    if faults:
        raise FontdemoError("; ".join(faults))


def _perform(task: Task, jobs: int, device: str) -> str:
    """Run the task's command; what went wrong, or ""."""
    threads = str(max(1, (os.cpu_count() or 1) // jobs))
    done = subprocess.run(
        task.command(device), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": threads},
    )  # fmt: skip
    if done.returncode == 0 and task.done():
        return ""
    lines = [line for line in done.stderr.replace("\r", "\n").splitlines() if line.strip()]
    return f"{task.folder.name} did not finish: {lines[-1] if lines else RunFolder(task.folder).state()['status']}"


def _watch(found: Sequence[Task], ended: threading.Event, watch: Watch | None) -> None:
    while watch is not None:
        watch(sum(task.fraction() for task in found) / len(found))
        if ended.wait(1.0):
            watch(sum(task.fraction() for task in found) / len(found))
            return


def results(found: Sequence[Task]) -> dict[str, Any]:
    """What came of the tasks that are done, with the report's figures beside ours; what `-o` writes as JSON.

    Errors are mean cross entropies (nats), accuracies fractions of 0..1, sizes bytes. The epoch is that of the lowest
    validation error, which is the one whose weights were saved, as in the report.
    """
    experiments = []
    for experiment in EXPERIMENTS:
        mine = [task for task in found if task.experiment == experiment and task.done()]
        if mine:
            experiments.append(_experiment(experiment, mine))
    sets = {}
    for task in found:
        if str(task.data) not in sets:
            data = GlyphSet.load(task.data)
            sets[task.data.name] = {
                "fingerprint": data.fingerprint(), "layout": data.layout, "split": data.split_rule, "seed": data.seed,
                "train": len(data.part("train")[1]), "valid": len(data.part("valid")[1]),
            }  # fmt: skip
    return {"made": time.strftime("%Y-%m-%d"), "torch": torch.__version__, "report_minutes": REPORT_MINUTES,
            "data": sets, "experiments": experiments}  # fmt: skip


def _experiment(experiment: Experiment, mine: Sequence[Task]) -> dict[str, Any]:
    ours = [_run(task) for task in mine]
    printed = REPORT_CURVES.get(experiment.recipe, ()) if not experiment.families else ()
    best = min(printed, key=lambda point: point.valid_error, default=None)
    accuracies = [each["valid_accuracy"] for each in ours]
    return {
        "name": experiment.name,
        "title": experiment.title,
        "report": vars(best) if best else None,
        "ours": ours,
        "valid_accuracy": statistics.mean(accuracies),
        "spread": statistics.stdev(accuracies) if len(accuracies) > 1 else None,
        "parameters": pretrained.load(mine[0].folder / "best").parameter_count,
        "bytes": (mine[0].folder / "best" / pretrained.MODEL).stat().st_size,
    }


def _run(task: Task) -> dict[str, Any]:
    epochs = [row for row in RunFolder(task.folder).metrics() if row["kind"] == "epoch"]
    best = min(epochs, key=lambda row: row["valid_error"])
    kept = {key: best[key] for key in ("epoch", "train_error", "train_accuracy", "valid_error", "valid_accuracy")}
    return {"seed": task.seed, **kept, "minutes": epochs[-1]["seconds"] / 60, "device": best["device"],
            "curve": [[row["train_accuracy"], row["valid_accuracy"]] for row in epochs]}  # fmt: skip
