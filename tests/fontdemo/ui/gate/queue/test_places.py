"""fontdemo.ui.gate.queue.places: one address can't keep everyone else from a kind of event."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from gradio import queueing

from fontdemo.ui.gate import crowd
from fontdemo.ui.gate.uploads import MANY
from tests.fontdemo.ui.gate.test_crowd import came_from


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name in ((queueing.Queue, "process_events"), (queueing.Queue, "get_events"), (queueing, "EventQueue")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    crowd.install(on_space=False)


def begun(limit: int | None, *addresses: str) -> list[str]:
    """Whose events of one kind are at work, of those that came in this order and take long."""
    events = [_event(address) for address in addresses]
    kind = SimpleNamespace(queue=list(events), concurrency_limit=limit, current_concurrency=0)
    idle = SimpleNamespace(queue=[], concurrency_limit=2, current_concurrency=0)
    queue: Any = SimpleNamespace(event_queue_per_concurrency_id={"idle": idle, "fonts": kind}, active_jobs=[None])
    while (found := queueing.Queue.get_events(queue)) is not None:
        assert found[1:] == (False, "fonts")
        queue.active_jobs.append(found[0])
        kind.current_concurrency += 1
    assert len(kind.queue) + kind.current_concurrency == len(events)
    return [next(address for one, address in zip(events, addresses, strict=True) if one is job[0])
            for job in queue.active_jobs if job]  # fmt: skip


def _event(address: str) -> Any:
    kind, _, number = address.rpartition(" of ")
    scope = came_from(number)
    if kind == "agent":
        scope["headers"].append((b"x-gradio-user", b"mcp"))
    asked, called = SimpleNamespace(scope=scope), SimpleNamespace(batch=False, api_name=MANY if kind == "list" else "")
    return SimpleNamespace(concurrency_id="fonts", request=asked, fn=called)


@pytest.mark.parametrize("limit, addresses, expected", [
    (2, ["8.8.8.8"] * 4, ["8.8.8.8"]),
    (2, ["8.8.8.8", "8.8.8.8", "9.9.9.9", "9.9.9.9"], ["8.8.8.8", "9.9.9.9"]),
    (4, ["8.8.8.8"] * 5 + ["9.9.9.9"], ["8.8.8.8"] * 3 + ["9.9.9.9"]),
    (1, ["8.8.8.8"] * 2, ["8.8.8.8"]),
    (None, ["8.8.8.8"] * 5, ["8.8.8.8"] * 5),
    (2, ["127.0.0.1"] * 3, ["127.0.0.1"] * 2),  # at home, or behind a proxy that says nothing: anyone
    (2, ["agent of 127.0.0.1"] * 3 + ["127.0.0.1"], ["agent of 127.0.0.1", "127.0.0.1"]),
])  # fmt: skip
def test_the_last_place_of_a_kind_is_for_another_address(
    limit: int | None, addresses: list[str], expected: list[str]
) -> None:
    """Slow fonts in both places kept another's waiting for a minute, as long as one went on."""
    assert begun(limit, *addresses) == expected


@pytest.mark.parametrize("limit, addresses, expected", [
    (2, ["list of 8.8.8.8", "list of 2001:4860::8"], ["list of 8.8.8.8"]),
    (2, ["list of 8.8.8.8", "list of 2001:4860::8", "9.9.9.9"], ["list of 8.8.8.8", "9.9.9.9"]),
    (2, ["list of 127.0.0.1"] * 2 + ["127.0.0.1"], ["list of 127.0.0.1", "127.0.0.1"]),
    (2, ["9.9.9.9", "list of 8.8.8.8"], ["9.9.9.9", "list of 8.8.8.8"]),
    (1, ["list of 8.8.8.8"] * 2, ["list of 8.8.8.8"]),
    (None, ["list of 8.8.8.8"] * 2, ["list of 8.8.8.8"] * 2),
])  # fmt: skip
def test_the_last_place_is_for_what_is_no_list(limit: int | None, addresses: list[str], expected: list[str]) -> None:
    """Lists of 20 slow pictures from one line's two addresses kept another's picture waiting for a minute."""
    assert begun(limit, *addresses) == expected
