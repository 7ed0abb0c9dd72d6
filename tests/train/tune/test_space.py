"""train.tune.space: every trial makes a network within the limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fontdemo.network.architectures import PARAMETER_LIMIT
from fontdemo.network.network import Network
from train.tune import space


class Drawn:
    """A trial whose choices come from a list of numbers in 0..1."""

    def __init__(self, numbers: Sequence[float]) -> None:
        self.numbers = list(numbers)

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False, step: float | None = None) -> Any:
        return low + (high - low) * self.numbers.pop()

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        return choices[min(len(choices) - 1, int(self.numbers.pop() * len(choices)))]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=20, max_size=20), st.sampled_from(["course52", "alnum62"]))
def test_no_trial_is_above_the_limit_and_every_one_makes_a_network(numbers: list[float], alphabet: str) -> None:
    recipe = space.draw(Drawn(numbers), alphabet, epochs=3, minutes=2, seed=0, name="x")
    network = Network(recipe.architecture, recipe.alphabet, recipe.options)
    assert network.parameter_count <= PARAMETER_LIMIT
    assert network.parameter_count == space.parameters(recipe.options, alphabet)
    assert [stage for stage in network.stages if stage.startswith("pool")] == ["pool1", "pool2", "pool3"]


def test_fc1_is_narrowed_no_further_than_it_must() -> None:
    wide = {"channels": [32, 64, 64], "kernels": [10, 5, 5], "paddings": [2, 2, 2], "widths": [1024, 256]}
    options = space.within_limit(wide, "course52")
    width = options["widths"][0]
    assert width < 1024 and options["widths"][1] == 256
    assert space.parameters(options, "course52") <= PARAMETER_LIMIT
    assert space.parameters(options | {"widths": [width + space.STEP, 256]}, "course52") > PARAMETER_LIMIT
    narrow = wide | {"widths": [128, 64]}
    assert space.within_limit(narrow, "course52")["widths"] == [128, 64]
