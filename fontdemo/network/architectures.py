"""The architectures: functions from a number of classes and options to an ordered dict of named stages.

A stage is what the report draws as one box (conv with its normalisation and activation, pool, flatten, fc, ...).
To add one: write such a function and enter it in ARCHITECTURES.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import nn

from fontdemo.alphabet import CHARACTERS, Alphabet
from fontdemo.network.stages import Conv, Flatten, Fold, FullyConnected, NetworkError, Recurrent, Residual, sliding_size

#: Rows and columns of the image that every network takes: float32 (N, 1, SIDE, SIDE), ink 1 and paper 0.
SIDE = 100

#: The report's limit on trainable parameters.
PARAMETER_LIMIT = 1_200_000

Stages = dict[str, nn.Module]


def report_cnn(
    classes: int,
    *,
    channels: Sequence[int] = (16, 32, 32),
    kernels: Sequence[int] = (10, 5, 5),
    strides: Sequence[int] = (2, 1, 1),
    paddings: Sequence[int] = (2, 2, 2),
    pool: int = 2,
    conv_activation: str = "silu",
    flatten_activation: str | None = None,
    widths: Sequence[int] = (512, 128),
    fc_activations: Sequence[str] = ("silu", "sigmoid"),
    dropout: float = 0.0,
) -> Stages:
    """The report's CNN; the defaults are its final network (702,948 parameters at 52 classes).

    One conv and one pool stage per entry of `channels`, one fc stage per entry of `widths` and one more to the classes.
    `flatten_activation` is what pool 3's maps pass through once more before flattening (the convolutions' activation by
    default, as the report's listing does). The listing's first kernel says 9; its tables need 10.
    """
    counts = {len(channels), len(kernels), len(strides), len(paddings)}
    if counts != {len(channels)} or not 1 <= len(channels) <= 5:
        raise NetworkError("channels, kernels, strides and paddings must be lists of one length, 1 to 5")
    if len(widths) != len(fc_activations) or len(widths) > 4:
        raise NetworkError("widths and fc_activations must be lists of one length, at most 4")
    _check_numbers("channels and widths", [*channels, *widths], 1, 4096)
    _check_numbers("kernels, strides and paddings", [*kernels, *strides, *paddings, pool], 0, SIDE)
    if not 0 <= dropout < 1:
        raise NetworkError("dropout must be at least 0 and below 1")
    stages: Stages = {}
    size, inputs = SIDE, 1
    for number, (outputs, kernel, stride, padding) in enumerate(
        zip(channels, kernels, strides, paddings, strict=True), start=1
    ):
        size = sliding_size(size, kernel, stride, padding)
        stages[f"conv{number}"] = Conv(inputs, outputs, kernel, stride, padding, conv_activation)
        size = sliding_size(size, pool, pool, 0)
        stages[f"pool{number}"] = nn.MaxPool2d(pool)
        inputs = outputs
    stages["flatten"] = Flatten(flatten_activation or conv_activation)
    inputs *= size * size
    for number, (width, act) in enumerate(zip(widths, fc_activations, strict=True), start=1):
        stages[f"fc{number}"] = FullyConnected(inputs, width, act, dropout)
        inputs = width
    stages[f"fc{len(widths) + 1}"] = FullyConnected(inputs, classes, None)
    return stages


def report_crnn(
    classes: int,
    *,
    conv_activation: str = "leaky_relu",
    width: int = 256,
    layers: int = 2,
    dropout: float = 0.2,
) -> Stages:
    """The report's first model: two convolutions, then a GRU over one step of 512 (1,052,420 parameters at 52 classes).

    The report gives no GRU size: its dropout needs two layers, and 256 keeps it under the limit and above the CNN.
    """
    _check_numbers("width", [width], 1, 4096)
    _check_numbers("layers", [layers], 1, 4)
    if not 0 <= dropout < 1:
        raise NetworkError("dropout must be at least 0 and below 1")
    return {
        "conv1": Conv(1, 16, 10, 2, 2, conv_activation),
        "pool1": nn.MaxPool2d(2),
        "conv2": Conv(16, 32, 10, 2, 0, conv_activation),
        "pool2": nn.MaxPool2d(2),
        "gru": Recurrent(32 * 4 * 4, width, layers, dropout),
        "fc": FullyConnected(width, classes, None),
    }


def residual_cnn(
    classes: int,
    *,
    channels: Sequence[int] = (32, 64, 96, 160),
    width: int = 128,
    conv_activation: str = "silu",
    dropout: float = 0.2,
) -> Stages:
    """Ours, for reading unseen fonts and people's drawings: 1,034,494 parameters at 62 classes.

    Four convolutions (5x5 in steps of 2, then 3x3), each followed by a pool; the third and the fourth with a residual
    stage before it; then one hidden FC stage. dropout: after the hidden stage. `channels` are four numbers.
    """
    if len(channels) != 4:
        raise NetworkError("channels must be a list of four numbers")
    _check_numbers("channels and width", [*channels, width], 1, 1024)
    if not 0 <= dropout < 1:
        raise NetworkError("dropout must be at least 0 and below 1")
    stages: Stages = {}
    inputs, size = 1, sliding_size(SIDE, 5, 2, 2)
    for number, outputs in enumerate(channels, start=1):
        first = number == 1
        stages[f"conv{number}"] = Conv(inputs, outputs, *((5, 2, 2) if first else (3, 1, 1)), conv_activation)
        if number > 2:
            stages[f"res{number - 2}"] = Residual(outputs, conv_activation)
        stages[f"pool{number}"] = nn.MaxPool2d(2)
        inputs, size = outputs, size // 2
    stages["flatten"] = Flatten(None)
    stages["fc1"] = FullyConnected(inputs * size * size, width, conv_activation, dropout)
    stages["fc2"] = FullyConnected(width, classes, None)
    return stages


def _check_numbers(what: str, values: Sequence[int], low: int, high: int) -> None:
    """Keep a config.json from anywhere from asking for absurd sizes."""
    if not all(isinstance(v, int) and not isinstance(v, bool) and low <= v <= high for v in values):
        raise NetworkError(f"{what} must be whole numbers from {low} to {high}")


#: Name in config.json -> function from the number of classes and the options to the stages.
ARCHITECTURES: dict[str, Callable[..., Stages]] = {
    "report-cnn": report_cnn,
    "report-crnn": report_crnn,
    "residual-cnn": residual_cnn,
}


def build_stages(architecture: str, alphabet: Alphabet, options: Mapping[str, Any]) -> Stages:
    """The stages of a network: what the architecture's function makes of the options but for `fold`.

    options["fold"]: the network tells all 62 characters apart, and a last stage (`Fold`) joins those that are one
    class of the alphabet. NetworkError, TypeError or ValueError for options that make no network.
    """
    settings = dict(options)
    if not settings.pop("fold", False):
        return ARCHITECTURES[architecture](len(alphabet), **settings)
    return ARCHITECTURES[architecture](len(CHARACTERS), **settings) | {"fold": Fold(alphabet)}
