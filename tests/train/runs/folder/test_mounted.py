"""The folder of the runs on a disk that is mounted late, goes away and comes back (FONTDEMO_RUNS)."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fontdemo.errors import FontdemoError
from fontdemo.ui.context import NetworkStore
from tests.support.runs import make_run
from tests.support.training import packed, small_recipe
from train.access import access
from train.files import PROJECT
from train.run_state import RunState
from train.runs import export, jobs
from train.runs.background import Launcher
from train.runs.datasets import Shelf, drop_unused
from train.runs.folder import RunFolder
from train.runs.start import room
from train.ui.train import live, tab


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

    monkeypatch.setattr(os, "listdir", broken)
    assert jobs.all_runs(tmp_path) == [] and jobs.active(tmp_path) is None and live.trained_networks(tmp_path) == {}


def test_where_no_folder_can_be_made_a_start_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed(tmp_path)
    (tmp_path / "file").write_text("")
    for root in (tmp_path / "file", tmp_path / "file" / "runs"):
        with pytest.raises(jobs.JobError, match="runs cannot be kept in"):
            jobs.start(root, "one", small_recipe(), data, "cpu")

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(jobs.JobError, match="runs cannot be kept in none: Permission denied"):
        jobs.start(tmp_path / "none", "one", small_recipe(), data, "cpu")


def test_a_run_whose_folder_went_away_is_not_mistaken_for_one_at_work(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    RunFolder.create(root / "one", small_recipe(), packed(tmp_path))
    shutil.rmtree(root)
    with pytest.raises(jobs.JobError, match="is not running|cannot be kept"):
        jobs.stop(root / "one")


@pytest.mark.parametrize("code", [errno.ENOTCONN, errno.EIO, errno.EACCES])
def test_one_run_that_cannot_be_read_is_no_other_runs_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """A disk that goes away under it, or a backup that root put back: then no one could even read a character."""
    root = tmp_path / "runs"
    good, bad = make_run(root, "good"), make_run(root, "bad")
    for run in (good, bad):
        run.joinpath("best").mkdir()
        run.joinpath("best", "model.safetensors").touch()

    def broken(call: Callable[..., Any]) -> Callable[..., Any]:
        def answer(path: Any, *more: Any, **named: Any) -> Any:
            if isinstance(path, (str, Path)) and str(path).startswith((f"{bad / 'best'}/", f"{tmp_path / 'data'}")):
                raise OSError(code, os.strerror(code))
            return call(path, *more, **named)

        return answer

    (tmp_path / "data").mkdir()
    for name in ("stat", "lstat", "scandir", "listdir", "open"):
        monkeypatch.setattr(os, name, broken(getattr(os, name)))
    networks = NetworkStore(lambda: live.trained_networks(root))
    assert networks.names() == ["trained: good"]
    with pytest.raises(FontdemoError):
        networks.weights("trained: bad")
    mine = access({"SPACE_ID": "a/b"}).of({"browser": "x" * 16})
    assert "good" in live.parts(Launcher(root), mine, live.View(), "quick")["table"]
    assert Shelf(tmp_path / "data", root).names() == {"small": tmp_path / "small.npz"}
    drop_unused(tmp_path / "data", root)


def test_what_the_disk_refuses_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "runs"
    run = make_run(root, "one", status="running")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for owner, name in ((RunFolder, "ask_to_stop"), (Path, "rename"), (shutil, "rmtree"), (jobs, "_launch")):
        monkeypatch.setattr(owner, name, full)
    for what, done in (
        (lambda: jobs.stop(run), "stopped"), (lambda: jobs.rename(root, run, "two"), "renamed"),
        (lambda: jobs.delete(root, run), "deleted"),
    ):  # fmt: skip
        with pytest.raises(jobs.JobError, match=f"“one” could not be {done}: the disk is full"):
            what()
        RunFolder(run).write_state(RunState.STOPPED)  # what is at work is not renamed
    with pytest.raises(jobs.JobError, match="“one” could not be resumed: the disk is full"):
        jobs.resume(run)


def test_a_disk_that_does_not_answer_keeps_no_one_from_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bucket that stalls: every request waited for it, and in the end there was no thread left for another."""
    root = tmp_path / "runs"
    make_run(root, "walrus")
    back, listdir = threading.Event(), os.listdir

    def stalled(folder: Any) -> list[str]:
        if str(folder).startswith(str(root)):
            back.wait()
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", stalled)
    monkeypatch.setattr("fontdemo.files.PATIENCE", 0.05)
    found: list[object] = []

    def look() -> None:
        found.append(NetworkStore(lambda: tab.networks(root)).get("report-crnn").reader.network.architecture)
        found.append("walrus" in live.parts(Launcher(root), access({"SPACE_ID": "a/b"}), live.View(), "quick")["table"])
        with pytest.raises(jobs.JobError, match="cannot be kept in runs: its disk does not answer"):
            jobs.start(root, "two", small_recipe(), tmp_path / "small.npz", "cpu")
        drop_unused(tmp_path, root)
        found.append(Shelf(root / "data", root).names())

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(20)
    back.set()
    assert found == ["report-crnn", False, {}]


@pytest.mark.parametrize("file", ["recipe.json", "state.json", "metrics.jsonl", "log.txt", "owner"])
def test_a_file_of_one_run_that_does_not_answer_keeps_no_one_from_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    """A folder over a network may be listed from memory while its files are not to be had."""
    root = tmp_path / "runs"
    make_run(root, "walrus")
    (root / "walrus" / "owner").touch()
    back, opened = threading.Event(), os.open

    def stalled(path: Any, *arguments: Any, **options: Any) -> int:
        if str(path) == str(root / "walrus" / file):
            back.wait()
        return opened(path, *arguments, **options)

    monkeypatch.setattr(os, "open", stalled)
    monkeypatch.setattr("fontdemo.files.PATIENCE", 0.5)
    found: list[object] = []

    def look() -> None:
        for _ in range(3):
            known = live.parts(Launcher(root), access({"SPACE_ID": "a/b"}), live.View(), "quick")
            found.append("walrus" in known["table"])
        found.append(NetworkStore(lambda: tab.networks(root)).get("report-crnn").reader.network.architecture)
        with pytest.raises(jobs.JobError, match="cannot be kept in runs: its disk does not answer"):
            jobs.start(root, "two", small_recipe(), packed(tmp_path), "cpu")
        Shelf(root / "data", root).names()
        found.append(threading.active_count())

    thread = threading.Thread(target=look, daemon=True)
    before = threading.active_count()
    thread.start()
    thread.join(20)
    back.set()
    assert found[:4] == [False, False, False, "report-crnn"]
    assert found[4] <= before + 2  # one waits for the disk, however many ask  # type: ignore[operator]


@pytest.mark.parametrize("file", ["state.json", "launch.json"])
def test_a_run_whose_state_cannot_be_read_now_is_not_taken_for_one_that_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    root = tmp_path / "runs"
    run = make_run(root, "one", status="stopped")
    (run / "owner").write_text("a" * 64)
    (run / file).touch()
    opened = os.open

    def broken(path: Any, *arguments: Any, **options: Any) -> int:
        if str(path) == str(run / file):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return opened(path, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", broken)
        assert not jobs.status(run).ended and not jobs.status(run).resumable
        with pytest.raises(FontdemoError, match="at most 1 runs"):
            room.make_room(root, 1)
        for change in (jobs.delete, lambda root, folder: jobs.rename(root, folder, "two")):
            with pytest.raises(jobs.JobError, match="can't be read now"):
                change(root, run)
        assert run.is_dir()
    room.make_room(root, 1)
    assert not run.exists()


def test_what_fails_on_the_disk_of_one_run_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path / "runs", "one")
    (run / "best").mkdir()
    (run / "best" / "model.safetensors").touch()
    RunFolder(run).write_followed(1, {})
    networks = NetworkStore(lambda: {"one": run / "best"})
    monkeypatch.setattr(networks, "weights", lambda name: run / "best" / "model.safetensors")

    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    assert RunFolder(run).followed_epochs() == [1]
    with monkeypatch.context() as patch:
        for owner, name in ((os, "stat"), (os, "listdir"), (os, "scandir"), (zipfile.ZipFile, "write")):
            patch.setattr(owner, name, broken)
        assert RunFolder(run).followed_epochs() == []
        with pytest.raises(FontdemoError, match="are gone"):
            networks.get("one")
        with pytest.raises(FontdemoError, match="cannot be packed: Input/output error"):
            export.pack(run / "best", tmp_path / "one.zip")
        for change in (jobs.delete, lambda root, folder: jobs.rename(root, folder, "two")):
            with pytest.raises(jobs.JobError, match="Input/output error"):
                change(run.parent, run)
