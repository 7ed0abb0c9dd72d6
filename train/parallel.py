"""Do one thing to many items in several processes, in order, with progress; a crash costs only its own item.

Fonts come from anywhere, and a broken one may bring down the font engine, not just raise. Processes are spawned, not
forked, so this may be called from a server's threads. The function must be importable and its arguments picklable.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from numpy.typing import NDArray

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Called as progress(done, all).
Progress = Callable[[int, int], None]

# Starting the processes costs about a second; fewer items than this are done sooner without them.
_WORTH_IT = 40


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
    raised here. With few items, or one worker, everything happens in this process.
    """
    workers = workers or os.cpu_count() or 1
    results: list[Result | None] = [None] * len(items)
    if workers == 1 or len(items) < _WORTH_IT:
        for index, item in enumerate(items):
            results[index] = take(index, function(item))
            if progress:
                progress(index + 1, len(items))
        return results
    waiting = list(range(len(items)))[::-1]
    while waiting:
        suspects = _drain(function, items, results, waiting, workers, progress, take)
        for index in suspects:
            # More than one was under way when a process died: alone, only the guilty one dies again. A process can also
            # die of something else, as of what others did to the machine's memory, but hardly twice.
            if _drain(function, items, results, [index], 1, None, take):
                _drain(function, items, results, [index], 1, None, take)
    return results


def into(array: NDArray[Any]) -> Callable[[int, NDArray[Any]], NDArray[Any]]:
    """A `take` that puts each result into `array` at once, so that none is held twice, and gives a view of it there."""

    def put(index: int, result: NDArray[Any]) -> NDArray[Any]:
        array[index] = result
        placed: NDArray[Any] = array[index]
        return placed

    return put


def _drain(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    results: list[Result | None],
    waiting: list[int],
    workers: int,
    progress: Progress | None,
    take: Callable[[int, Result], Result],
) -> list[int]:
    """Fills `results`, taking indices off `waiting`, until that is empty or a process dies: what was under way then."""
    flying: dict[Future[Result], int] = {}
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        try:
            while waiting or flying:
                # Two a worker: none waits for the next, and few come under suspicion.
                while waiting and len(flying) < 2 * workers:
                    index = waiting.pop()
                    flying[pool.submit(function, items[index])] = index
                for future in wait(flying, return_when=FIRST_COMPLETED).done:
                    results[flying[future]] = take(flying[future], future.result())
                    del flying[future]
                if progress:
                    progress(len(items) - len(waiting) - len(flying), len(items))
        except BrokenProcessPool:
            return sorted(flying.values())
    return []
