"""Prepare a data set and start a run on it, in the background: what a press on Start sets going.

It belongs to the server, not to a browser tab, so it goes on when the tab is closed, and every tab sees how far it is.
Only one at a time. Once the run's own process is started (`train.runs.jobs`), nothing of it hangs on this server any
more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fontdemo.errors import FontdemoError
from train.parallel import Progress
from train.runs import jobs
from train.runs.start.line import Line
from train.runs.start.standby import Standby

#: Makes a data set: called with its progress and what to say of a new phase.
Prepare = Callable[[Progress, Callable[[str], None]], Path]


class Cancelled(FontdemoError):
    """The preparation was stopped by the user."""


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

    standby: has a trainer ready, so that a run starts at once. line: those who wait for their turn.
    """

    def __init__(self, root: Path, standby: Standby | None = None) -> None:
        self.root = root
        self.standby = standby
        self.line = Line()
        self._lock = threading.Lock()
        self._state: Preparing | None = None
        self._error = ""
        self._cancelled = False
        self._thread: threading.Thread | None = None

    @property
    def preparing(self) -> Preparing | None:
        """What is under way, or None."""
        return self._state

    @property
    def error(self) -> str:
        """Why the last start came to nothing; "" if it did not, or a new one was begun."""
        return self._error

    @property
    def ready(self) -> jobs.Ready | None:
        """What takes a run over at once, for `jobs.start`."""
        return None if self.standby is None else self.standby.launch

    def keep_ready(self) -> None:
        """While nothing is at work: start the run of the first in the line, or have a trainer stand by."""
        if self._state is not None or jobs.active(self.root) is not None:
            return
        ticket = self.line.next()
        if ticket is not None:
            try:
                ticket.begin()
            except FontdemoError as error:
                self._error = f"The run could not be started: {error}"
        elif self.standby is not None:
            self.standby.warm()

    def begin(self, name: str, prepare: Prepare, launch: Callable[[Path], None], starter: str = "") -> None:
        """Call launch(prepare(progress, say)) in the background. JobError while a run or a preparation is under way.

        prepare: to the path of a packed data set; told to say what it does, and how far it is as (done, of).
        launch: starts the run. starter: whose preparation it is.
        """
        busy = jobs.active(self.root)
        if busy is not None:
            raise jobs.JobError(f"“{busy.name}” is running; stop it first, or wait until it ends")
        with self._lock:
            if self._state is not None:
                raise jobs.JobError(f"the data for “{self._state.name}” is being prepared; wait, or stop it first")
            self._state, self._error, self._cancelled = Preparing(name, "Starting", 0, 0, starter), "", False
            self._thread = threading.Thread(target=self._work, args=(name, prepare, launch, starter), daemon=True)
        self._thread.start()

    def cancel(self) -> bool:
        """Stop the preparation at its next step; whether there was one."""
        self._cancelled = self._state is not None
        return self._cancelled

    def wait(self, seconds: float) -> None:
        """Wait until the preparation has ended, at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self, name: str, prepare: Prepare, launch: Callable[[Path], None], starter: str) -> None:
        phase = "Starting"

        def say(words: str) -> None:
            nonlocal phase
            phase = words
            progress(0, 0)

        def progress(done: int, of: int) -> None:
            if self._cancelled:
                raise Cancelled("Stopped before the data was ready.")
            self._state = Preparing(name, phase, done, of, starter)

        try:
            data = prepare(progress, say)
            progress(1, 1)
            launch(data)
        except (FontdemoError, OSError) as error:
            self._error = f"The run could not be started: {error}"
        except Exception as error:  # a fault of ours must not leave the page waiting for ever
            self._error = f"The run could not be started ({type(error).__name__}: {error})"
            raise
        finally:
            self._state = None
