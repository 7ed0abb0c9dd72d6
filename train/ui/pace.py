"""How fast this machine trains, measured in a process of its own: the page's reads with other settings of torch, and
serves the page meanwhile."""

from __future__ import annotations

import functools
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from fontdemo import memory
from fontdemo.errors import FontdemoError
from train.loop.estimate import Estimate, estimate
from train.loop.recipe import Recipe, from_json
from train.runs.start.standby import MEASURED, alike

# The machine may be busier or less so after a while.
_MEASURED_SECONDS = 120


def pace(recipe: Recipe, device: str = "auto") -> Estimate:
    """The estimate for one epoch of MEASURED images: measured in a second or two, then known for two minutes.

    Recipes whose steps take equally long share it. FontdemoError if the network cannot be made, the device is not to
    be had, or the process was killed.
    """
    try:
        return _measured(alike(recipe).to_json(), device, int(time.time() // _MEASURED_SECONDS))
    except BrokenProcessPool as error:
        raise FontdemoError(str(error)) from error


@functools.lru_cache(maxsize=64)
def _measured(recipe: str, device: str, _when: int) -> Estimate:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=memory.keep) as other:
        return other.submit(estimate, from_json(recipe), *MEASURED, device).result()
