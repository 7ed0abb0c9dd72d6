"""A run and the list of runs as HTML: how it stands, its log, the table. Pure functions; all text is escaped here.

The looks are in train.css; what the table's buttons do is in runs.js.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from html import escape

from train.loop.recipe import RECIPES
from train.runs.summary import Summary

#: What people are told of how a run stands.
STATES = {
    "new": "not begun",
    "running": "training",
    "stopping": "stopping",
    "finished": "finished",
    "stopped": "stopped",
    "time limit": "time limit",
    "early stop": "early stop",
    "crashed": "crashed",
}

_SENTENCES = {
    "new": "It has not begun.",
    "running": "You can close this page: training goes on, and the page finds it again.",
    "stopping": "It finishes its step and saves.",
    "finished": "All epochs are done. The epoch with the lowest validation error is kept.",
    "stopped": "Stopped. Its best network is kept, and it can be resumed where it stands.",
    "time limit": "The time limit was reached. Its best network is kept.",
    "early stop": "Stopped early: the validation error did not fall any more.",
}


def duration(seconds: float) -> str:
    """Seconds as 0:07, 12:30 or 1:02:03."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def memory(size: int) -> str:
    """Bytes as 512 MB or 1.4 GB."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def percent(fraction: float | None) -> str:
    """A fraction of 0..1 as 98.76 %; a dash for None."""
    return "–" if fraction is None else f"{100 * fraction:.2f} %"


def run_card(summary: Summary) -> str:
    """How a run stands: name, state, progress, numbers; what went wrong with the last log lines where it crashed."""
    stands, recipe = summary.status, summary.recipe
    part = min(1.0, summary.at / recipe.epochs)
    if stands.status == "crashed":
        lines = escape("\n".join(stands.log_tail.splitlines()[-8:]))
        sentence = (
            f'<div class="run-crash" role="alert"><p>It crashed: {escape(stands.message)}. '
            f"It can be resumed from its last saved state.</p><pre>{lines}</pre></div>"
        )
    else:
        words = _SENTENCES.get(stands.status, "")
        if stands.status == "running":
            words = f"{phase(summary)}. {words}"
        sentence = f'<p class="run-sentence">{escape(words)}</p>'
    if summary.skipped:
        lines = "1 line" if summary.skipped == 1 else f"{summary.skipped:,} lines"
        sentence += f'<p class="run-sentence">{lines} of its metrics can\'t be read and are left out.</p>'
    left = "–"
    if stands.alive and summary.left is not None:
        left = f"about {duration(summary.left)}"
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
    return _card(summary.name, stands.status, state, part, facts, f'<p class="run-kept">{_kept(summary)}</p>{sentence}')


def phase(summary: Summary) -> str:
    """What a run at work does now: epoch 1, step 40 of 832, 2,027 images/s."""
    if not summary.at:
        return "Reading the data, taking the first steps"
    if summary.step is None:
        return f"Epoch {min(summary.recipe.epochs, _epoch(summary) + 1)} begins"
    pace = f", {summary.images_per_second:,.0f} images/s" if summary.images_per_second else ""
    return f"Epoch {_epoch(summary)}, step {summary.step[0]:,} of {summary.step[1]:,}{pace}"


def _epoch(summary: Summary) -> int:
    """The one under way, else the last one that ended: a whole number."""
    return math.ceil(summary.at)


def _kept(summary: Summary) -> str:
    """Which epoch is kept and how well it reads, and apart from it the epoch that read best."""
    if summary.kept is None or summary.peak is None:
        return "Kept: none yet"
    (kept, accuracy), (peak, highest) = summary.kept, summary.peak
    return (
        f"Kept: epoch {kept}, {percent(accuracy)} (lowest error)"
        f"<span>Highest accuracy: epoch {peak}, {percent(highest)}</span>"
    )


def recording_card(title: str, sentence: str) -> str:
    """A recording that plays: no run of this machine."""
    return _card(title, "recording", "recording", 1.0, [], f'<p class="run-sentence">{escape(sentence)}</p>')


def waiting_card(title: str, sentence: str, done: int, of: int, state: str = "preparing") -> str:
    """A run that is being prepared, or waits: `done` of `of` (0: unknown yet)."""
    return _card(
        title, "preparing", state, done / of if of else 0.0, [],
        f'<p class="run-sentence">{escape(sentence)}</p>',
    )  # fmt: skip


def empty_card(sentence: str, *, wrong: bool = False) -> str:
    """No run to show; `wrong`: the sentence tells of an error."""
    if not wrong:
        return f'<section class="run-card run-none"><p class="run-sentence">{escape(sentence)}</p></section>'
    told = f'<div class="run-crash" role="alert"><p>{escape(sentence)}</p></div>'
    return _card("Not started", "none", "", 0.0, [], told)


def _card(
    title: str, kind: str, state: str, part: float, facts: Sequence[tuple[str, str]], below: str
) -> str:
    pill = f'<span class="pill pill-{kind.replace(" ", "-")}" role="status">{escape(state)}</span>' if state else ""
    listed = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in facts)
    fraction = f"{100 * part:.1f}"
    return (
        f'<section class="run-card run-{kind.replace(" ", "-")}"><header><h2>{escape(title)}</h2>{pill}'
        f'<span class="run-share">{fraction} %</span></header>'
        f'<div class="run-bar" role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{fraction}" '
        f'aria-label="Progress"><i style="width:{fraction}%"></i></div>'
        f"{f'<dl>{listed}</dl>' if listed else ''}{below}</section>"
    )


def log(text: str) -> str:
    """The log's last lines; an epoch's line in columns as the report prints it."""
    lines = [re.sub(r"\t+", "  ", line) for line in text.splitlines()]
    shown = escape("\n".join(lines)) or "The training log appears here."
    return f'<pre class="log" tabindex="0" aria-label="Log">{shown}</pre>'


def runs_table(runs: Sequence[Summary], shown: str, ticked: Collection[str], own: Collection[str]) -> str:
    """The table of runs. shown: the one that the page shows. ticked: those whose curves are laid over each other.

    own: those that the visitor may rename and delete.
    """
    if not runs:
        return '<p class="runs-none">No runs yet. The first one will stand here.</p>'
    head = "".join(
        f'<th scope="col"{kind}>{title}</th>'
        for title, kind in (
            ('<span class="unseen">Overlay its curves</span>', ""), ("Run", ""), ("State", ""), ("Recipe", ""),
            ("Kept accuracy", ' class="number"'), ("Time", ' class="number"'), ("Parameters", ' class="number"'),
            ('<span class="unseen">Change</span>', ""),
        )
    )  # fmt: skip
    body = "".join(_row(run, run.name == shown, run.name in ticked, run.name in own) for run in runs)
    table = f'<table class="runs"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="runs-scroll">{table}</div>'


def _row(summary: Summary, shown: bool, ticked: bool, own: bool) -> str:
    name, stands = escape(summary.name), summary.status
    change = ""
    if own and not stands.alive:
        change = (
            f'<button type="button" data-do="rename" aria-label="Rename {name}">Rename</button>'
            f'<button type="button" data-do="delete" aria-label="Delete {name}">Delete</button>'
        )
    kind = stands.status.replace(" ", "-")
    return (
        f'<tr data-run="{name}"{" aria-current=true" if shown else ""}>'
        f'<td><input type="checkbox" data-do="tick" aria-label="Overlay the curves of {name}"'
        f'{" checked" if ticked else ""}></td>'
        f'<td><button type="button" class="run-name" data-do="show">{name}</button></td>'
        f'<td><span class="pill pill-{escape(kind)}">{escape(STATES.get(stands.status, stands.status))}</span></td>'
        f"<td>{escape(recipe_label(summary))}</td>"
        f'<td class="number">{percent(summary.kept[1] if summary.kept else None)}</td>'
        f'<td class="number">{duration(summary.seconds)}</td>'
        f'<td class="number">{summary.parameters:,}</td><td class="runs-change">{change}</td></tr>'
    )


def recipe_label(summary: Summary) -> str:
    """The recipe's name, with a word where its settings were changed."""
    known = RECIPES.get(summary.recipe.name)
    return summary.recipe.name if known == summary.recipe else f"{summary.recipe.name}, changed"
