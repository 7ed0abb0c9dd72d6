"""Requests that come at the same time are answered together: one call for all that wait, instead of one for each.

No request waits for others: where no call is running, one starts at once, and what comes meanwhile goes into the next.
It knows nothing of networks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


@dataclass(eq=False)
class _Request(Generic[Asked]):
    """One who waits. done: whether `answer` is there, or `error`, which is raised in its stead."""

    asked: Asked
    done: bool = False
    answer: Any = None
    error: BaseException | None = None


class Batched(Generic[Asked, Answer]):
    """Answers through `together`, which is called by one thread at a time with 1 to `most` things and answers each.

    Safe to share between threads.
    """

    def __init__(self, together: Callable[[list[Asked]], list[Answer]], most: int = 8) -> None:
        self._together = together
        self._most = most
        self._waiting: list[_Request[Asked]] = []
        self._list = threading.Lock()  # held while the list is changed, never longer
        self._turn = threading.Lock()  # held by the thread that calls `together`

    def ask(self, asked: Asked) -> Answer:
        """The answer to `asked`; raises what `together` raised for the batch it was in."""
        request = _Request(asked)
        with self._list:
            self._waiting.append(request)
        while not request.done:
            with self._turn:
                if not request.done:
                    self._call()
        if request.error is not None:
            raise request.error
        answer: Answer = request.answer
        return answer

    def _call(self) -> None:
        """Answer those who have waited longest."""
        with self._list:
            group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            answers = self._together([request.asked for request in group])
            for request, answer in zip(group, answers, strict=True):
                request.answer = answer
        except BaseException as error:
            for request in group:
                request.error = error
            raise
        finally:
            for request in group:
                request.done = True
