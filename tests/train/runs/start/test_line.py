"""The line of those who wait: first come first served, one place each, and who has gone holds up no one."""

from __future__ import annotations

import pytest

from train.runs.start.line import GONE, MOST, Line, LineError, about


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def nothing() -> None:
    pass


def test_first_come_first_served() -> None:
    line = Line()
    for browser, seconds in (("ann", 30.0), ("bob", 60.0), ("cleo", 5.0)):
        line.join(browser, f"{browser}'s", seconds, nothing)
    with pytest.raises(LineError, match="already"):
        line.join("bob", "another", 1.0, nothing)
    third = line.place("cleo")
    assert third is not None and (third.name, third.ahead, third.seconds) == ("cleo's", 2, 90.0)
    assert third.sentence(30.0).startswith("You are third, about 2 minutes.")
    first = line.place("ann")
    assert first is not None and first.sentence(20.0).startswith("You are next, about 20 seconds.")
    assert line.place("dan") is None and line.leave("bob") and not line.leave("bob")
    assert [ticket.browser for ticket in iter(line.next, None)] == ["ann", "cleo"]


def test_who_is_not_heard_of_loses_the_place() -> None:
    clock = Clock()
    line = Line(clock)
    line.join("ann", "a", 1.0, nothing)
    line.join("bob", "b", 1.0, nothing)
    clock.now = GONE - 1
    assert line.place("bob") is not None  # he is still there
    clock.now = GONE + 1
    place = line.place("bob")
    assert place is not None and place.ahead == 0 and len(line) == 1


def test_a_full_line_says_so() -> None:
    line = Line()
    for number in range(MOST):
        line.join(str(number), "", 1.0, nothing)
    with pytest.raises(LineError, match=r"waiting to train\. Try again"):
        line.join("late", "", 1.0, nothing)


def test_times_for_people() -> None:
    assert [about(seconds) for seconds in (3, 47, 100, 4000, 9000, 40_000)] == [
        "about 10 seconds", "about 50 seconds", "about 2 minutes", "about 67 minutes", "about 2.5 hours",
        "about 11 hours",
    ]  # fmt: skip
