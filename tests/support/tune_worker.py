"""A worker of a study whose trials take milliseconds, for a process of its own."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

import optuna.samplers  # noqa: F401  # so that a process that is forked after this import need not wait for it
import torch

from tests.support.training import SMALL
from train.__main__ import main
from train.loop.recipe import Recipe
from train.tune import study


def work(words: Sequence[str]) -> None:
    """`python -m train tune WORDS`, then exit; --slowly: a trial takes a minute to begin, time to kill the worker."""

    def draw(trial: Any, alphabet: str, *, epochs: int, minutes: float, seed: int, name: str) -> Recipe:
        """A trial that differs from others in its learning rate only."""
        if "--slowly" in words:
            time.sleep(60)
        rate = trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True)
        return Recipe(name=name, options=SMALL, alphabet=alphabet, epochs=epochs, minutes=minutes, seed=seed,
                      batch=8, learning_rate=rate)  # fmt: skip

    torch.set_num_threads(1)
    study.draw = draw
    sys.exit(main(["tune", *(word for word in words if word != "--slowly")]))


def open_at_once(storage: str, together: Any) -> None:
    """Open the study when all who wait at the barrier `together` are ready."""
    together.wait()
    study.open_study(storage)
