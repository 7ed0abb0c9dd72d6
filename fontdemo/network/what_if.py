"""What the report's CNN would be with other settings: every layer's size and parameters, against the report's limit.

Networks are built on torch's meta device, shapes without values, and described by `fontdemo.network.describe`: what is
shown is what a network of these settings has, at a cost of milliseconds. Settings that make no network are explained in
a sentence, with the stages that still work before the one that does not.
"""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from fontdemo.errors import FontdemoError
from fontdemo.network import formulas
from fontdemo.network.architectures import ARCHITECTURES, PARAMETER_LIMIT, SIDE
from fontdemo.network.describe import Megabytes, StageFacts, SummaryRow, megabytes, stage_facts, summary_rows
from fontdemo.network.network import Network
from fontdemo.network.stages import ACTIVATIONS, NetworkError, sliding_size

#: The architecture whose settings can be changed.
EDITABLE = "report-cnn"

#: Most convolutional layers, and most FC layers before the last one, that the architecture takes.
MOST_CONVOLUTIONS, MOST_WIDTHS = 5, 4

#: What may be changed; everything else stays as it is in the chosen network.
SETTINGS = (
    "channels", "kernels", "strides", "paddings", "pool", "conv_activation", "flatten_activation", "widths",
    "fc_activations",
)  # fmt: skip

# One setting of one layer in words, and the least it may be.
_OF_CONVOLUTIONS = {
    "channels": ("number of maps", 1), "kernels": ("kernel", 1), "strides": ("stride", 1), "paddings": ("padding", 0),
}  # fmt: skip

# Of so many parameters, and values in its maps, a network takes megabytes and milliseconds.
_SMALL = 4_000_000


class DesignError(FontdemoError):
    """Settings that make no network; says which layer and why."""


@dataclass(frozen=True)
class Row:
    """One line of the layer table.

    title, short: "1st Convolutional Layer", "Conv1". computation: how its size comes about, in the report's notation.
    size: of what comes out, as text; "" where nothing does. parameters, formula: the trainable ones, counted out.
    wrong: why the stage does not work; "" where it does.
    """

    title: str
    short: str
    computation: str = ""
    size: str = ""
    parameters: int = 0
    formula: str = ""
    wrong: str = ""


@dataclass(frozen=True)
class Design:
    """A network's tables. problem: why the settings make no network, and then rows end where it does; "" otherwise.

    rows: the layer table with the input first. total: trainable parameters; fixed: the others. summary and sizes: the
    report's summary table and what stands under it; empty and None where there is no network.
    """

    rows: list[Row]
    problem: str = ""
    total: int = 0
    fixed: int = 0
    summary: Sequence[SummaryRow] = ()
    sizes: Megabytes | None = None

    @property
    def largest(self) -> Row:
        """The row with the most parameters."""
        return max(self.rows, key=lambda row: row.parameters)

    def fraction(self, row: Row) -> float:
        """The row's part of all parameters, 0 to 1."""
        return row.parameters / self.total if self.total else 0.0

    @property
    def fits(self) -> bool:
        """Whether it is a network within the report's limit."""
        return not self.problem and self.total <= PARAMETER_LIMIT


def activation_titles() -> dict[str, str]:
    """How each activation is written: {"silu": "SiLU", ...}."""
    return {name: type(make()).__name__ for name, make in ACTIVATIONS.items()}


def settings_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """SETTINGS of a network of the editable architecture with these options, its defaults filled in."""
    takes = inspect.signature(ARCHITECTURES[EDITABLE]).parameters
    given = {name: options.get(name, takes[name].default) for name in SETTINGS}
    given["flatten_activation"] = given["flatten_activation"] or given["conv_activation"]
    return {name: list(value) if isinstance(value, list | tuple) else value for name, value in given.items()}


def parse_settings(text: object) -> dict[str, Any]:
    """SETTINGS from the form's JSON; DesignError for what is no such JSON. The values are checked by `design`."""
    try:
        settings = json.loads(text) if isinstance(text, str) and len(text) < 10_000 else None
    except (ValueError, RecursionError):
        settings = None
    if not isinstance(settings, dict) or set(settings) != set(SETTINGS):
        raise DesignError("These aren't a network's settings. Choose one from the list again.")
    return settings


def design(options: Mapping[str, Any], alphabet: str) -> Design:
    """The tables of the editable architecture with `options`, for the classes of `alphabet`.

    Settings out of range and stages that leave nothing of the image are explained in `Design.problem`, never raised.
    """
    rows = [_input()]
    try:
        settings = settings_of(options)
        _check(settings)
        rows, problem = _until_it_fails(settings)
        if problem:
            return Design(rows, problem)
        with torch.device("meta"):
            sketch = Network(EDITABLE, alphabet, {**options, **settings})
        # To run it on the meta device loads torch's compiler, which takes seconds, and the page shows such tables when
        # it starts. So a small one is made for good, its random weights drawn where no one misses the numbers.
        if sketch.parameter_count <= _SMALL and _values(settings) <= _SMALL:
            with torch.random.fork_rng(devices=[]):
                sketch = Network(EDITABLE, alphabet, {**options, **settings})
        return _tables(sketch)
    except FontdemoError as error:
        return Design(rows, _sentence(str(error)))


def described(network: Network) -> Design:
    """The tables of any network; it is not run, so others may read with it meanwhile."""
    return _tables(copy.deepcopy(network))


def _tables(sketch: Network) -> Design:
    rows = [_input(), *map(_row, stage_facts(sketch))]
    fixed = sum(p.numel() for p in sketch.parameters() if not p.requires_grad)
    return Design(rows, "", sketch.parameter_count, fixed, summary_rows(sketch), megabytes(sketch))


def _values(settings: Mapping[str, Any]) -> int:
    """How many values the maps of all convolutions have."""
    size, values = SIDE, 0
    for maps, *window in zip(*(settings[name] for name in _OF_CONVOLUTIONS), strict=True):
        size = sliding_size(size, *window)
        values += maps * size * size
        size = sliding_size(size, settings["pool"], settings["pool"], 0)
    return values


def _check(settings: Mapping[str, Any]) -> None:
    """DesignError for the first setting that is no number of its range, or no activation, saying which layer's."""
    _one_length("convolutional", [settings[name] for name in _OF_CONVOLUTIONS], MOST_CONVOLUTIONS)
    _one_length("FC", [settings["widths"], settings["fc_activations"]], MOST_WIDTHS)
    if not settings["channels"]:
        raise DesignError("The network needs a convolutional layer.")
    for name, (word, least) in _OF_CONVOLUTIONS.items():
        for number, value in enumerate(settings[name], start=1):
            where = f"the {formulas.ordinal(number)} convolution's {word}"
            _whole(where, value, least, 4096 if name == "channels" else SIDE)
    _whole("the pooling's window", settings["pool"], 1, SIDE)
    for number, value in enumerate(settings["widths"], start=1):
        _whole(f"FC{number}'s width", value, 1, 4096)
    for value in [settings["conv_activation"], settings["flatten_activation"], *settings["fc_activations"]]:
        if not isinstance(value, str) or value not in ACTIVATIONS:
            raise DesignError(f"An activation must be one of {', '.join(ACTIVATIONS)}.")


def _one_length(what: str, lists: Sequence[object], most: int) -> None:
    lengths = {len(values) if isinstance(values, list) else -1 for values in lists}
    if len(lengths) != 1 or -1 in lengths:
        raise DesignError(f"Every {what} layer needs all of its settings.")
    if max(lengths) > most:
        raise DesignError(f"At most {most} {what} layers can be tried here.")


def _whole(what: str, value: object, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise DesignError(f"{what} must be a whole number from {least:,} to {most:,}.")


def _until_it_fails(settings: Mapping[str, Any]) -> tuple[list[Row], str]:
    """All rows without their parameters, and what is wrong with the first stage that leaves nothing of the image.

    "" if there is none. The rows after it are there, empty.
    """
    rows, size, pool, problem = [_input()], SIDE, settings["pool"], ""
    blocks = zip(*(settings[name] for name in _OF_CONVOLUTIONS), strict=True)
    for number, (maps, kernel, stride, padding) in enumerate(blocks, start=1):
        for word, short, window in (
            ("Convolutional", "Conv", (kernel, stride, padding)),
            ("Pooling", "Pool", (pool, pool, 0)),
        ):
            row = Row(f"{formulas.ordinal(number)} {word} Layer", f"{short}{number}")
            if not problem:
                try:
                    after = sliding_size(size, *window)
                    computation = formulas.sliding(size, *window) if short == "Conv" else formulas.pooling(size, pool)
                    row = replace(row, computation=computation, size=formulas.shape_text((maps, after, after)))
                    size = after
                except NetworkError:
                    wrong = f"a {'kernel' if short == 'Conv' else 'window'} of {_too_large(size, *window)}"
                    row = replace(row, wrong=_sentence(wrong))
                    problem = f"These settings make no network. {row.short}: {wrong}."
            rows.append(row)
    if problem:
        rows.append(Row("1st Flattening Layer", "Flatten"))
        rows += [Row(f"{formulas.ordinal(n)} FC Layer", f"FC{n}") for n in range(1, len(settings["widths"]) + 2)]
    return rows, problem


def _too_large(size: int, kernel: int, _stride: int, padding: int) -> str:
    padded = size + 2 * padding
    return f"{kernel}×{kernel} is larger than the {padded}×{padded} that it would slide over" + (
        ", padding and all" if padding else ""
    )


def _input() -> Row:
    return Row("Input Layer", "Input", "–", formulas.shape_text((1, SIDE, SIDE)))


def _row(facts: StageFacts) -> Row:
    return Row(
        facts.title, facts.short, facts.size_formula, formulas.shape_text(facts.out_shape), facts.parameters,
        facts.parameter_formula,
    )  # fmt: skip


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
