"""train.runs.jobs: real processes that are started, watched, stopped, killed and resumed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fontdemo.errors import FontdemoError
from tests.support.training import SMALL, packed, small_recipe
from tests.support.waiting import PATIENCE, until
from train.files import PROJECT, write_json
from train.runs import jobs, trainer, worker
from train.runs.folder import RunFolder
from train.runs.jobs import JobError


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty root for runs; what is left running there is ended by its pid."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # as in this process, so that numbers can be compared
    folder = tmp_path / "runs"
    folder.mkdir()
    yield folder
    busy = jobs.active(folder)
    if busy is not None and busy.pid is not None:
        os.kill(busy.pid, signal.SIGKILL)
        until(lambda: not jobs.status(busy.folder).alive)


def _epochs(folder: Path) -> list[dict[str, Any]]:
    rows = [row for row in RunFolder(folder).metrics() if row["kind"] == "epoch"]
    return [{k: v for k, v in row.items() if k not in ("seconds", "images_per_second", "memory")} for row in rows]


def test_a_run_is_started_stopped_killed_and_resumed_to_the_numbers_of_an_unbroken_one(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = tmp_path / "noise"
    noise.mkdir()
    # What the run prints goes to a file: a pipe that nobody reads would be full, and the run stuck, after 64 KiB.
    (noise / "sitecustomize.py").write_text("print(('x' * 99 + '\\n') * 10_500)", encoding="utf-8")
    recipe = small_recipe(options=SMALL | {"dropout": 0.3}, augmentation="affine", epochs=25)
    data = packed(tmp_path)
    with monkeypatch.context() as loud:
        loud.setenv("PYTHONPATH", str(noise))
        folder = jobs.start(root, "", recipe, data, "cpu")
    assert folder == root / "small"
    # It counts as running before it has said a word of its own; its name is told to whoever wants to start another.
    assert RunFolder(folder).state() == {"status": "new"}
    busy = jobs.active(root)
    assert busy is not None and busy.status == "running" and busy.name == "small" and busy.alive
    with pytest.raises(JobError, match="small"):
        jobs.start(root, "another", recipe, data, "cpu")
    with pytest.raises(JobError, match="running"):
        jobs.resume(folder)
    with pytest.raises(JobError, match="running"):
        jobs.delete(root, folder)
    with pytest.raises(JobError, match="running"):
        jobs.rename(root, folder, "x")
    assert [found.folder for found in jobs.all_runs(root)] == [folder]

    jobs.stop(folder)  # still starting up
    assert jobs.status(folder).status == "stopping"
    until(lambda: not jobs.status(folder).alive)
    stopped = jobs.status(folder)
    assert stopped.status == "stopped" and stopped.resumable and stopped.pid is None
    assert (folder / "log.txt").stat().st_size > 2**20 and len(stopped.log_tail) <= worker.TAIL_BYTES
    assert "Training takes" in stopped.log_tail.splitlines()[-1]
    assert (folder / "best" / "model.safetensors").is_file()
    with pytest.raises(JobError, match="not running"):
        jobs.stop(folder)

    jobs.resume(folder)
    until(lambda: len(_epochs(folder)) >= 3)
    pid = jobs.status(folder).pid
    assert pid is not None and os.getsid(pid) == pid  # a session of its own
    os.kill(pid, signal.SIGKILL)
    crashed = until(lambda: None if jobs.status(folder).alive else jobs.status(folder))
    assert crashed.status == "crashed" and "killed" in crashed.message and "Epoch: 2" in crashed.log_tail
    assert jobs.active(root) is None

    jobs.resume(folder)
    until(lambda: not jobs.status(folder).alive)
    assert jobs.status(folder).status == "finished"
    with pytest.raises(JobError, match="has ended"):
        jobs.resume(folder)

    unbroken = tmp_path / "unbroken"
    RunFolder.create(unbroken, recipe, data, device="cpu")
    trainer.execute(unbroken)
    assert _epochs(folder) == [row | {"device": _epochs(folder)[0]["device"]} for row in _epochs(unbroken)]
    weights = Path("best") / "model.safetensors"
    assert (folder / weights).read_bytes() == (unbroken / weights).read_bytes()


def test_of_two_processes_that_start_at_once_one_wins_and_its_run_outlives_it(root: Path, tmp_path: Path) -> None:
    """As after a restart of the server: the starters have ended, and the run goes on."""
    data = packed(tmp_path)
    starter = (
        "import sys, time, pathlib\n"
        "from train.runs import jobs as job\n"
        "from tests.support.training import small_recipe\n"
        "root, data, go, name = map(pathlib.Path, sys.argv[1:])\n"
        "(go.parent / f'ready {name}').touch()\n"
        "while not go.exists(): time.sleep(0.001)\n"
        "try: job.start(root, str(name), small_recipe(epochs=5000), data, 'cpu')\n"
        "except job.JobError as error: sys.exit(str(error))\n"
    )
    go = tmp_path / "go"
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", starter, str(root), str(data), str(go), name],
            cwd=PROJECT, stderr=subprocess.PIPE, text=True,
        )
        for name in ("one", "two")
    ]  # fmt: skip
    until(lambda: all((tmp_path / f"ready {name}").exists() for name in ("one", "two")))
    go.touch()
    words = [child.communicate(timeout=PATIENCE)[1] for child in starters]
    codes = [child.returncode for child in starters]
    assert sorted(codes) == [0, 1], words
    winner = ("one", "two")[codes.index(0)]
    assert f"“{winner}” is running" in words[codes.index(1)]
    (busy,) = jobs.all_runs(root)
    assert busy.name == winner and busy.status == "running"
    until(lambda: RunFolder(busy.folder).metrics())
    jobs.stop(busy.folder)
    until(lambda: not jobs.status(busy.folder).alive)
    assert jobs.status(busy.folder).status == "stopped"


def test_a_run_that_cannot_begin_is_crashed_with_the_reason_and_start_works_again(root: Path, tmp_path: Path) -> None:
    data = tmp_path / "nonsense.npz"
    data.write_bytes(b"nonsense")
    first = jobs.start(root, "first", small_recipe(), data, "cpu")
    until(lambda: not jobs.status(first).alive)
    crashed = jobs.status(first)
    assert crashed.status == "crashed" and "nonsense.npz" in crashed.message and "nonsense.npz" in crashed.log_tail
    second = jobs.start(root, "first", small_recipe(), data, "cpu")
    assert second.name == "first 2"
    until(lambda: not jobs.status(second).alive)


# What follows needs no process that trains.


@pytest.fixture
def sleeper() -> Iterator[int]:
    """The pid of some living program that is not ours to train."""
    child = subprocess.Popen(["sleep", "600"])
    yield child.pid
    child.kill()
    child.wait()


def _run_folder(root: Path, name: str = "a run") -> Path:
    RunFolder.create(root / name, small_recipe(), root / "data.npz")
    return root / name


def _write(folder: Path, file: str, pid: object, started: object, status: str = "running") -> None:
    write_json(folder / file, {"status": status, "pid": pid, "started": started})


def test_a_pid_that_belongs_to_another_program_now_is_not_taken_for_ours(root: Path, sleeper: int) -> None:
    folder = _run_folder(root)
    (folder / "log.txt").write_text("first line\nlast line\n")
    _write(folder, "state.json", sleeper, worker.started(sleeper))
    assert jobs.status(folder).status == "running" and jobs.status(folder).pid == sleeper
    _write(folder, "state.json", sleeper, "ticks 1")
    crashed = jobs.status(folder)
    assert crashed.status == "crashed" and crashed.log_tail == "first line\nlast line"
    with pytest.raises(JobError):
        jobs.stop(folder)
    assert jobs.active(root) is None


@pytest.mark.parametrize(
    "record", [{}, [], {"status": "running"}, {"status": "running", "pid": "1", "started": None},
               {"status": "running", "pid": -1, "started": "x"}, {"status": "running", "pid": True, "started": "x"}]
)  # fmt: skip
def test_records_that_make_no_sense_do_not_raise(root: Path, record: object) -> None:
    folder = _run_folder(root)
    for file in ("state.json", "launch.json"):
        (folder / file).write_text(json.dumps(record))
        assert jobs.status(folder).status in ("new", "crashed")
    (folder / "log.txt").write_bytes(b"\xff\xfe\x00" * 50_000)
    assert len(jobs.status(folder).log_tail) <= worker.TAIL_BYTES


def test_a_launched_process_counts_until_it_speaks_for_itself(root: Path, sleeper: int) -> None:
    folder = _run_folder(root)
    since = worker.started(sleeper)
    _write(folder, "state.json", 1, "ticks 0", "stopped")  # of an earlier process
    _write(folder, "launch.json", sleeper, since)
    assert jobs.status(folder).status == "running"
    _write(folder, "state.json", sleeper, since, "stopped")
    assert jobs.status(folder).status == "stopped"
    _write(folder, "launch.json", sleeper, "ticks 0")  # died before it could say anything
    assert jobs.status(folder).status == "crashed"


def test_the_lock_does_not_outlive_a_crash(root: Path) -> None:
    hold = "import fcntl, sys, time\nf = open(sys.argv[1], 'w')\nfcntl.flock(f, fcntl.LOCK_EX)\nprint(1, flush=True)\n"
    holder = subprocess.Popen(
        [sys.executable, "-c", hold + "time.sleep(600)", str(root / ".lock")], stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    holder.kill()
    holder.wait()
    holder.stdout.close()
    folder = _run_folder(root)
    jobs.delete(root, folder)
    assert not folder.exists()


@pytest.mark.parametrize(
    "name", ["..", ".", ".hidden", "a/b", "..\\x", "a\0b", "a\nb", "x" * 61, "a ", "-a", "<b>", "a:b", "🙂", "K\u3164"]
)
def test_names_that_could_be_paths_or_worse_are_refused(root: Path, name: str) -> None:
    with pytest.raises(JobError, match="1 to 60 letters"):
        jobs.check_name(name)
    folder = _run_folder(root)
    if name.strip() == name:
        with pytest.raises(JobError):
            jobs.rename(root, folder, name)


@pytest.mark.parametrize("name", ["a", "report 2", "Größe_1.5-b", "글꼴", "x" * 60])
def test_names_of_every_language_will_do(name: str) -> None:
    assert jobs.check_name(name) == name


def test_start_refuses_what_cannot_be_trained(root: Path, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="no data set"):
        jobs.start(root, "a", small_recipe(), tmp_path / "none.npz")
    with pytest.raises(FontdemoError, match="no device"):
        jobs.start(root, "a", small_recipe(), tmp_path / "none.npz", "tpu")
    with pytest.raises(JobError):
        jobs.start(root, "../a", small_recipe(), tmp_path / "none.npz")
    assert jobs.all_runs(root) == [] and jobs.all_runs(tmp_path / "nowhere") == []


def test_rename_and_delete(root: Path) -> None:
    one, two = _run_folder(root, "one"), _run_folder(root, "two")
    with pytest.raises(JobError, match="already"):
        jobs.rename(root, one, "two")
    three = jobs.rename(root, one, " three ")
    assert three == root / "three" and not one.exists() and RunFolder(three).plan()
    with pytest.raises(JobError, match="no run"):
        jobs.delete(root, one)
    jobs.delete(root, two)
    assert [found.name for found in jobs.all_runs(root)] == ["three"]


def test_nothing_outside_the_root_is_deleted_and_no_link_followed(root: Path, tmp_path: Path) -> None:
    outside = _run_folder(tmp_path, "outside")
    precious = outside / "recipe.json"
    (root / "link").symlink_to(outside)
    inside = _run_folder(root, "inside")
    (inside / "link").symlink_to(outside)
    for folder in (outside, root / "link", root / ".." / "outside", root, inside / "link"):
        with pytest.raises(JobError, match="no run"):
            jobs.delete(root, folder)
        with contextlib.suppress(JobError):
            jobs.rename(root, folder, "new")
    assert jobs.all_runs(root) == []  # what holds a link is no run
    (inside / "link").unlink()
    jobs.delete(root, inside)
    assert precious.exists() and not inside.exists()
