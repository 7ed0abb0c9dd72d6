"""Lessons one at a time: in turn, stopped by their own page only, and gone when nobody is there for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.waiting import no_thread
from train.runs.start.line import MOST, LineError
from train.teach.lesson import Drawing, Lesson, Point, TeachError
from train.teach.turns import GONE, Turn, Turns


def drawings() -> list[Drawing]:
    return [Drawing(np.ones((100, 100), np.float32), "A")]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class School:
    """A `teach` whose lessons go on, a point at a time, until the test says so."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.at_work = 0
        self.most = 0
        self.fail: Exception | None = None

    def __call__(
        self, network: Network, drawings: Sequence[Drawing], *, seed: int = 0, stop: Callable[[], bool]
    ) -> Iterator[Point | Lesson]:
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        try:
            if self.fail is not None:
                raise self.fail
            yield Point(0, 2, 0.0, 0.9, 0.0)
            while not self.go_on.wait(0.01):
                if stop():
                    return
            yield Lesson(0.0, 1.0, 0.9, 0.9, (), True, network, 1.0)
        finally:
            self.at_work -= 1


@pytest.fixture
def source(tmp_path: Path) -> Path:
    pretrained.save(Network(), tmp_path / "report-cnn", "")
    return tmp_path / "report-cnn"


def until(turns: Turns, turn: Turn, done: Callable[[], bool]) -> str:
    """Look at the turn until `done`; what was told last."""
    deadline = time.monotonic() + 30
    while True:
        told = turns.look(turn)
        if done():
            return told
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_full_line_says_that_its_people_wait_for_a_lesson(source: Path) -> None:
    turns = Turns(School())
    for number in range(MOST):
        turns.join(str(number), "", source, drawings)
    with pytest.raises(LineError, match=f"{MOST} people are waiting for a lesson"):
        turns.join("late", "", source, drawings)


def test_lessons_are_given_one_at_a_time_and_in_order(source: Path) -> None:
    school = School()
    turns = Turns(school)
    first, second, third = (turns.join(name, name, source, drawings) for name in ("ada", "bob", "cy"))
    until(turns, first, lambda: bool(first.points))
    assert turns.look(second).startswith("You are next, about")
    assert turns.look(third).startswith("You are second, about")
    assert not second.begun and not third.begun
    with pytest.raises(LineError):
        turns.join("bob", "another page of bob's", source, drawings)
    school.go_on.set()
    for turn in (first, second, third):
        until(turns, turn, lambda turn=turn: turn.ended)  # type: ignore[misc]
        assert turn.lesson is not None and turn.lesson.network is None and turn.error == ""
    assert school.most == 1
    network = Network()
    network.load_state_dict(load(first.weights))
    turns.leave(first)
    assert first.weights == b""


def test_a_page_stops_its_own_lesson_and_no_other(source: Path) -> None:
    school = School()
    turns = Turns(school)
    first, second = (turns.join(name, f"page of {name}", source, drawings) for name in ("ada", "bob"))
    until(turns, first, lambda: bool(first.points))
    for stranger in ("", "page of eve", "ada"):
        turns.stop(stranger)
    time.sleep(0.1)
    assert not first.ended and not second.ended
    turns.stop("page of bob")
    assert second.ended and not second.begun
    turns.stop("page of ada")
    until(turns, first, lambda: first.ended)
    assert first.lesson is None and first.weights == b"" and first.error == ""
    # Both may come again.
    school.go_on.set()
    again = turns.join("bob", "page of bob", source, drawings)
    until(turns, again, lambda: again.ended)
    assert again.lesson is not None


def test_a_lesson_whose_visitor_is_gone_ends_and_the_next_one_begins(source: Path) -> None:
    school, clock = School(), Clock()
    turns = Turns(school, clock=clock)
    first = turns.join("ada", "1", source, drawings)
    until(turns, first, lambda: bool(first.points))
    second = turns.join("bob", "2", source, drawings)
    clock.now += GONE + 1
    until(turns, second, lambda: bool(second.points))
    assert first.ended and first.lesson is None
    turns.leave(second)
    deadline = time.monotonic() + 30
    while not second.ended and time.monotonic() < deadline:
        time.sleep(0.01)
    assert second.ended and second.lesson is None


def test_why_nothing_came_of_it_is_told_and_the_next_is_not_kept_waiting(source: Path) -> None:
    school = School()
    turns = Turns(school)
    school.fail = TeachError("This network can't learn from /home/ada/secret/file.")
    turn = turns.join("ada", "1", source, drawings)
    until(turns, turn, lambda: turn.ended)
    assert turn.error == "This network can't learn from file."
    school.fail = None
    school.go_on.set()
    turn = turns.join("ada", "1", source, drawings)
    until(turns, turn, lambda: turn.ended)
    assert turn.lesson is not None


def test_a_network_is_got_ready_once(source: Path) -> None:
    ready: list[str] = []
    turns = Turns(School(), lambda network: ready.append(network.architecture))
    for _ in range(3):
        turns.prepare(source)
        deadline = time.monotonic() + 30
        while not ready and time.monotonic() < deadline:
            time.sleep(0.01)
    assert ready == ["report-cnn"]


def test_drawings_are_drawn_one_lesson_at_a_time_and_only_of_those_who_have_a_place(source: Path) -> None:
    """To draw very many takes seconds: 60 requests of one address kept everyone else's lesson waiting for minutes."""
    drawn: list[str] = []

    def of(name: str) -> list[Drawing]:
        drawn.append(name)
        return drawings()

    school = School()
    turns = Turns(school)
    first = turns.join("ada", "1", source, partial(of, "ada"))
    until(turns, first, lambda: bool(first.points))
    for number in range(MOST):
        turns.join(str(number), "", source, partial(of, "another"))
    with pytest.raises(LineError):
        turns.join("late", "", source, partial(of, "late"))
    assert drawn == ["ada"]
    school.go_on.set()
    until(turns, first, lambda: first.ended)


def test_what_is_wrong_with_drawings_is_told_when_they_are_drawn(source: Path) -> None:
    def blank() -> list[Drawing]:
        raise TeachError("Drawing 1 is blank.")

    turns = Turns(School())
    turn = turns.join("ada", "1", source, blank)
    until(turns, turn, lambda: turn.ended)
    assert turn.error == "Drawing 1 is blank." and turn.lesson is None


def test_a_lesson_that_found_no_thread_keeps_no_one_elses_from_being_given(source: Path) -> None:
    school = School()
    school.go_on.set()
    turns = Turns(school, lambda network: None)
    with pytest.MonkeyPatch.context() as patch:
        no_thread(patch)
        turns.prepare(source)
        first = turns.join("ada", "", source, drawings)
        turns.look(first)
    assert first.ended and "too busy" in first.error and first.lesson is None
    turns.prepare(source)
    second = turns.join("bob", "", source, drawings)
    until(turns, second, lambda: second.ended)
    assert second.lesson is not None and not second.error
