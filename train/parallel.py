"""Do one thing to many items in several processes, in order, with progress; a crash costs only its own item.

Fonts come from anywhere, and a broken one may bring down the font engine, not just raise. Processes are spawned, not
forked, so this may be called from a server's threads. The function must be importable and its arguments picklable.
Each process has a pipe of its own and no lock that it shares: some machines have no room for locks (/dev/shm), and
when the one that asked is killed, the pipes close and the processes end.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from numpy.typing import NDArray

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Called as progress(done, all).
Progress = Callable[[int, int], None]

# Starting the processes costs about a second; fewer items than this are done sooner without them.
_WORTH_IT = 40

# A process can also die of something else, as of what others did to the machine's memory, but hardly each time.
_TRIES = 2


def spread(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    progress: Progress | None = None,
    workers: int | None = None,
    take: Callable[[int, Result], Result] = lambda index, result: result,
) -> list[Result | None]:
    """[take(index, function(item)) for ... items], by `workers` processes (default: one a core).

    take: called here, as each comes; it may put what came where it belongs, and give a view of that.

    A process that dies leaves None in the place of the item that killed it; an exception raised by `function` is
    raised here. With few items, or one worker, everything happens in this process. OSError if the system has no
    process left.
    """
    workers = workers or os.cpu_count() or 1
    results: list[Result | None] = [None] * len(items)
    if workers == 1 or len(items) < _WORTH_IT:
        for index, item in enumerate(items):
            results[index] = take(index, function(item))
            if progress:
                progress(index + 1, len(items))
        return results
    waiting, died = list(range(len(items)))[::-1], Counter[int]()
    team: list[_Worker] = []
    try:
        team += (_Worker(function) for _ in range(min(workers, len(items))))
        while True:
            for worker in team:
                if worker.index is None and waiting:
                    worker.begin(waiting.pop(), items)
            busy = [worker for worker in team if worker.index is not None]
            if not busy:
                return results
            ready = wait([worker.pipe for worker in busy])
            for worker in busy:
                if worker.pipe not in ready or (at := worker.index) is None:
                    continue
                worker.index = None
                try:
                    right, answer = worker.pipe.recv()
                except (EOFError, OSError):  # it has died
                    worker.kill()
                    team[team.index(worker)] = _Worker(function)
                    died[at] += 1
                    waiting += [at] if died[at] < _TRIES else []
                    continue
                if not right:
                    raise answer
                results[at] = take(at, answer)
            if progress:
                under_way = sum(worker.index is not None for worker in team)
                progress(len(items) - len(waiting) - under_way, len(items))
    finally:
        for worker in team:
            worker.kill()


def into(array: NDArray[Any]) -> Callable[[int, NDArray[Any]], NDArray[Any]]:
    """A `take` that puts each result into `array` at once, so that none is held twice, and gives a view of it there."""

    def put(index: int, result: NDArray[Any]) -> NDArray[Any]:
        array[index] = result
        placed: NDArray[Any] = array[index]
        return placed

    return put


class _Worker:
    """A process that does `function` to one item after another. index: of the one that it is at, None for none."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        context = multiprocessing.get_context("spawn")
        self.index: int | None = None
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(function, theirs), daemon=True)
        self._process.start()
        theirs.close()  # else the pipe stays open when the process dies

    def begin(self, index: int, items: Sequence[Any]) -> None:
        """Have it do the item at `index`."""
        self.index = index
        with suppress(OSError):  # it has died: its pipe will say so
            self.pipe.send(items[index])

    def kill(self) -> None:
        """End it, whatever it is at."""
        self.pipe.close()
        self._process.kill()
        self._process.join()


def _work(function: Callable[[Any], Any], pipe: Connection) -> None:
    """What a process does until the pipe is closed: an item comes, (True, result) or (False, exception) goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asked, and that one ends this process
    with suppress(EOFError, OSError):
        while True:
            item = pipe.recv()
            try:
                answer = True, function(item)
            except Exception as error:  # for who asked
                answer = False, error
            pipe.send(answer)
