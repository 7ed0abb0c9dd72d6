"""train.runs.summary: what a run's rows come to, and that unread runs are read once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.runs import make_run
from tests.support.training import packed, small_recipe
from train.loop.recipe import Recipe
from train.run_state import RunState
from train.runs import summary
from train.runs.folder import RunFolder


def _epoch(number: int, error: float, accuracy: float) -> dict[str, Any]:
    return {"kind": "epoch", "at": number, "epoch": number, "train_error": error, "train_accuracy": accuracy,
            "valid_error": error, "valid_accuracy": accuracy, "previous_best": None, "improved": True,
            "seconds": 10.0 * number, "device": "the CPU", "memory": 1000}  # fmt: skip


def _run(root: Path, name: str, *rows: dict[str, Any]) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    run = RunFolder.create(root / name, small_recipe(epochs=6, name="small"), packed(root))
    (run.path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run.write_state(RunState.STOPPED)
    return run.path


def test_what_is_kept_is_not_always_the_peak(tmp_path: Path) -> None:
    rows = [_epoch(1, 0.5, 0.7), _epoch(2, 0.3, 0.8), _epoch(3, 0.4, 0.9)]
    made = summary.summarize(_run(tmp_path, "a", *rows))
    assert made.kept == (2, 0.8) and made.peak == (3, 0.9)
    assert (made.at, made.seconds, made.left, made.has_best) == (3.0, 30.0, pytest.approx(30.0), False)
    assert made.status.status == RunState.STOPPED and made.parameters > 0


def test_what_a_run_has_that_ended_inside_its_first_epoch_is_kept(tmp_path: Path) -> None:
    step = {"kind": "step", "epoch": 1, "step": 2, "steps": 10, "train_error": 0.5, "train_accuracy": 0.5,
            "valid_accuracy": 0.4, "images_per_second": 100.0, "seconds": 5.0, "device": "", "memory": 1}  # fmt: skip
    steps, end = step | {"at": 0.2}, step | {"at": 0.3, "step": 3, "valid_error": 0.9, "images_per_second": 1.0}
    folder = _run(tmp_path, "a", steps)
    assert summary.summarize(folder).kept is None  # read 500 images on the way: nothing is kept of that
    folder = _run(tmp_path / "b", "b", steps, end)
    made = summary.summarize(folder)
    assert made.kept == made.peak == (0.3, 0.4) and made.images_per_second == 100.0
    assert summary.summarize(_run(tmp_path / "c", "c", steps, end, _epoch(1, 0.5, 0.7))).kept == (1, 0.7)


def test_an_ended_run_has_the_time_that_its_process_said_and_no_odd_one(tmp_path: Path) -> None:
    folder = _run(tmp_path, "a", _epoch(1, 0.5, 0.7))  # ten seconds
    assert summary.summarize(folder).seconds == 10.0
    RunFolder(folder).write_state(RunState.STOPPED, seconds=42.0)  # fifty steps later
    assert summary.summarize(folder).seconds == 42.0
    state = json.loads((folder / "state.json").read_text())
    for odd in ("99", -1, 1e30, None, [99]):
        (folder / "state.json").write_text(json.dumps(state | {"seconds": odd}))
        assert summary.summarize(folder).seconds == 10.0


def test_a_limit_that_comes_before_the_end_is_told(root: Path) -> None:
    """Three epochs took three minutes."""
    for name, minutes, limit_at in (("early", 5.0, 5.0), ("late", 60.0, None), ("just", 9.9, None)):
        found = summary.summarize(make_run(root, name, recipe=Recipe(epochs=10, minutes=minutes)))
        assert found.limit_at == (None if limit_at is None else pytest.approx(limit_at))
        assert found.more_minutes == 12.0  # seven more, with a quarter to spare
    assert summary.summarize(make_run(root, "none", rows=0)).limit_at is None


def test_a_run_that_has_not_begun_has_nothing_to_tell(tmp_path: Path) -> None:
    made = summary.summarize(_run(tmp_path, "a"))
    assert (made.kept, made.peak, made.left, made.images_per_second, made.device) == (None, None, None, None, "")


def test_the_pace_is_that_of_the_last_steps(tmp_path: Path) -> None:
    step = {"kind": "step", "at": 0.5, "epoch": 1, "step": 5, "steps": 10, "train_error": 0.5, "train_accuracy": 0.5,
            "valid_accuracy": None, "seconds": 5.0, "device": "the CPU", "memory": 1000}  # fmt: skip
    rows = [step | {"images_per_second": pace} for pace in (1.0, 100.0, 100.0, 100.0, 100.0, 50.0)]
    # As long for as many images at each pace: the harmonic mean.
    assert summary.summarize(_run(tmp_path, "a", *rows)).images_per_second == pytest.approx(5 / (4 / 100 + 1 / 50))


def test_summaries_are_newest_first_and_pass_over_what_is_no_run(tmp_path: Path) -> None:
    for age, name in enumerate(["new", "old"]):
        file = _run(tmp_path, name) / "recipe.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"created": 1e9 - age}))
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "recipe.json").write_text("[]")
    assert [each.name for each in summary.summaries(tmp_path)] == ["new", "old"]


def test_time_left_is_measured_from_the_run(root: Path) -> None:
    folder = make_run(root, "a", status="running", recipe=Recipe(epochs=10, minutes=60.0))
    found = summary.summarize(folder)  # three epochs took three minutes
    assert found.left == pytest.approx(7 * 60, abs=5)
    assert found.kept == summary.kept_epoch(found.rows) == (3, pytest.approx(0.75))
    limited = summary.summarize(make_run(root, "b", recipe=Recipe(epochs=10, minutes=5.0)))
    assert limited.left == pytest.approx(2 * 60, abs=5)
    assert summary.summarize(make_run(root, "c", rows=0)).left is None
