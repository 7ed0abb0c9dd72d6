"""fontdemo.threads: a thread, or a sentence where the system has none left."""

from __future__ import annotations

import threading

import pytest

from fontdemo.threads import TooBusyError, begin
from tests.support.waiting import no_thread


def test_the_work_is_done_in_a_thread_that_keeps_no_one() -> None:
    done: list[threading.Thread] = []
    thread = begin(lambda: done.append(threading.current_thread()), "one")
    thread.join(10)
    assert done == [thread] and thread.daemon and thread.name == "one"


def test_where_there_is_none_left_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    no_thread(monkeypatch)
    with pytest.raises(TooBusyError, match="too busy"):
        begin(lambda: None)
