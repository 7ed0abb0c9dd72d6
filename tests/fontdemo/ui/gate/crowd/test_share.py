"""fontdemo.ui.gate.crowd: a few addresses together leave places in the queue for those who come after them."""

from __future__ import annotations

import pytest

from fontdemo.ui.gate import crowd
from tests.fontdemo.ui.gate.test_crowd import asked, event


def filled(addresses: int) -> list[int]:
    """Events that so many addresses have in the queue when none of them may have more; they take turns."""
    names = [f"8.8.{one // 250}.{one % 250 + 1}" for one in range(addresses)]
    mine, full = [0] * addresses, False
    while not full:
        full = True
        for one, name in enumerate(names):
            events = [event(f"{other} {n}", names[other]) for other, count in enumerate(mine) for n in range(count)]
            if len(events) < crowd.WAITING and asked(events, f"{one} {len(events)}", name) == 200:
                mine[one], full = mine[one] + 1, False
    return mine


@pytest.mark.parametrize("addresses", [5, 40])
def test_a_few_addresses_leave_places_in_the_queue_for_others(addresses: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six with 3 events a second each, of a kind that takes long, kept everyone else out: 503 to all readings."""
    monkeypatch.setattr(crowd, "WAITING", 100)
    monkeypatch.setattr(crowd, "OF_AN_ADDRESS", 24)
    mine = filled(addresses)
    assert sum(mine) < 100 and max(mine) - min(mine) <= 1
    events = [event(f"{one} {n}", f"8.8.0.{one + 1}") for one, count in enumerate(mine) for n in range(count)]
    assert asked(events) == 200


def test_one_address_by_itself_may_have_as_many_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "WAITING", 100)
    monkeypatch.setattr(crowd, "OF_AN_ADDRESS", 24)
    assert filled(1) == [24]
    assert (crowd.WAITING - 24) // crowd.SHARE >= 24
