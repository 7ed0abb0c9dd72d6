"""train.tune.job: a search as a process of its own."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from fontdemo.files import open_plain
from tests.support.training import packed, small_recipe
from train.files import write_json
from train.runs import jobs, worker
from train.runs.jobs import JobError
from train.tune import job as tune_job
from train.tune import study as tune
from train.ui.tune import tab

PATIENCE = 120.0


def wait(root: Path, alive: bool) -> None:
    until = time.monotonic() + PATIENCE
    while tune_job.status(root).alive is not alive:
        assert time.monotonic() < until, tune_job.status(root).log_tail
        time.sleep(0.1)


def assert_refuses_company(root: Path, data: Path) -> None:
    """Neither a run nor another search begins, and no trial is deleted, while a search is at work."""
    with pytest.raises(JobError, match="search for settings is running"):
        jobs.start(root, "one", small_recipe(), data)
    with pytest.raises(JobError, match="search for settings is running"):
        tune_job.start(root, data, trials=1, epochs=1, minutes=1)
    with pytest.raises(JobError, match="stop it first"):
        tune_job.start_over(root)


def test_a_search_is_a_process_that_refuses_company_and_can_be_stopped(tmp_path: Path) -> None:
    root, data = tmp_path / "runs", packed(tmp_path)
    with pytest.raises(JobError, match="no data set"):
        tune_job.start(root, tmp_path / "none.fd", trials=1, epochs=1, minutes=1)
    root.mkdir()
    with pytest.raises(JobError, match="no search"):
        tune_job.stop(root)
    tune_job.start(root, data, trials=500, epochs=200, minutes=15)
    assert tune_job.status(root).alive
    assert_refuses_company(root, data)
    study = tune.open_study(tune.default_storage(root))
    until = time.monotonic() + PATIENCE
    while not study.get_trials(deepcopy=False) and time.monotonic() < until:
        time.sleep(0.2)
    assert study.get_trials(deepcopy=False), tune_job.status(root).log_tail
    tune_job.stop(root)
    wait(root, alive=False)
    above, table, _ = tab.look(root)
    assert "stopped" in above and "not finished" in table
    tune_job.start_over(root)
    assert tune.open_study(tune.default_storage(root)).get_trials(deepcopy=False) == []


def test_nothing_is_begun_or_deleted_while_it_cannot_be_read_whether_a_search_is_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails for a moment: what runs all the same must not lose its trials, nor have company."""
    root, data = tmp_path / "runs", packed(tmp_path)
    folder = root / jobs.TUNING
    folder.mkdir(parents=True)
    with tune.studying(tune.default_storage(root)):
        pass
    mine = {"status": "running", "pid": os.getpid(), "started": worker.started(os.getpid())}
    write_json(folder / worker.RECORD, mine)

    def failing(file: Path) -> BinaryIO:
        if file == folder / worker.RECORD:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return open_plain(file)

    monkeypatch.setattr("train.files.open_plain", failing)
    assert_refuses_company(root, data)


def test_trials_on_other_data_are_not_mixed(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    root.mkdir()
    tune.open_study(tune.default_storage(root)).set_user_attr("data", "another")
    with pytest.raises(JobError, match="another data set"):
        tune_job.start(root, packed(tmp_path), trials=1, epochs=1, minutes=1)
