"""train.runs.jobs.resume: more time for a run that ended at its limit."""

from __future__ import annotations

from pathlib import Path

from tests.support.runs import make_run
from train.runs import jobs
from train.runs.folder import RunFolder


def test_a_run_at_its_limit_is_given_more_time(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "runs", "a", status="time limit")
    jobs.resume(folder, lambda _folder: True, 30.0)
    assert RunFolder(folder).plan().recipe.minutes == 30.0
    jobs.resume(folder, lambda _folder: True)
    assert RunFolder(folder).plan().recipe.minutes == 30.0
