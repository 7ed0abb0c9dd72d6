"""A run and the list of runs as HTML."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from markupsafe import escape

from tests.support.runs import EVIL, make_run, row
from train.loop.recipe import Recipe
from train.runs.summary import kept_epoch, peak_epoch, summarize
from train.ui.train import runs_view


def test_a_crash_is_reported_with_the_last_lines_of_the_log(root: Path) -> None:
    folder = make_run(root, "a", status="failed", message=f"disk full {EVIL}")
    (folder / "log.txt").write_text("\n".join(f"line {n} {EVIL}" for n in range(40)))
    card = runs_view.run_card(summarize(folder))
    assert "disk full" in card and "line 39" in card and "line 31" not in card
    assert "<img" not in card and str(escape(EVIL)) in card


def test_all_text_is_escaped(root: Path) -> None:
    folder = make_run(root, "a", message=EVIL)
    evil = replace(summarize(folder), recipe=replace(Recipe(), name=EVIL), device=EVIL)
    evil = replace(evil, status=replace(evil.status, name=EVIL, log_tail=EVIL, message=EVIL, status="crashed"))
    shown = [
        runs_view.run_card(evil), runs_view.runs_table([evil], EVIL, {EVIL}, {EVIL}), runs_view.log(EVIL),
        runs_view.waiting_card(EVIL, EVIL, 1, 2), runs_view.empty_card(EVIL, wrong=True),
    ]  # fmt: skip
    assert not any("<img" in text for text in shown)
    assert all(str(escape(EVIL)) in text for text in shown)


def test_what_is_kept_and_the_highest_accuracy_are_told_apart(root: Path) -> None:
    rows = [row(n, error, accuracy) for n, error, accuracy in ((14, 2.0, 0.5769), (15, 1.5, 0.4808), (16, 1.6, 0.5769))]
    assert kept_epoch(rows) == (15, 0.4808) and peak_epoch(rows) == (14, 0.5769)
    assert kept_epoch([]) is None and peak_epoch([]) is None
    folder = make_run(root, "a")
    (folder / "metrics.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    card = runs_view.run_card(summarize(folder))
    assert "Kept: epoch 15, 48.08 % (lowest error)" in card and "Highest accuracy: epoch 14, 57.69 %" in card
    assert "Best" not in card
    table = runs_view.runs_table([summarize(folder)], "a", set(), {"a"})
    assert "Kept accuracy" in table and "48.08 %" in table and "57.69" not in table
    assert "Kept: none yet" in runs_view.run_card(summarize(make_run(root, "b", rows=0)))


def test_a_limit_that_will_stop_a_run_is_told_while_it_runs(root: Path) -> None:
    """Three epochs took three minutes."""
    recipe = Recipe(epochs=10, minutes=5.0)
    card = runs_view.run_card(summarize(make_run(root, "a", status="running", recipe=recipe)))
    assert "At this pace it stops at its 5-minute limit, at about epoch 5.0 of 10. What it has by then is kept." in card
    assert ", to its limit" in card
    longer = make_run(root, "b", status="running", recipe=replace(recipe, minutes=60.0))
    assert "limit" not in runs_view.run_card(summarize(longer))
    ended = runs_view.run_card(summarize(make_run(root, "c", status="time limit", recipe=recipe)))
    assert "At this pace" not in ended and "Resume" not in ended


def test_what_a_run_has_that_ended_early_is_told_as_what_is_kept(root: Path) -> None:
    folder = make_run(root, "a", rows=0, status="time limit")
    end = row(1, 0.9, 0.4) | {"kind": "step", "at": 0.1875, "step": 39, "steps": 208, "images_per_second": 19.0}
    (folder / "metrics.jsonl").write_text(json.dumps(end) + "\n")
    card = runs_view.run_card(summarize(folder), 19.0)
    assert "Kept: what it had at epoch 0.19, 40.00 %" in card and "(lowest error)" not in card
    assert "before the first epoch ended. What it has is kept." in card
    assert "Resume goes on from here, with a limit of 19 minutes." in card


def test_nothing_is_said_to_be_kept_before_an_epoch_has_ended(root: Path) -> None:
    for number, (rows, kept) in enumerate(((0, False), (1, True))):
        for status in ("stopped", "time limit"):
            folder = make_run(root, f"{status} {number}", rows=rows, status=status)
            card = runs_view.run_card(summarize(folder))
            assert ("best network is kept" in card) is kept and ("before the first epoch ended" in card) is not kept
