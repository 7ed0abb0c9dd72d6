"""train.parallel: results in order, and what becomes of errors and processes that die."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.support.waiting import until
from train.parallel import spread


def _square(number: int) -> int:
    if number == 13:
        os._exit(3)  # as a font engine does that runs into a broken font
    return number * number


def _slowly(number: int) -> int:
    time.sleep(0.001 * (number % 3))
    return number


def _fails(number: int) -> int:
    if number == 45:
        raise ValueError("forty-five")
    return number


def test_a_process_that_dies_costs_its_item_alone() -> None:
    seen: list[tuple[int, int]] = []
    results = spread(_square, range(60), progress=lambda done, of: seen.append((done, of)), workers=2)
    assert results == [None if number == 13 else number * number for number in range(60)]
    assert {of for _, of in seen} == {60} and [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_results_come_in_order_and_errors_come_through() -> None:
    assert spread(_slowly, range(50), workers=2) == list(range(50))
    assert spread(_slowly, range(5)) == list(range(5))
    assert spread(_slowly, []) == []
    with pytest.raises(ValueError, match="forty-five"):
        spread(_fails, range(50), workers=2)


@pytest.mark.parametrize("count", [5, 50])
def test_each_result_is_taken_as_it_comes_with_its_index(count: int) -> None:
    taken: dict[int, int] = {}

    def take(index: int, result: int) -> int:
        assert taken.setdefault(index, result) == result and len(taken) <= count
        return -result

    assert spread(_slowly, range(count), workers=2, take=take) == [-number for number in range(count)]
    assert taken == {number: number for number in range(count)}


def _together(number: int) -> int:
    """Dies where the one that asked, whose process id the environment has, is killed meanwhile."""
    if number == 3:
        os.kill(int(os.environ["ASKED"]), signal.SIGKILL)
    return number


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals")
def test_when_the_one_that_asked_is_killed_no_process_is_left(tmp_path: Path) -> None:
    asks = (
        "import os; os.environ['ASKED'] = str(os.getpid())\n"
        "from tests.train.test_parallel import _together; from train.parallel import spread\n"
        "spread(_together, range(50), workers=2)"
    )
    with (tmp_path / "said").open("wb") as said:
        asked = subprocess.Popen([sys.executable, "-c", asks], stderr=said, start_new_session=True)
        assert asked.wait(60) == -signal.SIGKILL

    def left() -> list[int]:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if os.getpgid(process.pid) == asked.pid and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process.pid)
        return found

    try:
        until(lambda: not left(), 20)
    finally:
        for pid in left():
            os.kill(pid, signal.SIGKILL)


def test_no_lock_is_shared_for_some_machines_have_no_room_for_any(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("_multiprocessing.SemLock", no_room)
    assert spread(_slowly, range(50), workers=2) == list(range(50))
