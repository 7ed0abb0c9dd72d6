"""Training on a ZeroGPU Space, which lends a card only inside a decorated call of about a minute.

The same loop (`train.runs.trainer.train_here`) runs there slice by slice: each one goes on from last/ and ends by
saving to it. The decorated function runs in a process that `spaces` forks, so nothing but texts and numbers crosses
over. The environment decides: SPACES_ZERO_GPU is set, and the module `spaces` is there.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fontdemo.errors import FontdemoError
from train.loop.fit import Done
from train.runs.folder import RunFolder
from train.runs.trainer import train_here

#: What a slice asks ZeroGPU for.
SLICE_SECONDS = 60

#: How long a slice trains; the rest of it is for the data, the validation under way and the saving.
WORK_SECONDS = 40.0


def zero_gpu() -> bool:
    """Whether this is a ZeroGPU Space."""
    variable = os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")
    return variable and importlib.util.find_spec("spaces") is not None


def needed(device: str) -> bool:
    """Whether a run on this device ("auto", "cpu" or "cuda") has to be trained in slices here."""
    return device != "cpu" and zero_gpu()


def check_measurable(device: str) -> None:
    """FontdemoError where training on `device` cannot be timed beforehand, since only a run ever has the card."""
    if needed(device):
        raise FontdemoError(f"Training on ZeroGPU, {SLICE_SECONDS} seconds at a time: no estimate beforehand")


def decorated() -> Callable[[str, int], tuple[str, float, str]]:
    """`one_slice` as ZeroGPU calls it. A page must call this before it is launched, or the Space is not lent a card."""
    spaces: Any = importlib.import_module("spaces")
    wrapped: Callable[[str, int], tuple[str, float, str]] = spaces.GPU(duration=SLICE_SECONDS)(one_slice)
    return wrapped


def train_in_slices(folder: Path, should_stop: Callable[[], bool]) -> Done:
    """`train_here`, in slices. FontdemoError if a slice ends in one; whatever `spaces` raises where no card is lent."""
    work = decorated()
    while True:
        reason, seconds, trouble = work(str(folder), os.getpid())
        if trouble:
            raise FontdemoError(trouble)
        if reason != "slice":
            return Done(reason, seconds)
        if should_stop():
            return Done("stopped", seconds)


def one_slice(folder: str, pid: int) -> tuple[str, float, str]:
    """Train for a slice the run that process `pid` is at: ("slice" or how the run ended, seconds trained, trouble)."""
    path, end = Path(folder), time.monotonic() + WORK_SECONDS

    def asked() -> bool:
        return RunFolder(path).asked_to_stop(pid)

    try:
        done = train_here(path, lambda: time.monotonic() > end or asked())
    except (FontdemoError, OSError) as error:  # `spaces` would pass on nothing but the error's type
        return "", 0.0, str(error)
    return ("slice" if done.reason == "stopped" and not asked() else done.reason), done.seconds, ""
