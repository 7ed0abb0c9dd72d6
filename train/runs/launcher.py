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


class Cancelled(FontdemoError):
    """The preparation was stopped by the user."""


@dataclass(frozen=True)
class Preparing:
    """How far a preparation is: `done` of `of` steps (0: not known yet) of what `sentence` says.

    starter: whose it is, as `train.access.Access.browser`.
    """

    name: str
    sentence: str
    done: int
    of: int
    starter: str = ""


class Launcher:
    """One preparation at a time for the runs under `root`; safe to share between threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
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

    def begin(self, name: str, prepare: Callable[[Progress], Path], launch: Callable[[Path], None],
              starter: str = "") -> None:  # fmt: skip
        """Call launch(prepare(progress)) in the background. job.JobError while a run or a preparation is under way.

        prepare: to the path of a packed data set, telling its progress as (done, of). launch: starts the run.
        starter: whose preparation it is.
        """
        busy = jobs.active(self.root)
        if busy is not None:
            raise jobs.JobError(f"“{busy.name}” is running; stop it first, or wait until it ends")
        with self._lock:
            if self._state is not None:
                raise jobs.JobError(f"the data for “{self._state.name}” is being prepared; wait, or stop it first")
            self._state, self._error, self._cancelled = Preparing(name, "Preparing the data.", 0, 0, starter), "", False
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

    def _work(
        self, name: str, prepare: Callable[[Progress], Path], launch: Callable[[Path], None], starter: str
    ) -> None:
        def progress(done: int, of: int) -> None:
            if self._cancelled:
                raise Cancelled("Stopped before the data was ready.")
            self._state = Preparing(name, "Preparing the data, which is needed only once.", done, of, starter)

        try:
            data = prepare(progress)
            progress(1, 1)
            launch(data)
        except (FontdemoError, OSError) as error:
            self._error = f"The run could not be started: {error}"
        except Exception as error:  # a fault of ours must not leave the page waiting for ever
            self._error = f"The run could not be started ({type(error).__name__}: {error})"
            raise
        finally:
            self._state = None
