"""Lessons of the page's visitors, one at a time: whose is under way, who waits, and what came of it.

A lesson lives in this process's memory only. It ends when its visitor stops it or is not heard of any more, and what it
gave is gone once its visitor has it. No page in here: `train.ui.teach` shows it.
"""

from __future__ import annotations

import gc
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeAlias

from safetensors.torch import save

from fontdemo import memory
from fontdemo.errors import FontdemoError, without_paths
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.threads import TooBusyError, begin
from train.runs.start.line import Line
from train.teach import lesson
from train.teach.lesson import Drawing, Lesson, Point

#: Seconds a lesson takes until one was measured.
SECONDS = 10.0

#: A lesson whose visitor has not been heard of for so many seconds ends.
GONE = 20.0

#: The drawings of a lesson, not drawn yet.
Given: TypeAlias = Callable[[], Sequence[Drawing]]


class Teach(Protocol):
    """As `train.teach.lesson.teach`."""

    def __call__(
        self, network: Network, drawings: Sequence[Drawing], *, seed: int = 0, stop: Callable[[], bool]
    ) -> Iterator[Point | Lesson]: ...


@dataclass(eq=False)
class Turn:
    """One visitor's lesson. session: of the page that asked for it; it alone may stop it.

    points: so far. lesson: what came of it, without its network; weights: that network as a safetensors file, b"" where
    it was not kept. error: why nothing came of it. begun, ended: whether it has.
    """

    browser: str
    session: str
    points: list[Point] = field(default_factory=list)
    lesson: Lesson | None = None
    weights: bytes = b""
    error: str = ""
    begun: bool = False
    ended: bool = False
    left: bool = False
    seen: float = 0.0


class Turns:
    """Safe to share between threads. teach: what teaches. prepare: what it does beforehand. clock: seconds."""

    def __init__(
        self, teach: Teach = lesson.teach, prepare: Callable[[Network], None] = lesson.prepare,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._teach, self._prepare, self._clock = teach, prepare, clock
        self._prepared: set[tuple[Path, int]] = set()
        self._preparing: threading.Thread | None = None
        self._line = Line(clock, "for a lesson")
        self._lock = threading.Lock()
        self._now: Turn | None = None
        self._began = 0.0
        self._waiting: list[Turn] = []
        self._took: deque[float] = deque(maxlen=5)

    def prepare(self, source: Path) -> None:
        """Somebody may want a lesson of the network in `source` soon: get ready, unless that was done, or is."""
        with self._lock:
            known = source, (source / pretrained.MODEL).stat().st_mtime_ns
            preparing = self._preparing is not None and self._preparing.is_alive()
            if self._now is not None or preparing or known in self._prepared:
                return
            with suppress(TooBusyError):  # then the lesson takes longer
                self._preparing = begin(partial(self._get_ready, source))
                self._prepared.add(known)

    def _get_ready(self, source: Path) -> None:
        try:
            self._prepare(pretrained.load(source))
        except FontdemoError:  # who asks for a lesson is told
            pass
        finally:
            memory.give_back()

    def join(self, browser: str, session: str, source: Path, drawings: Given) -> Turn:
        """A turn for a lesson of the network in the weights folder `source`; it begins when nobody is before it.

        drawings: called when it begins, as to draw very many takes seconds; its FontdemoError is the turn's `error`.
        LineError if this browser has a lesson or waits for one already, or too many wait.
        """
        turn = Turn(browser, session, seen=self._clock())
        with self._lock:
            self._line.join(browser, session, self._seconds(), lambda: self._begin(turn, source, drawings))
            self._waiting.append(turn)
        return turn

    def look(self, turn: Turn) -> str:
        """Where the turn stands, in words for people; "" once it has begun. Looking shows that one is still there."""
        turn.seen = self._clock()
        with self._lock:
            self._advance()
            if turn.begun:
                return ""
            place = self._line.place(turn.browser)
            if place is None:  # not heard of for too long
                turn.ended = True
                return ""
            left = max(0.0, self._seconds() - (self._clock() - self._began)) if self._now is not None else 0.0
            return place.sentence(left, "Keep this page open: the lesson starts by itself.")

    def leave(self, turn: Turn) -> None:
        """Its visitor has gone, or has what came of it: a lesson that waits or goes on ends, and all is forgotten."""
        turn.left = True
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                self._line.leave(turn.browser)
        turn.weights = b""

    def stop(self, session: str) -> None:
        """End the lesson that the page with this session asked for, if there is one."""
        with self._lock:
            turns = [*self._waiting, *([self._now] if self._now is not None else [])]
        for turn in turns:
            if session and turn.session == session:
                self.leave(turn)
                turn.ended = turn.ended or not turn.begun

    def _seconds(self) -> float:
        return statistics.median(self._took) if self._took else SECONDS

    def _advance(self) -> None:
        while self._now is None:
            ticket = self._line.next()
            if ticket is None:
                return
            ticket.begin()

    def _begin(self, turn: Turn, source: Path, drawings: Given) -> None:
        if turn in self._waiting:
            self._waiting.remove(turn)
        if turn.left or self._gone(turn):
            turn.ended = True
            return
        turn.begun, self._now, self._began = True, turn, self._clock()
        try:
            begin(partial(self._work, turn, source, drawings))
        except TooBusyError as error:
            turn.error, turn.ended, self._now = str(error), True, None

    def _gone(self, turn: Turn) -> bool:
        return self._clock() - turn.seen > GONE

    def _work(self, turn: Turn, source: Path, drawings: Given) -> None:
        try:
            self._learn(turn, source, drawings)
        except FontdemoError as error:
            turn.error = without_paths(str(error))
        except Exception:
            turn.error = "Something went wrong. Nothing was changed. Try again."
            raise  # into the host's log
        finally:
            with self._lock:
                self._now = None
                if turn.lesson is not None:
                    self._took.append(self._clock() - self._began)
            turn.ended = True
            gc.collect()
            memory.give_back()

    def _learn(self, turn: Turn, source: Path, drawings: Given) -> None:
        """In a frame of its own, so that its network and its images are gone when it ends."""
        drawn = drawings()
        if (preparing := self._preparing) is not None:
            preparing.join()
        for news in self._teach(pretrained.load(source), drawn, stop=lambda: turn.left or self._gone(turn)):
            if isinstance(news, Point):
                turn.points.append(news)
            elif not turn.left:
                if news.network is not None:
                    tensors = {name: tensor.contiguous() for name, tensor in news.network.state_dict().items()}
                    turn.weights = save(tensors)
                turn.lesson = replace(news, network=None)
