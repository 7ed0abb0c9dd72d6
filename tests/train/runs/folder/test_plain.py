"""Runs' folders that come out of an archive, or that others write to, with links and pipes in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fontdemo.errors import FontdemoError
from tests.support.runs import make_run
from train.access import access, owner_of
from train.run_state import RunState
from train.runs import background, jobs, trainer, worker
from train.runs.folder import RunFolder, runs_in
from train.tune import job as tune_job
from train.ui.train import live

SECRET = "HF_TOKEN=hf_not_for_strangers"

# What the page or a trainer opens in a run's folder, and the folders in it.
FILES = (
    "recipe.json", "state.json", "launch.json", "metrics.jsonl", "log.txt", "owner", "stop", "pinned.npy", "lock",
    "pinned/001.npz", "pinned/within.jsonl", "best/config.json", "best/model.safetensors", "best/README.md",
    "last/state.safetensors", "last/previous.safetensors",
)  # fmt: skip
FOLDERS = ("best", "last", "pinned")


def _instead(path: Path, put: Callable[[Path], object]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    put(path)


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    make_run(tmp_path / "runs", "good")
    return make_run(tmp_path / "runs", "bad")


@pytest.mark.parametrize("name", FILES)
def test_a_link_or_a_pipe_in_the_place_of_a_file_hides_the_run_and_no_other(bad: Path, name: str) -> None:
    secret = bad.parent.parent / "secret"
    secret.write_text(SECRET)
    for put in (lambda path: path.symlink_to(secret), os.mkfifo, lambda path: path.symlink_to("/dev/zero")):
        _instead(bad / name, put)
        assert [folder.name for folder in runs_in(bad.parent)] == ["good"]
        for use in (jobs.resume, trainer.execute, lambda folder: RunFolder(folder).plan()):
            with pytest.raises(FontdemoError, match=r"“bad” can't be opened: .* is a link, or no file"):
                use(bad)
    mine = access({"SPACE_ID": "a/b"}).of({"browser": "x" * 16})
    shown = live.parts(background.Launcher(bad.parent), mine, live.View(shown="bad"), "quick")
    assert SECRET not in str(shown) and "good" in shown["table"]
    assert secret.read_text() == SECRET  # nor was anything written


@pytest.mark.parametrize("name", FOLDERS)
def test_a_link_in_the_place_of_a_folder_hides_the_run(bad: Path, name: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    _instead(bad / name, lambda path: path.symlink_to(elsewhere))
    assert [folder.name for folder in runs_in(bad.parent)] == ["good"]
    with pytest.raises(FontdemoError, match="can't be opened"):
        trainer.execute(bad)
    assert not list(elsewhere.iterdir())


def test_a_run_whose_folder_is_as_it_should_be_is_not_hidden(bad: Path) -> None:
    for name in FILES[1:]:
        _instead(bad / name, lambda path: path.touch())
    assert {folder.name for folder in runs_in(bad.parent)} == {"good", "bad"}
    (bad / "best" / "config.json").unlink()
    (bad / "best" / "config.json").symlink_to("/etc/passwd")  # seen, though the list was made just before
    assert [folder.name for folder in runs_in(bad.parent)] == ["good"]


def test_what_is_put_there_since_is_not_opened_either(bad: Path) -> None:
    """Whoever can write there may do so between two looks."""
    secret = bad.parent.parent / "secret"
    secret.write_text("a" * 64)
    run = RunFolder(bad)
    for put in (lambda path: path.symlink_to(secret), os.mkfifo):
        for name in FILES:
            _instead(bad / name, put)
        assert owner_of(bad) == "" and worker.tail(bad / "log.txt") == "" and worker.launched(bad) == {}
        assert run.state() == {"status": RunState.NEW} and not run.asked_to_stop(1) and run.pinned() is None
        assert run.followed_within() == [] and run.metrics() == []
        with pytest.raises(FontdemoError, match="nothing was recorded"):
            run.followed(1)


def test_files_without_an_end_are_not_read_to_it(bad: Path) -> None:
    for name in ("owner", "stop", "pinned/within.jsonl", "pinned.npy", "state.json", "log.txt", "metrics.jsonl"):
        _instead(bad / name, lambda path: path.touch())
        os.truncate(bad / name, 1 << 40)  # a terabyte that takes no room
    run = RunFolder(bad)
    assert owner_of(bad) == "" and not run.asked_to_stop(1) and run.followed_within() == [] and run.pinned() is None
    assert run.state() == {"status": RunState.NEW} and len(worker.tail(bad / "log.txt")) <= worker.TAIL_BYTES


def test_the_search_for_settings_shows_no_other_file_as_its_log(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    (tmp_path / jobs.TUNING).mkdir()
    (tmp_path / jobs.TUNING / worker.LOG).symlink_to(secret)
    assert tune_job.status(tmp_path).log_tail == ""


def test_a_drawing_that_is_followed_is_read_as_before(bad: Path) -> None:
    image = np.zeros((100, 100), np.float32)
    image[40:60, 40:60] = 0.5
    RunFolder(bad).pin(image)
    pinned = RunFolder(bad).pinned()
    assert pinned is not None and np.array_equal(pinned, image)
