"""One piece of work at a time in the background, which goes on when the page that began it is closed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from fontdemo.errors import FontdemoError, without_paths
from train.parallel import Progress

Result = TypeVar("Result")


class Background(Generic[Result]):
    """Does a piece of work in a thread of its own and keeps the last result; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._share: float | None = None
        self._result: Result | None = None
        self._error = ""

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None while nothing is under way."""
        return self._share

    @property
    def result(self) -> Result | None:
        """What the last work that succeeded gave, or None."""
        return self._result

    @property
    def error(self) -> str:
        """Why the last work came to nothing, or ""."""
        return self._error

    def begin(self, work: Callable[[Progress], Result]) -> None:
        """Start work(progress), which tells its progress as (done, of); ignored while other work is under way."""
        with self._lock:
            if self._share is not None:
                return
            self._share, self._error = 0.0, ""
            self._thread = threading.Thread(target=self._work, args=(work,), daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait until the work has ended, at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self, work: Callable[[Progress], Result]) -> None:
        def progress(done: int, of: int) -> None:
            self._share = min(1.0, done / of) if of else 0.0

        try:
            self._result = work(progress)
        except (FontdemoError, OSError) as error:
            self._error = without_paths(str(error))
        except Exception as error:  # a fault of ours must not leave the page waiting for ever
            self._error = without_paths(f"{type(error).__name__}: {error}")
            raise
        finally:
            self._share = None
