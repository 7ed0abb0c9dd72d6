"""A trainer that stands by: it takes a run over, tells the machine's pace, and goes when the page does."""

from __future__ import annotations

import asyncio
import errno
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.training import packed, small_recipe
from tests.support.waiting import PATIENCE, no_thread, until
from train.files import PROJECT
from train.loop.recipe import get_recipe
from train.runs import jobs
from train.runs.folder import RunFolder
from train.runs.start import standby
from train.runs.start.standby import Standby


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Standby]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    made = Standby(["quick"])
    yield made
    made.end()


def test_it_tells_the_pace_then_trains_what_it_is_given(waiting: Standby, tmp_path: Path) -> None:
    waiting.warm()
    child = waiting._child
    waiting.warm()
    assert child is not None and waiting._child is child  # one is enough
    pace = until(lambda: waiting.pace(get_recipe("quick")))
    again = get_recipe("quick").changed(epochs=7, seed=3, learning_rate=1e-4, name="mine")
    assert pace.images_per_second > 0 and waiting.pace(again) == pace  # the same steps
    assert waiting.pace(get_recipe("best")) is None

    def ready(folder: Path) -> bool:
        RunFolder(folder).pin(np.zeros((100, 100), np.float32))
        return waiting.launch(folder)

    folder = jobs.start(tmp_path / "runs", "a", small_recipe(), packed(tmp_path), "cpu", ready)
    assert jobs.status(folder).pid == child.pid
    until(lambda: not jobs.status(folder).alive)
    assert jobs.status(folder).status == "finished" and (folder / "best" / "model.safetensors").is_file()
    assert "Train Accuracy" in (folder / "log.txt").read_text()
    assert [row["epoch"] for row in RunFolder(folder).metrics() if row["kind"] == "epoch"] == [1, 2, 3]
    # The drawing that was there from the start is followed: in the middle of the first epoch, and after each.
    within = RunFolder(folder).followed_within()
    assert [(round(7 * at), images) for at, _, _, images in within] == [(step, 8 * step) for step in range(1, 7)]
    assert RunFolder(folder).followed_epochs() == [0, 1, 2, 3]
    assert not waiting.launch(folder)  # there is none any more


def test_it_ends_with_the_page_and_a_dead_one_takes_nothing(waiting: Standby, tmp_path: Path) -> None:
    waiting.warm()
    child = waiting._child
    assert child is not None
    child.kill()
    child.wait()
    assert not waiting.launch(tmp_path) and not list(tmp_path.iterdir())
    waiting.warm()
    second = waiting._child
    assert second is not None and second.stdin is not None
    second.stdin.close()
    assert second.wait(PATIENCE) == 0


@pytest.mark.parametrize(("said", "then"), [(b"", b""), (b"a run\n", b"went on")])
def test_it_ends_at_once_when_the_page_goes_whatever_it_does_then(said: bytes, then: bytes) -> None:
    code = (
        "import time; from train.runs.start.standby import end_with_page; end_with_page();"
        "time.sleep(2); print('went on', end='')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, input=said, capture_output=True, timeout=PATIENCE)
    assert done.returncode == 0 and done.stdout == then


def test_it_goes_on_with_a_run_that_was_read_before_the_pipe_was_seen_to_be_closed() -> None:
    code = (
        "import sys, time; sys.stdin.readline(); from train.runs.start.standby import end_with_page;"
        "came = end_with_page(); time.sleep(0.2); came.set(); time.sleep(1.5); print('went on', end='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, input=b"a run\n", capture_output=True, timeout=PATIENCE
    )
    assert done.returncode == 0 and done.stdout == b"went on"


def test_a_server_has_one_from_its_start_to_its_end(
    waiting: Standby, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standby, "HEAD_START", 0.0)

    async def serve() -> None:
        async with waiting.lifespan(None):
            first = await asyncio.to_thread(until, lambda: waiting._child)
            assert "--kept" in first.args

            folder = jobs.start(tmp_path / "runs", "a", small_recipe(epochs=1), packed(tmp_path), "cpu", waiting.launch)
            await asyncio.to_thread(until, lambda: not jobs.status(folder).alive)
            assert jobs.status(folder).status == "finished"
            second = await asyncio.to_thread(until, lambda: waiting._child)  # though nobody came to ask for it
            assert second.pid != first.pid
            processes.extend([first, second])

    processes: list[Any] = []
    asyncio.run(serve())
    assert [child.poll() is not None for child in processes] == [True, True]
    waiting.warm()
    assert waiting._child is None  # the server is gone


def test_one_that_ended_by_itself_is_not_started_over_and_over(waiting: Standby) -> None:
    waiting._keep()
    child = waiting._child
    assert child is not None
    child.kill()
    child.wait()
    until(lambda: not any(thread.name == f"standby {child.pid}" for thread in threading.enumerate()))
    assert waiting._child is child


def test_what_stands_by_in_vain_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standby, "_asked", lambda seconds: False)
    assert standby.wait_for_run([], idle=0.0) is None


def test_where_no_process_or_thread_is_left_none_stands_by_and_nothing_fails(
    waiting: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_: object, **__: object) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "Popen", none_left)
        waiting.warm()
    assert waiting._child is None
    monkeypatch.setattr(standby, "_BETWEEN", 0.0)
    with pytest.MonkeyPatch.context() as patch:
        no_thread(patch)
        waiting.warm()
    child = waiting._child
    assert child is not None and child.poll() is not None
    waiting.warm()
    assert waiting._child is not child
