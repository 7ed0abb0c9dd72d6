"""A worker of a study whose trials take milliseconds: python -m tests.support.tune_worker (options: train tune).

--slowly: every epoch takes a minute, so that the worker can be killed in mid-trial.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import torch

from tests.support.training import SMALL
from train.__main__ import main
from train.loop.recipe import Recipe
from train.tune import study


def draw(trial: Any, alphabet: str, *, epochs: int, minutes: float, seed: int, name: str) -> Recipe:
    """A trial that differs from others in its learning rate only."""
    if "--slowly" in sys.argv:
        time.sleep(60)
    rate = trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True)
    return Recipe(name=name, options=SMALL, alphabet=alphabet, epochs=epochs, minutes=minutes, seed=seed,
                  batch=8, learning_rate=rate)  # fmt: skip


if __name__ == "__main__":
    torch.set_num_threads(1)
    study.draw = draw
    sys.exit(main(["tune", *(word for word in sys.argv[1:] if word != "--slowly")]))
