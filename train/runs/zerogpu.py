"""Training on a ZeroGPU Space, which lends a card only for a decorated call of about a minute.

The decorated function (`one_slice`) must be there before the page is launched, or the Space is lent no card; and it
must be called inside an event of the page, or the time counts against the Space's own quota instead of the visitor's.
So no process of its own trains here: `train.ui.slices_of_card` has the visitor's browser ask for one slice after the
other, each goes on from last/ and ends by saving to it, and meanwhile the page's process stands in state.json as the
one that trains. What is decorated runs in a process that `spaces` forks, so nothing but texts and numbers crosses over.

The environment decides: SPACES_ZERO_GPU is set, and the module `spaces` is there.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from fontdemo.errors import FontdemoError
from fontdemo.files import recover_folder
from train.data.packed import PackedSet
from train.loop.recipe import Recipe
from train.run_state import RunState
from train.runs import worker
from train.runs.folder import RunFolder
from train.runs.trainer import train_here

#: The most and the least that a slice asks ZeroGPU for, in seconds.
MOST, LEAST = 60, 25

#: How much of a slice is not for steps: starting on the card, reading the data, the validation under way, saving.
MARGIN = 20.0

#: Training images a second, validation included. A guess, until a run's own rows say better.
FIRST_PACE = 10_000

#: Seconds after which a run for which no browser asks a slice ends; it can be resumed.
GONE = 60.0

#: What a day's quota of a visitor is, as ZeroGPU documents it in 2026.
QUOTA = "A day's quota is 2 minutes without an account, 5 with a free one, 40 with PRO."


#: What a slice comes to: RUNNING if the run goes on, else how it ended; seconds trained; what went wrong if it FAILED.
Answer = tuple[RunState, float, str]


class SliceError(FontdemoError):
    """No slice can be trained as things stand; says why."""


def zero_gpu() -> bool:
    """Whether this is a ZeroGPU Space."""
    variable = os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")
    return variable and importlib.util.find_spec("spaces") is not None


def needed(device: str) -> bool:
    """Whether a run on this device ("auto", "cpu" or "cuda") has to be trained in slices here."""
    return device != "cpu" and zero_gpu()


def asks(recipe: Recipe, images: int | None) -> tuple[int, int | None]:
    """The seconds that a new run asks for at a time, and how many times, None if that cannot be said.

    images: those it trains on in one epoch, None if not known.
    """
    if images is None:
        return MOST, None
    left = _guess(recipe, images)
    return _seconds(left), max(1, math.ceil(left / (MOST - MARGIN)))


def sentence(recipe: Recipe, images: int | None) -> str:
    """What a run asks of the visitor's quota, to be said before Start."""
    seconds, times = asks(recipe, images)
    often = "one slice after another" if times is None else "once" if times == 1 else f"about {times} times"
    return (
        f"This trains on a ZeroGPU card: {seconds} seconds of your own quota, {often}. {QUOTA} "
        "Keep this page open while it trains."
    )


def duration(folder: str, pid: int) -> int:
    """The seconds to ask ZeroGPU for: what the run in `folder` still takes, as far as one slice holds it.

    As `spaces` calls it, with the arguments of `one_slice`. FontdemoError if it is no run of ours.
    """
    run = RunFolder(Path(folder))
    recipe = run.plan().recipe
    rows = [row for row in run.metrics() if row["at"] > 0]
    if rows:
        at, trained = rows[-1]["at"], rows[-1]["seconds"]
        left = min(trained / at * (recipe.epochs - at), recipe.minutes * 60 - trained)
    else:
        left = _guess(recipe, PackedSet.open(Path(run.plan().data)).count("train"))
    return _seconds(left)


def _guess(recipe: Recipe, images: int) -> float:
    """The seconds that a whole run takes, before any of it was measured. images: of an epoch."""
    return min(recipe.epochs * images / FIRST_PACE, recipe.minutes * 60)


def _seconds(left: float) -> int:
    return int(min(MOST, max(LEAST, math.ceil(left + MARGIN))))


def one_slice(folder: str, pid: int) -> Answer:
    """Train for a slice the run that process `pid` is at."""
    path, began = Path(folder), time.monotonic()

    def asked() -> bool:
        return RunFolder(path).asked_to_stop(pid)

    try:
        recover_folder(RunFolder(path).best)
        end = began + duration(folder, pid) - MARGIN
        done = train_here(path, lambda: time.monotonic() > end or asked())
    except (FontdemoError, OSError) as error:  # `spaces` would pass on nothing but the error's type
        return RunState.FAILED, 0.0, str(error)
    goes_on = done.reason == RunState.STOPPED and not asked()
    return RunState.RUNNING if goes_on else done.reason, done.seconds, ""


def slices() -> Slices | None:
    """The slices of this page, announced to ZeroGPU; None elsewhere. To be called before the page is launched."""
    if not zero_gpu():
        return None
    spaces: Any = importlib.import_module("spaces")
    return Slices(spaces.GPU(duration=duration)(one_slice))


@dataclass
class _Run:
    """slices: how many are done. seen: when a browser last asked."""

    seen: float
    slices: int = 0


class Slices:
    """The runs that this process trains in slices; safe to share between threads.

    call: `one_slice` as ZeroGPU decorated it.
    """

    def __init__(
        self, call: Callable[[str, int], Answer], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._call = call
        self._clock = clock
        self._runs: dict[Path, _Run] = {}
        self._at_work = threading.Lock()

    def take_over(self, folder: Path) -> bool:
        """Take the run in `folder` over, as `train.runs.jobs.Ready`; False for one that is to train on the CPU."""
        run = RunFolder(folder)
        if run.plan().device == "cpu":
            return False
        run.write_state(RunState.RUNNING)
        (folder / worker.RECORD).unlink(missing_ok=True)  # from now on state.json speaks
        self._runs[folder.resolve()] = _Run(self._clock())
        return True

    def wanted(self, owns: Callable[[Path], bool]) -> str:
        """What names the next slice of a run that is the visitor's; "" if there is none. Asking keeps the run going."""
        for folder, run in list(self._runs.items()):
            if owns(folder):
                run.seen = self._clock()
                return f"{run.slices} {folder.name}"
        return ""

    def train(self, wanted: str, owns: Callable[[Path], bool]) -> None:
        """Train the slice that `wanted` names, inside the event of the page that asks for it.

        Nothing is done if it is done already, or under way, or the run is not the visitor's. SliceError if the run
        fails; whatever `spaces` raises where it lends no card, and then the run has stopped and can be resumed.
        """
        if not self._at_work.acquire(blocking=False):
            return
        try:
            found = [f for f, run in self._runs.items() if f"{run.slices} {f.name}" == wanted and owns(f)]
            if found:
                self._train(found[0])
        finally:
            self._at_work.release()

    def drop_gone(self) -> None:
        """End the runs for which no browser has asked for a while, and those asked to stop between two slices."""
        if not self._at_work.acquire(blocking=False):
            return  # one is at work, and there is no other
        try:
            for folder, run in list(self._runs.items()):
                if not os.path.isdir(folder):
                    del self._runs[folder]
                elif RunFolder(folder).asked_to_stop(os.getpid()) or self._clock() - run.seen > GONE:
                    self._end(folder, RunState.STOPPED)
        finally:
            self._at_work.release()

    def _train(self, folder: Path) -> None:
        run, pid = RunFolder(folder), os.getpid()
        if run.asked_to_stop(pid):
            self._end(folder, RunState.STOPPED)
            return
        try:
            with FileLock(folder / "lock", timeout=0):  # no other process may train in it
                state, seconds, trouble = self._call(str(folder), pid)
        except Timeout:
            trouble = f"“{run.name}” is being trained by another process"
            self._end(folder, RunState.FAILED, trouble)
            raise SliceError(trouble) from None
        except Exception as error:  # what `spaces` says, of its own many kinds: no quota left, no card in a minute ...
            self._end(folder, RunState.STOPPED, str(error))
            raise
        if state == RunState.FAILED:
            self._end(folder, state, trouble)
            raise SliceError(trouble)
        if state != RunState.RUNNING:
            ending = "" if state == RunState.FINISHED else f" ({state})"
            self._end(folder, state, f"Training takes {seconds / 60:.2f}minutes{ending}", seconds)
            return
        self._runs[folder].slices += 1
        self._runs[folder].seen = self._clock()

    def _end(self, folder: Path, state: RunState, said: str = "", seconds: float = 0.0) -> None:
        self._runs.pop(folder, None)
        run = RunFolder(folder)
        with suppress(OSError):  # a mount that went away: the run's last state is what it was
            run.forget_stop()
            if said:
                with open(folder / worker.LOG, "a", encoding="utf-8") as log:
                    log.write(said + "\n")
            run.write_state(state, said if state == RunState.FAILED else "", seconds)
