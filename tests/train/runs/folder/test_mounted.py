"""The folder of the runs on a disk that is mounted late, goes away and comes back (FONTDEMO_RUNS)."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.training import packed, small_recipe
from train.files import PROJECT
from train.run_state import RunState
from train.runs import jobs
from train.runs.folder import RunFolder
from train.ui.train import live


def test_the_environment_says_where_the_runs_are(tmp_path: Path) -> None:
    code = "from train.runs.jobs import RUNS_ROOT; print(RUNS_ROOT)"
    for given, wanted in ((str(tmp_path / "data" / "runs"), tmp_path / "data" / "runs"), ("", PROJECT / "runs")):
        done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, env={**os.environ, "FONTDEMO_RUNS": given},
                              capture_output=True, text=True, check=True)  # fmt: skip
        assert done.stdout.strip() == str(wanted)


def test_runs_are_shown_again_when_their_folder_comes_back(tmp_path: Path) -> None:
    root, away = tmp_path / "mount" / "runs", tmp_path / "away"
    assert jobs.all_runs(root) == [] and jobs.active(root) is None and live.trained_networks(root) == {}
    root.mkdir(parents=True)
    run = root / "one"
    RunFolder.create(run, small_recipe(), packed(tmp_path))
    assert [found.name for found in jobs.all_runs(root)] == ["one"]
    root.parent.rename(away)
    assert jobs.all_runs(root) == [] and jobs.active(root) is None and live.trained_networks(root) == {}
    assert jobs.status(run).status == RunState.NEW and RunFolder(run).metrics() == []
    away.rename(root.parent)
    assert [found.name for found in jobs.all_runs(root)] == ["one"] and jobs.status(run).resumable


@pytest.mark.parametrize("code", [errno.ENOTCONN, errno.EIO, errno.EACCES])
def test_a_mount_that_is_broken_shows_no_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "glob", broken)
    assert jobs.all_runs(tmp_path) == [] and jobs.active(tmp_path) is None and live.trained_networks(tmp_path) == {}


def test_where_no_folder_can_be_made_a_start_says_so(tmp_path: Path) -> None:
    data = packed(tmp_path)
    (tmp_path / "file").write_text("")
    for root in (tmp_path / "file", tmp_path / "file" / "runs"):
        with pytest.raises(jobs.JobError, match="runs cannot be kept in"):
            jobs.start(root, "one", small_recipe(), data, "cpu")


def test_a_run_whose_folder_went_away_is_not_mistaken_for_one_at_work(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    RunFolder.create(root / "one", small_recipe(), packed(tmp_path))
    shutil.rmtree(root)
    with pytest.raises(jobs.JobError, match="is not running|cannot be kept"):
        jobs.stop(root / "one")
