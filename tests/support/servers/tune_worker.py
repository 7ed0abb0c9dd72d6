"""A worker of a study whose trials take a minute to begin, time enough to kill it; for a process of its own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from train.__main__ import main
from train.loop.recipe import Recipe
from train.tune import study


def work(words: Sequence[str]) -> None:
    """`python -m train tune WORDS`."""

    def draw(trial: Any, alphabet: str, **how: Any) -> Recipe:
        """Never comes to an end."""
        time.sleep(60)
        raise AssertionError("nobody killed it")

    study.draw = draw
    main(["tune", *words])
