"""The line of those who pressed Start while someone else's run is under way: first come, first served.

One place per browser. It starts nothing; `train.runs.background` asks it who is next.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fontdemo.errors import FontdemoError

#: Who has not been heard of for so many seconds has gone, and loses the place.
GONE = 60.0

#: Places in the line.
MOST = 12

_ORDINALS = ("next", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


class LineError(FontdemoError):
    """There is no place in the line; says why."""


@dataclass
class Ticket:
    """One who waits. name: of the run to be. seconds: about how long it takes. begin: starts it."""

    browser: str
    name: str
    seconds: float
    begin: Callable[[], None]
    seen: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Place:
    """ahead: how many go first. seconds: about how long those take, without the run at work."""

    name: str
    ahead: int
    seconds: float

    def sentence(self, left: float, then: str = "Keep this page open: training starts by itself.") -> str:
        """Where one stands, in words. left: seconds that the run at work still takes. then: what follows."""
        words = _ORDINALS[self.ahead] if self.ahead < len(_ORDINALS) else f"number {self.ahead + 1}"
        return f"You are {words}, {about(left + self.seconds)}. {then}"


class Line:
    """Safe to share between threads. purpose: what people wait for, in words that follow "waiting"."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, purpose: str = "to train") -> None:
        self._purpose = purpose
        self._tickets: list[Ticket] = []
        self._lock = threading.Lock()
        self._clock = clock

    def join(self, browser: str, name: str, seconds: float, begin: Callable[[], None]) -> None:
        """Wait at the end of the line. LineError for a browser that waits already, or if the line is full."""
        with self._lock:
            self._drop_gone()
            if any(ticket.browser == browser for ticket in self._tickets):
                raise LineError("You are already in line.")
            if len(self._tickets) >= MOST:
                raise LineError(f"{MOST} people are waiting {self._purpose}. Try again in a few minutes.")
            self._tickets.append(Ticket(browser, name, seconds, begin, self._clock()))

    def leave(self, browser: str) -> bool:
        """Give the place up; whether there was one."""
        with self._lock:
            before = len(self._tickets)
            self._tickets = [ticket for ticket in self._tickets if ticket.browser != browser]
            return len(self._tickets) < before

    def place(self, browser: str) -> Place | None:
        """Where this browser stands, None if it is not in the line. Asking shows that it is still there."""
        with self._lock:
            self._drop_gone()
            seconds = 0.0
            for ahead, ticket in enumerate(self._tickets):
                if ticket.browser == browser:
                    ticket.seen = self._clock()
                    return Place(ticket.name, ahead, seconds)
                seconds += ticket.seconds
        return None

    def browser_of(self, name: str) -> str:
        """Who waits first for a run of this name; "" if no one does."""
        with self._lock:
            self._drop_gone()
            return next((ticket.browser for ticket in self._tickets if ticket.name == name), "")

    def next(self) -> Ticket | None:
        """Take the first one who is still there out of the line."""
        with self._lock:
            self._drop_gone()
            return self._tickets.pop(0) if self._tickets else None

    def __len__(self) -> int:
        return len(self._tickets)

    def _drop_gone(self) -> None:
        now = self._clock()
        self._tickets = [ticket for ticket in self._tickets if now - ticket.seen < GONE]


def about(seconds: float) -> str:
    """A time for people: about 20 seconds, about 2 minutes, about 3 hours."""
    if seconds < 90:
        return f"about {max(10, round(seconds / 10) * 10)} seconds"
    if seconds < 90 * 60:
        return f"about {round(seconds / 60)} minutes"
    hours = seconds / 3600
    return f"about {hours:.0f} hours" if hours >= 3 else f"about {hours:.1f} hours".replace(".0 ", " ")
