"""What the Train tab shows now, worked out from disk alone, so it is right in any tab and after any restart.

Plain values and HTML, no Gradio: `train.ui.train.tab` puts them into its parts.
"""

from __future__ import annotations

import functools
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontdemo.errors import FontdemoError, without_paths
from fontdemo.files import answered
from train.access import Access
from train.loop.recipe import RECIPES, get_recipe
from train.reproduce.report_curves import REPORT_CURVES
from train.run_state import RunState
from train.runs import metrics
from train.runs.background import Launcher
from train.runs.folder import RunFolder, runs_in
from train.runs.start.line import Place
from train.runs.summary import Summary, summaries
from train.ui.train import charts, choices, pinned_view, recordings, runs_view
from train.ui.train.recordings import Recording

#: What the page says while there is no run.
WELCOME = "Press Start to train a network from scratch on this machine while you watch, or play back a recording."
CLOSED = "Training is off on this page. You can look at the runs below."

# The same network: its curve in the report stands behind.
_AS_IN_THE_REPORT = {"quick": "report"}

#: After so many ticks, or seconds on a busy machine, everything is sent once more: an answer may be lost on its way.
_RENEW, _RENEW_SECONDS = 10, 15.0


@dataclass
class View:
    """What one visitor looks at, kept for the session and changed in place.

    shown: the run that was chosen by name; "" follows the one at work, else the newest. ticked: runs whose curves
    are laid over each other. pinned: a drawing that waits for the next run. epoch: whose maps are open. linear: the
    axes of the curves. designed: another tab's network is the one to train, so no card is marked. recording: the
    name of the one that plays, plays: how many have. sent: what each part of the page was last sent, so that only
    changes travel; answer: the number of the answer that was. renewed: when, by the monotonic clock, everything was
    sent.
    """

    shown: str = ""
    ticked: set[str] = field(default_factory=set)
    sent: dict[str, Any] = field(default_factory=dict)
    pinned: NDArray[np.float32] | None = None
    epoch: int = -1
    linear: bool = False
    designed: bool = False
    recording: str = ""
    plays: int = 0
    ticks: int = 0
    answer: int = 0
    renewed: float = field(default_factory=monotonic)

    @property
    def play(self) -> int:
        """1 or 2 in turn: what `pinned_view.followed_strip` tells one play of a recording from the next by."""
        return 1 + self.plays % 2

    def news(self, parts: dict[str, Any], has: object = None) -> dict[str, Any]:
        """Those of `parts` that differ from what was sent before, with the number of this `answer`; {} if none do.

        has: that of the newest answer that the browser has, None if it does not say. All is sent once more if that is
        not the last one: it is lost, or on its way, and two may overtake each other.
        """
        self.ticks += 1
        if has is not None and has != self.answer:
            self.sent.clear()
        if self.ticks % _RENEW == 0 or monotonic() - self.renewed > _RENEW_SECONDS:
            self.sent.clear()
            self.renewed = monotonic()
        fresh = {name: value for name, value in parts.items() if name not in self.sent or self.sent[name] != value}
        self.sent.update(fresh)
        if not fresh:
            return {}
        self.answer += 1
        return fresh | {"answer": self.answer}


def find_run(root: Path, name: object) -> Path:
    """The folder of the run of this name, looked up among those that are there; FontdemoError if there is none.

    A name from a browser never becomes part of a path.
    """
    for folder in runs_in(root):
        if folder.name == name:
            return folder
    raise FontdemoError("This run is gone. Choose another one.")


def shown_run(runs: list[Summary], view: View) -> Summary | None:
    """The run that the visitor looks at: the chosen one, else the one at work, else the newest."""
    chosen = next((s for s in runs if s.name == view.shown), None)
    return chosen or next((s for s in runs if s.status.alive), None) or (runs[0] if runs else None)


def parts(launcher: Launcher, access: Access, view: View, recipe: str) -> dict[str, Any]:
    """Everything that may have changed, by the name of its part.

    access: the visitor's own. choices, card, curves, follow, log, recordings, table: HTML. start, stop, resume, read,
    push, pin: whether those buttons do something now. soon: whether one's own run is about to show its first point.
    """
    runs, own = _runs(launcher.root, access)
    shown = shown_run(runs, view)
    if shown is not None and not access.manage:  # at home, where a path helps, it stays
        said = without_paths(shown.status.message), without_paths(shown.status.log_tail)
        shown = replace(shown, status=replace(shown.status, message=said[0], log_tail=said[1]))
    preparing, active = launcher.preparing, next((s for s in runs if s.status.alive), None)
    idle = active is None and preparing is None
    view.ticked &= {s.name for s in runs}
    known = recordings.recordings()
    playing = recordings.named(known, view.recording)
    place = launcher.line.place(access.browser)
    folder = shown.status.folder if shown else None
    if playing is not None:
        curves = recordings.curves(playing, view.plays, view.linear)
    else:
        laid = [s for s in runs if s.name in view.ticked and (shown is None or s.name != shown.name)]
        over = ([shown] if shown else []) + laid[: charts.MOST_RUNS - 1]
        folders = tuple((s.status.folder, metrics.changed(s.status.folder / metrics.METRICS)) for s in over)
        epochs = max((s.recipe.epochs for s in over), default=get_recipe(recipe).epochs if recipe in RECIPES else 15)
        curves = _curves(folders, epochs, shown.recipe.name if shown else recipe, view.linear)
    mine = shown is not None and shown.name in own
    running = shown is not None and shown.status.status == RunState.RUNNING
    resumable = shown if shown is not None and goes_on(shown, access) else None
    pinned_to = active or resumable
    begins = active is not None and not active.at and active.name in own
    starting = access.starter(preparing.starter) if preparing is not None else begins
    return {
        "choices": choices.cards("" if view.designed else recipe, launcher.standby, access),
        "card": _card(launcher, access, shown, active, playing, place, mine and idle),
        "curves": curves,
        # A drawing is its drawer's; that of a recording is everyone's.
        "follow": (
            _recorded(view, playing) if playing is not None
            else _followed(view, folder if mine and preparing is None else None)
        ),
        "log": runs_view.log(shown.status.log_tail if shown else ""),
        "recordings": recordings.row(known, playing.name if playing else ""),
        "table": runs_view.runs_table(runs, shown.name if shown else "", view.ticked, own),
        "start": access.train and (idle or not access.manage) and place is None,
        "stop": place is not None or (starting if preparing is not None else mine and running),
        "resume": mine and idle and resumable is not None,
        "read": shown is not None and shown.has_best and shown.kept is not None and preparing is None,
        "push": mine and shown is not None and shown.has_best,
        "pin": (
            access.train and playing is None
            and (pinned_to is None or preparing is not None or pinned_to.name in own)
        ),
        "soon": starting,
    }


def _runs(root: Path, access: Access) -> tuple[list[Summary], set[str]]:
    """The runs, and the names of those that are the visitor's; none where the disk stalls."""

    def look() -> tuple[list[Summary], set[str]]:
        runs = summaries(root)
        return runs, {s.name for s in runs if access.owns(s.status.folder)}

    with suppress(TimeoutError):
        return answered(root, look)
    return [], set()


def _card(
    launcher: Launcher, access: Access, shown: Summary | None, active: Summary | None, playing: Recording | None,
    place: Place | None, mine: bool,
) -> str:  # fmt: skip
    """How things stand, in a card. mine: whether the visitor may go on with the run that is shown."""
    preparing = launcher.preparing
    error = launcher.error if access.manage else without_paths(launcher.error)
    if place is not None:
        left = active.left if active is not None and active.left is not None else 0.0
        return runs_view.waiting_card(place.name, place.sentence(left), 0, 0, "in line")
    if preparing is not None:
        return runs_view.waiting_card(preparing.name, preparing.sentence, preparing.done, preparing.of)
    if playing is not None:
        return runs_view.recording_card(playing.title, playing.sentence())
    if error and active is None:
        return runs_view.empty_card(error, wrong=True)
    if shown is None:
        return runs_view.empty_card(WELCOME if access.train else CLOSED)
    return runs_view.run_card(shown, more_minutes(shown, access) if mine else None)


def goes_on(summary: Summary, access: Access) -> bool:
    """Whether this visitor's Resume would go on with a run, if it is the visitor's and none is at work."""
    limited = summary.status.status == RunState.TIME_LIMIT
    return summary.status.resumable and (not limited or more_minutes(summary, access) is not None)


def more_minutes(summary: Summary, access: Access) -> float | None:
    """The time limit with which this visitor may go on with a run that has reached its own; None for any other run,
    and where no more is allowed.
    """
    if summary.status.status != RunState.TIME_LIMIT:
        return None
    most = min(summary.more_minutes, access.limits.minutes)
    return most if 60 * most > summary.seconds + 30 else None


def _recorded(view: View, playing: Recording) -> str:
    """The strip of the recording that plays; empty where nothing was drawn for it."""
    return _strip(playing.folder, None, view.epoch, view.play) if recordings.follows(playing) else ""


def _followed(view: View, folder: Path | None) -> str:
    if view.pinned is not None:
        return pinned_view.waiting_strip(view.pinned)
    if folder is None:
        return pinned_view.followed_strip(None, 0)
    changed = tuple(metrics.changed(folder / name) for name in ("pinned.npy", "pinned/within.jsonl"))
    return _strip(folder, (*changed, tuple(RunFolder(folder).followed_epochs())), view.epoch)


@functools.lru_cache(maxsize=64)
def _strip(folder: Path, _changed: object, epoch: int, play: int = 0) -> str:
    return pinned_view.followed_strip(folder, epoch, play)


# Every visitor who looks at the same runs is shown the same curves, each second.
@functools.lru_cache(maxsize=16)
def _curves(runs: tuple[tuple[Path, tuple[int, int, int] | None], ...], epochs: int, recipe: str, linear: bool) -> str:
    """The charts of the runs in these folders; with each goes what differs once its metrics have changed."""
    curves = [charts.Curve(folder.name, metrics.read(folder).rows) for folder, _ in runs]
    return charts.charts(curves, epochs, REPORT_CURVES.get(_AS_IN_THE_REPORT.get(recipe, recipe), ()), linear=linear)


def trained_networks(root: Path) -> dict[str, Path]:
    """The networks that the runs under `root` hold, for the list of networks to read with, newest first."""
    with suppress(TimeoutError):
        folders = answered(root, lambda: [folder for folder in runs_in(root) if RunFolder(folder).has_best])
        return {network_name(folder.name): folder / "best" for folder in folders}
    return {}


def network_name(run_name: str) -> str:
    """How a run's network is called in the list of networks; no network that ships has a colon in its name."""
    return f"trained: {run_name}"
