"""fontdemo.ui.gate.crowd: who cancels an event at whatever moment leaves no place in the queue taken."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from gradio import queueing, routes

from fontdemo.ui.gate import crowd


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    theirs = (queueing.Queue, "process_events"), (queueing.Queue, "get_events"), (queueing, "EventQueue")
    for owner, name in ((routes, "cancel_tasks"), *theirs):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    crowd.install(on_space=False)
    yield


def test_an_event_is_not_cancelled_before_its_first_step() -> None:
    """Else it gave nothing back: 20 s of one address took 6 of the 40 places, and all of one kind, for good."""
    told: list[str] = []

    async def work(name: str) -> None:
        try:
            told.append(f"{name} began")
            await asyncio.sleep(100)
        finally:
            told.append(f"{name} ended")

    async def visit() -> None:
        for name in ("mine", "other"):
            asyncio.create_task(work(name), name=f"{name}_7<gradio-sep>{name}'s")
        asyncio.create_task(work("strange"), name="mine_7")
        assert await routes.cancel_tasks({"mine_7", "none_7"}) == ["mine's"]  # type: ignore[attr-defined]
        assert sorted(told) == ["mine began", "mine ended", "other began", "strange began"]
        asyncio.create_task(work("more"), name="a<gradio-sep>b_7<gradio-sep>more's")  # who has such a session
        assert await routes.cancel_tasks({"other_7"}) == ["other's"]  # type: ignore[attr-defined]

    asyncio.run(visit())


@pytest.mark.parametrize("times", [1, 3])
def test_what_is_cancelled_while_it_ends_is_forgotten(times: int) -> None:
    """It counted as at work for ever: after 120 of them its address was told that many of its requests still wait."""
    async def visit() -> Any:
        async def stalls(event: str) -> None:
            await asyncio.sleep(100)

        event = SimpleNamespace(_id="e", alive=False, concurrency_id="c", session_hash="s")
        kind = SimpleNamespace(current_concurrency=1, start_times_per_fn={})
        events = [event]
        queue = SimpleNamespace(
            event_queue_per_concurrency_id={"c": kind}, active_jobs=[events], event_ids_to_events={"e": event},
            event_analytics={}, server_app=None, reset_iterators=stalls,
        )  # fmt: skip
        process: Any = queueing.Queue.process_events
        task = asyncio.create_task(process(queue, events, False, 0.0, None), name="s_7<gradio-sep>e")
        await asyncio.sleep(0)
        assert queue.event_ids_to_events and queue.active_jobs == [None] and kind.current_concurrency == 0
        for _ in range(times):
            await routes.cancel_tasks({"s_7"})  # type: ignore[attr-defined]
        assert task.cancelled()
        return queue.event_ids_to_events

    assert asyncio.run(visit()) == {}
