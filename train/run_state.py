"""How a run stands, in one word: what the training loop ends with, state.json holds and the page shows."""

from __future__ import annotations

from enum import Enum


class RunState(str, Enum):
    """The loop ends as FINISHED, STOPPED, TIME_LIMIT or EARLY_STOP. state.json says one of these, RUNNING or FAILED.

    NEW, STOPPING and CRASHED are never written: they are what is seen from outside.
    """

    NEW = "new"
    RUNNING = "running"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    TIME_LIMIT = "time limit"
    EARLY_STOP = "early stop"
    FAILED = "failed"
    CRASHED = "crashed"

    def __str__(self) -> str:
        return str(self.value)
