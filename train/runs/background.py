"""Work that goes on in the server when its page is closed: one piece at a time, and every tab sees it.

`Background` does any work; `Launcher` prepares a data set and starts a run on it, which is what a press on Start sets
going. Once the run's own process is started (`train.runs.jobs`), it no longer depends on this server.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from fontdemo.errors import FontdemoError
from fontdemo.threads import TooBusyError, begin
from train.parallel import Progress
from train.runs import jobs
from train.runs.start.line import Line
from train.runs.start.standby import Standby
from train.runs.zerogpu import Slices

Result = TypeVar("Result")


class Cancelled(FontdemoError):
    """The work was stopped by the user."""


class Background(Generic[Result]):
    """Does a piece of work in a thread of its own and keeps the last result; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._done: tuple[int, int] | None = None
        self._cancelled = False
        self._result: Result | None = None
        self._error = ""

    @property
    def progress(self) -> tuple[int, int] | None:
        """(done, of) of the work under way, (0, 0) before it has reported any; None while nothing is under way."""
        return self._done

    @property
    def fraction(self) -> float | None:
        """How much is done, 0 to 1; None while nothing is under way."""
        done = self._done
        return None if done is None else min(1.0, done[0] / done[1]) if done[1] else 0.0

    @property
    def result(self) -> Result | None:
        """What the last work that succeeded gave, or None."""
        return self._result

    @property
    def error(self) -> str:
        """Why the last work failed, or ""; it may name paths."""
        return self._error

    def begin(self, work: Callable[[Progress], Result]) -> bool:
        """Start work(progress), which reports its progress as (done, of); False, and nothing is done, if other work is
        under way. TooBusyError where the system has no thread left.
        """
        with self._lock:
            if self._done is not None:
                return False
            self._done, self._error, self._cancelled = (0, 0), "", False
            try:
                self._thread = begin(partial(self._work, work))
            except TooBusyError:
                self._done = None
                raise
        return True

    def cancel(self) -> bool:
        """Stop the work when it next reports its progress; whether there was any."""
        self._cancelled = self._done is not None
        return self._cancelled

    def wait(self, seconds: float) -> None:
        """Wait until the work has ended, at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self, work: Callable[[Progress], Result]) -> None:
        def progress(done: int, of: int) -> None:
            if self._cancelled:
                raise Cancelled("Stopped before it was done.")
            self._done = done, of

        try:
            self._result = work(progress)
        except (FontdemoError, OSError) as error:
            self._error = str(error)
        except Exception as error:  # a fault of ours must not leave the page waiting for ever
            self._error = f"{type(error).__name__}: {error}"
            raise
        finally:
            self._done = None


#: Makes a data set: called with its progress and what to say of a new phase.
Prepare = Callable[[Progress, Callable[[str], None]], Path]


@dataclass(frozen=True)
class Preparing:
    """How far a preparation is: `done` of `of` steps (0: not known yet) of the phase.

    starter: whose it is, as `train.access.Access.browser`.
    """

    name: str
    phase: str
    done: int
    of: int
    starter: str = ""

    @property
    def sentence(self) -> str:
        """Reading fonts 412 of 1,761."""
        return f"{self.phase} {self.done:,} of {self.of:,}" if self.of else f"{self.phase} ..."


class Launcher:
    """One preparation at a time for the runs under `root`; safe to share between threads.

    standby: has a trainer ready, so that a run starts at once. slices: where runs are trained in slices of a ZeroGPU
    card. line: those who wait for their turn.
    """

    def __init__(self, root: Path, standby: Standby | None = None, slices: Slices | None = None) -> None:
        self.root = root
        self.standby = standby
        self.slices = slices
        self.line = Line()
        self._lock, self._moving = threading.Lock(), threading.Lock()
        self._work: Background[None] = Background()
        self._name, self._starter, self._phase, self._refused = "", "", "", ""

    @property
    def preparing(self) -> Preparing | None:
        """What is under way, or None."""
        done = self._work.progress
        return None if done is None else Preparing(self._name, self._phase, *done, self._starter)

    @property
    def error(self) -> str:
        """Why the last start failed; "" if it did not, or a new one was begun."""
        reason = self._work.error or self._refused
        return reason and f"The run could not be started: {reason}"

    def refused(self, name: str) -> str:
        """Why the last start failed, if it was that of the run `name`; else ""."""
        return self.error if name == self._name else ""

    @property
    def ready(self) -> jobs.Ready | None:
        """What takes a run over at once, for `jobs.start`."""
        if self.slices is not None:
            return self.slices.take_over
        return None if self.standby is None else self.standby.launch

    def keep_ready(self) -> None:
        """While nothing is at work: start the run of the first in the line, or have a trainer stand by."""
        if self.slices is not None:
            self.slices.drop_gone()
        if self._busy():
            return
        with self._moving:
            if self._busy():  # another look was quicker: to begin a second one would be refused, and its place lost
                return
            ticket = self.line.next()
            if ticket is not None:
                try:
                    ticket.begin()
                except FontdemoError as error:
                    self._refused = str(error)
                return
        if self.standby is not None:
            self.standby.warm()

    def _busy(self) -> bool:
        return self._work.progress is not None or jobs.active(self.root) is not None

    def settle(self) -> None:
        """Wait until no one is on the way from the line to a preparation, which takes milliseconds."""
        with self._moving:
            pass

    def begin(self, name: str, prepare: Prepare, launch: Callable[[Path], None], starter: str = "") -> None:
        """Call launch(prepare(progress, say)) in the background. JobError while a run, a search or a preparation is
        under way.

        prepare: to the path of a packed data set; it calls say(phase), and progress(done, of) as far as it is.
        launch: starts the run. starter: whose preparation it is.
        """
        jobs.refuse_while_active(self.root)

        def work(progress: Progress) -> None:
            def say(phase: str) -> None:
                self._phase = phase
                progress(0, 0)

            data = prepare(progress, say)
            progress(1, 1)
            launch(data)

        with self._lock:
            if self._work.progress is not None:
                raise jobs.JobError(f"the data for “{self._name}” is being prepared; wait, or stop it first")
            self._name, self._starter, self._phase, self._refused = name, starter, "Starting", ""
            self._work.begin(work)

    def cancel(self, one: Preparing) -> bool:
        """Stop this preparation at its next step; whether it was still under way, and no later one."""
        with self._lock:
            now = self.preparing
            return now is not None and (now.name, now.starter) == (one.name, one.starter) and self._work.cancel()

    def wait(self, seconds: float) -> None:
        """Wait until the preparation has ended, at most so long."""
        self._work.wait(seconds)
