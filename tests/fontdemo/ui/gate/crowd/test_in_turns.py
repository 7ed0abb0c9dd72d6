"""fontdemo.ui.gate.crowd: a flood of one address neither goes before others nor has their answers forgotten."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from fontdemo.ui.gate import crowd
from tests.fontdemo.ui.gate.test_crowd import event


def test_a_reader_who_lags_behind_a_busy_page_keeps_what_there_is_for_it() -> None:
    """Under a flood there is news for all who wait faster than they read it: their answers were forgotten."""
    lags, gone = asyncio.Queue[Any](), asyncio.Queue[Any]()
    queue: Any = SimpleNamespace(
        event_ids_to_events={}, pending_messages_per_session={"lags": lags, "gone": gone}, pending_event_ids_session={}
    )
    unread = crowd.Unread()
    for _ in range(crowd.UNREAD):
        gone.put_nowait(object())
    for now in range(int(crowd.PATIENCE[1]) + 2):
        lags.put_nowait(object())
        lags.put_nowait(object())
        unread.forget(queue, float(now))
        lags.get_nowait()
    assert list(queue.pending_messages_per_session) == ["lags"] and lags.qsize() == now + 1


def test_in_the_queue_addresses_take_turns() -> None:
    """120 events of one address went before everyone else's: others' readings took 20 s."""
    line = crowd.InTurns(on_space=False)
    for name, address in [("a1", "8.8.8.8"), ("a2", "8.8.8.8"), ("a3", "8.8.8.8"), ("b1", "9.9.9.9"),
                          ("c1", "7.7.7.7"), ("b2", "9.9.9.9"), ("home", "127.0.0.1"), ("a4", "8.8.8.8"),
                          ("home again", "127.0.0.1")]:  # fmt: skip
        line.append(event(name, address))
    assert [one.session_hash for one in line] == ["a1", "b1", "c1", "home", "home again", "a2", "b2", "a3", "a4"]
