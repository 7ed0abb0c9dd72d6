"""What the search for better settings tries: the report's CNN with other settings, never above its parameter limit.

What a trial draws is made to fit before it is trained: FC1, which holds most of the parameters, is narrowed until the
network is within the limit. So every trial is one that the report's rules allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import torch

from fontdemo.alphabet import get_alphabet
from fontdemo.network.architectures import PARAMETER_LIMIT, build_stages
from train.loop.recipe import Recipe

Choice = TypeVar("Choice")

CONV_ACTIVATIONS = ("relu", "leaky_relu", "elu", "silu")
FC_ACTIVATIONS = (*CONV_ACTIVATIONS, "sigmoid")
CHANNELS = ((8, 16, 24, 32), (16, 32, 48, 64), (16, 32, 48, 64))
KERNELS = ((6, 8, 10, 12), (3, 5, 7), (3, 5))
WIDTHS = ((128, 256, 512, 768, 1024), (64, 128, 256))
BATCHES = (25, 50, 100, 200)
#: FC1 is narrowed in steps of this many values.
STEP = 8


class Trial(Protocol):
    """What is used of `optuna.trial.Trial`."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False, step: float | None = None) -> Any:
        """A number from low to high."""

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """One of `choices`."""


def draw(trial: Trial, alphabet: str, *, epochs: int, minutes: float, seed: int, name: str) -> Recipe:
    """The recipe of a trial: learning rate, batch, activations, kernels, channels, FC widths and dropout are drawn.

    Paddings keep the sizes of the report's layer table (half the kernel; for the first, in steps of 2, kernel 2p + 6).
    The network has at most PARAMETER_LIMIT parameters. minutes: of the whole run.
    """
    def among(what: str, choices: Sequence[Choice]) -> Choice:
        drawn: Choice = trial.suggest_categorical(what, choices)
        return drawn

    kernels = [among(f"kernel{n}", choices) for n, choices in enumerate(KERNELS, start=1)]
    options: dict[str, Any] = {
        "channels": [among(f"channels{n}", choices) for n, choices in enumerate(CHANNELS, start=1)],
        "kernels": kernels,
        "paddings": [(kernels[0] - 6) // 2, kernels[1] // 2, kernels[2] // 2],
        "conv_activation": among("conv_activation", CONV_ACTIVATIONS),
        "widths": [among(f"fc{n}", choices) for n, choices in enumerate(WIDTHS, start=1)],
        "fc_activations": [among(f"fc{n}_activation", FC_ACTIVATIONS) for n in (1, 2)],
        "dropout": trial.suggest_float("dropout", 0.0, 0.5, step=0.05),
    }
    return Recipe(
        name=name,
        options=within_limit(options, alphabet),
        alphabet=alphabet,
        learning_rate=trial.suggest_float("learning_rate", 5e-5, 3e-3, log=True),
        batch=among("batch", BATCHES),
        epochs=epochs,
        minutes=minutes,
        seed=seed,
    )


def within_limit(options: dict[str, Any], alphabet: str, limit: int = PARAMETER_LIMIT) -> dict[str, Any]:
    """The options with FC1 narrowed, by steps, to the widest at which the network has at most `limit` parameters."""
    first, *others = options["widths"]
    count = parameters(options, alphabet)
    # The parameters grow in a straight line with the width of FC1.
    narrower = parameters(options | {"widths": [first - STEP, *others]}, alphabet)
    steps = max(0, -(-(count - limit) // (count - narrower)))
    return options | {"widths": [max(STEP, first - STEP * steps), *others]}


def parameters(options: dict[str, Any], alphabet: str) -> int:
    """Trainable parameters of the report's CNN with these options; nothing is stored."""
    with torch.device("meta"):
        stages = build_stages("report-cnn", get_alphabet(alphabet), options)
    return sum(p.numel() for stage in stages.values() for p in stage.parameters())
