"""Work in the background: one at a time, its progress, its result, its errors in words."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from fontdemo.errors import FontdemoError
from tests.support.waiting import no_thread
from train.parallel import Progress
from train.runs.background import Background, Launcher


def test_one_at_a_time_with_progress_and_result() -> None:
    work: Background[int] = Background()
    go, reported = threading.Event(), threading.Event()

    def slow(progress: Progress) -> int:
        progress(1, 4)
        reported.set()
        assert go.wait(10)
        return 7

    assert work.fraction is None and work.result is None
    work.begin(slow)
    assert reported.wait(10) and work.fraction == 0.25
    work.begin(lambda progress: 8)
    go.set()
    work.wait(10)
    assert work.fraction is None and work.result == 7 and work.error == ""


def test_an_error_is_reported_and_the_last_result_stays() -> None:
    work: Background[int] = Background()
    work.begin(lambda progress: 1)
    work.wait(10)

    def fail(progress: Progress) -> int:
        raise FontdemoError("There are no fonts.")

    work.begin(fail)
    work.wait(10)
    assert work.error == "There are no fonts." and work.result == 1 and work.fraction is None
    work.begin(lambda progress: 2)
    work.wait(10)
    assert work.error == "" and work.result == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_does_not_leave_the_page_waiting() -> None:
    work: Background[int] = Background()
    work.begin(lambda progress: 1 // 0)
    work.wait(10)
    assert work.fraction is None and "ZeroDivisionError" in work.error


def test_only_one_leaves_the_line_however_many_look_at_once(tmp_path: Path) -> None:
    """The second one's start would be refused, as the first is being prepared, and the place in line lost."""
    launcher, ends = Launcher(tmp_path), threading.Event()

    def begin(name: str) -> None:
        time.sleep(0.2)
        launcher.begin(name, lambda progress, say: ends.wait(10) and tmp_path, lambda data: None)

    for name in "ab":
        launcher.line.join(name, name, 1.0, lambda name=name: begin(name))  # type: ignore[misc]
    looks = [threading.Thread(target=launcher.keep_ready) for _ in range(4)]
    for look in looks:
        look.start()
    for look in looks:
        look.join()
    assert launcher.preparing is not None and launcher.preparing.name == "a"
    assert launcher.line.place("b") is not None and launcher.error == ""
    ends.set()
    launcher.wait(10)


def test_work_that_found_no_thread_keeps_no_other_from_being_done() -> None:
    work: Background[int] = Background()
    with pytest.MonkeyPatch.context() as patch:
        no_thread(patch)
        with pytest.raises(FontdemoError, match="too busy"):
            work.begin(lambda progress: 1)
    assert work.progress is None
    assert work.begin(lambda progress: 2)
    work.wait(10)
    assert work.result == 2
