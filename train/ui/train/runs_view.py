"""A run and the list of runs as HTML: how it stands, its log, the table. Pure functions.

The HTML is in train/ui/templates/train, its style in train.css; what the table's buttons do is in runs.js.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence

from fontdemo.ui.html import duration, memory, percent, render
from train.loop.recipe import RECIPES
from train.run_state import RunState
from train.runs.start.line import about
from train.runs.summary import Summary

#: How a run stands, in words.
STATES: dict[str, str] = {
    RunState.NEW: "not started",
    RunState.RUNNING: "training",
    RunState.STOPPING: "stopping",
    RunState.FINISHED: "finished",
    RunState.STOPPED: "stopped",
    RunState.TIME_LIMIT: "time limit",
    RunState.EARLY_STOP: "early stop",
    RunState.CRASHED: "crashed",
}

_SENTENCES: dict[str, str] = {
    RunState.NEW: "It has not started.",
    RunState.RUNNING: "You can close this page: training goes on, and the page finds it again.",
    RunState.STOPPING: "It finishes its step and saves.",
    RunState.FINISHED: "All epochs are done. The epoch with the lowest validation error is kept.",
    RunState.STOPPED: "Stopped. Its best network is kept, and it can be resumed from here.",
    RunState.TIME_LIMIT: "The time limit was reached. Its best network is kept.",
    RunState.EARLY_STOP: "Stopped early: the validation error stopped falling.",
}

#: Where no epoch has ended, so that none is kept.
_EARLY: dict[str, str] = {
    RunState.STOPPED: "Stopped before the first epoch ended. What it has is kept, and it can be resumed from here.",
    RunState.TIME_LIMIT: "The time limit was reached before the first epoch ended. What it has is kept.",
}


def run_card(summary: Summary, more: float | None = None) -> str:
    """How a run stands: name, state, progress, numbers; what went wrong with the last log lines where it crashed.

    more: the time limit, in minutes, that the visitor may give a run that has reached its own; None for none.
    """
    stands, recipe = summary.status, summary.recipe
    part = min(1.0, summary.at / recipe.epochs)
    crash, lines, sentences = "", "", []
    if stands.status == RunState.CRASHED:
        crash = f"It crashed: {stands.message}. It can be resumed from its last saved state."
        lines = "\n".join(stands.log_tail.splitlines()[-8:])
    else:
        now = f"{phase(summary)}. " if stands.status == RunState.RUNNING else ""
        early = {} if _whole_kept(summary) else _EARLY
        sentences.append(now + (early.get(stands.status) or _SENTENCES.get(stands.status, "")))
    limit = f"{summary.recipe.minutes:g}-minute limit"
    if stands.alive and summary.limit_at is not None:
        end = f"about epoch {summary.limit_at:.1f} of {recipe.epochs}"
        sentences.append(f"At this pace it stops at its {limit}, at {end}. What it has by then is kept.")
    if stands.status == RunState.TIME_LIMIT and more is not None:
        sentences.append(f"Resume goes on from here, with a limit of {about(60 * more).removeprefix('about ')}.")
    if summary.skipped:
        odd = "1 line" if summary.skipped == 1 else f"{summary.skipped:,} lines"
        sentences.append(f"{odd} of its metrics can't be read and are left out.")
    left = "–"
    if stands.alive and summary.left is not None:
        left = f"about {duration(summary.left)}" + (", to its limit" if summary.limit_at is not None else "")
    pace = f"{summary.images_per_second:,.0f}" if summary.images_per_second else "–"
    facts = [
        ("Epoch", f"{_epoch(summary)} of {recipe.epochs}"),
        ("Images/s", pace),
        ("Trained", duration(summary.seconds)),
        ("Left", left),
        ("Device", summary.device or "–"),
        ("Memory", memory(summary.memory) if summary.memory else "–"),
    ]
    state = STATES.get(stands.status, stands.status)
    return _card(
        summary.name, stands.status, state, part, sentences, facts=facts, kept=_kept(summary), crash=crash, log=lines
    )


def phase(summary: Summary) -> str:
    """What a run is doing now: epoch 1, step 40 of 832, 2,027 images/s."""
    if not summary.at:
        return "Reading the data, taking the first steps"
    if summary.step is None:
        return f"Epoch {min(summary.recipe.epochs, _epoch(summary) + 1)} begins"
    pace = f", {summary.images_per_second:,.0f} images/s" if summary.images_per_second else ""
    return f"Epoch {_epoch(summary)}, step {summary.step[0]:,} of {summary.step[1]:,}{pace}"


def _epoch(summary: Summary) -> int:
    """The one under way, else the last one that ended: a whole number."""
    return math.ceil(summary.at)


def _kept(summary: Summary) -> dict[str, str]:
    """Which epoch is kept and how well it reads, and apart from it the epoch that read best."""
    if summary.kept is None or summary.peak is None:
        return {"kept": "Kept: none yet", "peak": ""}
    (kept, accuracy), (peak, highest) = summary.kept, summary.peak
    if not _whole_kept(summary):
        return {"kept": f"Kept: what it had at epoch {kept:.2g}, {percent(accuracy, 2)}", "peak": ""}
    return {
        "kept": f"Kept: epoch {kept}, {percent(accuracy, 2)} (lowest error)",
        "peak": "" if peak == kept else f"Highest accuracy: epoch {peak}, {percent(highest, 2)}",
    }


def _whole_kept(summary: Summary) -> bool:
    """Whether what is kept is of the end of an epoch."""
    return summary.kept is not None and isinstance(summary.kept[0], int)


def recording_card(title: str, sentence: str) -> str:
    """A recording that plays: no run of this machine."""
    return _card(title, "recording", "recording", 1.0, [sentence])


def waiting_card(title: str, sentence: str, done: int, of: int, state: str = "preparing") -> str:
    """A run that is being prepared, or waits: `done` of `of` (0: unknown yet)."""
    return _card(title, "preparing", state, done / of if of else 0.0, [sentence])


def empty_card(sentence: str, *, wrong: bool = False) -> str:
    """No run to show; `wrong`: the sentence is an error."""
    if not wrong:
        return _card(None, "", "", 0.0, [sentence])
    return _card("Not started", "none", "", 0.0, [], crash=sentence)


def _card(
    title: str | None, kind: str, state: str, part: float, sentences: Sequence[str], *,
    facts: Sequence[tuple[str, str]] = (), kept: Mapping[str, str] | None = None, crash: str = "", log: str = "",
) -> str:  # fmt: skip
    return render(
        "train/card.html", title=title, kind=kind.replace(" ", "-"), state=state, progress=f"{100 * part:.1f}",
        sentences=sentences, facts=facts, kept=kept, crash=crash, log=log,
    )  # fmt: skip


def log(text: str) -> str:
    """The log's last lines; an epoch's line in columns as the report prints it."""
    lines = [re.sub(r"\t+", "  ", line) for line in text.splitlines()]
    return render("train/log.html", text="\n".join(lines))


def runs_table(runs: Sequence[Summary], shown: str, ticked: Collection[str], own: Collection[str]) -> str:
    """The table of runs. shown: the one that the page shows. ticked: those whose curves are laid over each other.

    own: those that the visitor may rename and delete.
    """
    rows = [
        {
            "name": run.name, "shown": run.name == shown, "ticked": run.name in ticked,
            "own": run.name in own and not run.status.alive, "kind": run.status.status.replace(" ", "-"),
            "state": STATES.get(run.status.status, run.status.status), "recipe": recipe_label(run),
            "accuracy": run.kept[1] if run.kept else None, "seconds": run.seconds, "parameters": run.parameters,
        }
        for run in runs
    ]  # fmt: skip
    return render("train/runs.html", runs=rows)


def recipe_label(summary: Summary) -> str:
    """The recipe's name, with a word where its settings were changed."""
    known = RECIPES.get(summary.recipe.name)
    return summary.recipe.name if known == summary.recipe else f"{summary.recipe.name}, changed"
