"""What the Train tab shows at this moment, worked out from disk alone, so it is right in any tab and after any restart.

Plain values and HTML, no Gradio: `train.ui.train.tab` puts them into its parts.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontdemo.errors import FontdemoError, without_paths
from train.access import Access
from train.reproduce.report_curves import REPORT_CURVES
from train.runs import metrics
from train.runs.background import Launcher
from train.runs.folder import RunFolder, RunState, runs_in
from train.runs.summary import Summary, summaries
from train.ui.train import charts, runs_view

#: What the page says while there is no run.
WELCOME = "Press Start training: the page draws the fonts of this machine and trains a network on them."
CLOSED = "Training is off on this page. The runs below are there to look at."

#: After so many ticks everything is sent once more, in case an answer overtook another on its way.
_RENEW = 10


@dataclass
class View:
    """What one visitor looks at, kept for the session and changed in place.

    shown: the run that was chosen by name; "" follows the one at work, else the newest. ticked: runs whose curves are
    laid over each other. pinned: a drawing that waits for the next run. newest: the last epoch that the slider knows.
    sent: what each part of the page was last sent,
    so that only changes travel.
    """

    shown: str = ""
    ticked: set[str] = field(default_factory=set)
    sent: dict[str, Any] = field(default_factory=dict)
    pinned: NDArray[np.float32] | None = None
    newest: int = -1
    ticks: int = 0

    def news(self, parts: dict[str, Any]) -> dict[str, Any]:
        """Those of `parts` that differ from what was sent before."""
        self.ticks += 1
        if self.ticks % _RENEW == 0:
            self.sent.clear()
        fresh = {name: value for name, value in parts.items() if name not in self.sent or self.sent[name] != value}
        self.sent.update(fresh)
        return fresh


def find_run(root: Path, name: object) -> Path:
    """The folder of the run of this name, looked up among those that are there; FontdemoError if there is none.

    A name from a browser never becomes part of a path.
    """
    for folder in runs_in(root):
        if folder.name == name:
            return folder
    raise FontdemoError("There is no such run any more.")


def shown_run(runs: list[Summary], view: View) -> Summary | None:
    """The run that the visitor looks at: the chosen one, else the one at work, else the newest."""
    chosen = next((s for s in runs if s.name == view.shown), None)
    return chosen or next((s for s in runs if s.status.alive), None) or (runs[0] if runs else None)


def parts(launcher: Launcher, access: Access, view: View, recipe: str) -> dict[str, Any]:
    """Everything that may have changed, by the name of its part.

    access: the visitor's own. card, curves, log, table: HTML. start, stop, resume, read, push, pin: whether those
    buttons do something now.
    epochs: after which epochs the shown run looked at its pinned drawing. pinned: which run that is, and since when.
    """
    runs = summaries(launcher.root)
    shown = shown_run(runs, view)
    error = launcher.error
    if not access.manage:  # at home, where a path helps, it stays
        error = without_paths(error)
        if shown is not None:
            said = without_paths(shown.status.message), without_paths(shown.status.log_tail)
            shown = replace(shown, status=replace(shown.status, message=said[0], log_tail=said[1]))
    busy = any(s.status.alive for s in runs)
    preparing = launcher.preparing
    view.ticked &= {s.name for s in runs}
    if preparing is not None:
        card = runs_view.waiting_card(preparing.name, preparing.sentence, preparing.done, preparing.of)
    elif error and not busy:
        card = runs_view.empty_card(error, wrong=True)
    elif shown is None:
        card = runs_view.empty_card(WELCOME if access.train else CLOSED)
    else:
        card = runs_view.run_card(shown)
    laid = [s for s in runs if s.name in view.ticked and (shown is None or s.name != shown.name)]
    over = ([shown] if shown else []) + laid[: charts.MOST_RUNS - 1]
    folders = [s.status.folder for s in over]
    named = shown.recipe.name if shown else recipe
    epochs = max((s.recipe.epochs for s in over), default=15)
    idle = not busy and preparing is None
    own = {s.name for s in runs if access.owns(s.status.folder)}
    mine = shown is not None and shown.name in own
    running = shown is not None and shown.status.status == RunState.RUNNING
    resumable = shown if shown is not None and shown.status.resumable else None
    pinned_to = next((s for s in runs if s.status.alive), resumable)
    folder = shown.status.folder if shown else None
    return {
        "card": card,
        "curves": _curves(tuple((f, metrics.changed(f / metrics.METRICS)) for f in folders), epochs, named),
        "log": runs_view.log(shown.status.log_tail if shown else ""),
        "table": runs_view.runs_table(runs, shown.name if shown else "", view.ticked, own),
        "start": access.train and idle,
        "stop": access.starter(preparing.starter) if preparing is not None else mine and running,
        "resume": mine and idle and shown is not None and shown.status.resumable,
        "read": shown is not None and shown.has_best,
        "push": mine and shown is not None and shown.has_best,
        "pin": access.train and (pinned_to is None or preparing is not None or pinned_to.name in own),
        "epochs": RunFolder(folder).followed_epochs() if folder else [],
        "pinned": pinned_mark(folder),
    }


# Every visitor who looks at the same runs is shown the same curves, each second.
@functools.lru_cache(maxsize=16)
def _curves(runs: tuple[tuple[Path, tuple[int, int, int] | None], ...], epochs: int, recipe: str) -> str:
    """The charts of the runs in these folders; what tells that their metrics have changed goes with each."""
    curves = [charts.Curve(folder.name, metrics.read(folder).rows) for folder, _ in runs]
    return charts.charts(curves, epochs, REPORT_CURVES.get(recipe, ()))


def pinned_mark(folder: Path | None) -> tuple[str, int]:
    """Changes when another drawing is pinned or another run is shown."""
    if folder is None:
        return "", 0
    try:
        return folder.name, (folder / "pinned.npy").stat().st_mtime_ns
    except OSError:
        return folder.name, 0


def trained_networks(root: Path) -> dict[str, Path]:
    """The networks that the runs under `root` hold, for the list of networks to read with, newest first."""
    return {
        network_name(folder.name): folder / "best"
        for folder in runs_in(root)
        if (folder / "best" / "model.safetensors").is_file()
    }


def network_name(run_name: str) -> str:
    """How a run's network is called in the list of networks; no network that ships has a colon in its name."""
    return f"trained: {run_name}"
