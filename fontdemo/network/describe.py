"""What a stage is, in the report's words: title, sizes, parameters, formulas, one sentence; and the report's tables.

Everything is computed from the live layers and from the shapes of one pass over an empty image; nothing is typed in,
so a network of other settings, or of another architecture, describes itself. Nothing here depends on what is read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from fontdemo.network import formulas
from fontdemo.network.architectures import SIDE
from fontdemo.network.network import Network
from fontdemo.network.stages import Fold, Residual

#: Without the batch: (channels, height, width), or (values,).
Shape = tuple[int, ...]

#: kind -> (word in the report's title, short name)
_KINDS = {
    "conv": ("Convolutional", "Conv"),
    "pool": ("Pooling", "Pool"),
    "flatten": ("Flattening", "Flatten"),
    "residual": ("Residual", "Res"),
    "gru": ("GRU", "GRU"),
    "fc": ("FC", "FC"),
    "fold": ("Folding", "Fold"),
    "other": ("Other", "Stage"),
}


@dataclass(frozen=True)
class StageFacts:
    """One stage of a network.

    name: its key in `Network.stages` ("conv1"); title: "1st Convolutional Layer"; short: "Conv1".
    kind: conv, pool, residual, flatten, gru, fc, fold or other.
    in_shape, out_shape: (channels, height, width) or (values,).
    parameters: the trainable ones, batch normalisation counted.
    size_formula: how out_shape comes from in_shape, as the report writes it; "" for a kind the report has not.
    parameter_formula: how the parameters come about, a term a layer; "" where there are none.
    sentence: what the stage does, for people.
    """

    name: str
    title: str
    short: str
    kind: str
    in_shape: Shape
    out_shape: Shape
    parameters: int
    size_formula: str
    parameter_formula: str
    sentence: str


@dataclass(frozen=True)
class SummaryRow:
    """A row of the report's summary table: "Conv2d-1", (-1, 16, 48, 48), 1616."""

    layer: str
    out_shape: Shape
    parameters: int


@dataclass(frozen=True)
class Megabytes:
    """The report's estimate of memory for one image, in units of 2**20 bytes, every value a float32."""

    input: float
    passes: float
    parameters: float

    @property
    def total(self) -> float:
        """All three together."""
        return self.input + self.passes + self.parameters


def stage_facts(network: Network) -> list[StageFacts]:
    """The facts of every stage of `network`, in order."""
    outputs = _pass_empty_image(network)
    kinds = [_kind(stage) for stage in network.stages.values()]
    facts: list[StageFacts] = []
    for index, (name, stage) in enumerate(network.stages.items()):
        kind, number = kinds[index], kinds[: index + 1].count(kinds[index])
        before = facts[-1] if facts else None
        in_shape = before.out_shape if before else (1, SIDE, SIDE)
        out_shape = tuple(outputs[name].shape[1:])
        # The report counts the parameters of the first FC stage by the maps that were flattened for it.
        counted = before.in_shape if before and before.kind == "flatten" else in_shape
        word, short = _KINDS[kind]
        size_formula, sentence = _describe(stage, kind, in_shape, out_shape)
        facts.append(
            StageFacts(
                name=name,
                title=f"{formulas.ordinal(number)} {word} Layer",
                short=short if kind != "conv" and kinds.count(kind) == 1 else f"{short}{number}",
                kind=kind,
                in_shape=in_shape,
                out_shape=out_shape,
                parameters=_parameters(stage),
                size_formula=size_formula,
                parameter_formula="; ".join(_parameter_terms(stage, counted)),
                sentence=sentence,
            )
        )
    return facts


def layer_table(network: Network) -> list[tuple[str, str, str]]:
    """The report's layer table, both halves in one: (layer, computation, size of what comes out)."""
    rows = [("Input Layer", "–", formulas.shape_text((1, SIDE, SIDE)))]
    for facts in stage_facts(network):
        rows.append((facts.title, facts.size_formula, formulas.shape_text(facts.out_shape)))
    return rows


def summary_rows(network: Network) -> list[SummaryRow]:
    """The report's summary table: one row a layer, in order, numbered from 1.

    The activations inside flattening and FC stages are no rows: the report's listing calls them as functions, which its
    tool does not see. A GRU's parameters, which that tool leaves out, are counted.
    """
    shapes: dict[nn.Module, Shape] = {}

    def keep(layer: nn.Module, _: object, output: Tensor | tuple[Tensor, ...]) -> None:
        shapes[layer] = tuple((output if isinstance(output, Tensor) else output[0]).shape[1:])

    hooks = [layer.register_forward_hook(keep) for layer in _layers(network)]
    try:
        _pass_empty_image(network)
    finally:
        for hook in hooks:
            hook.remove()
    shown = [
        layer
        for stage in network.stages.values()
        for layer in _layers(stage)
        if isinstance(layer, nn.Linear) or _kind(stage) not in ("flatten", "fc")
    ]
    return [
        SummaryRow(f"{type(layer).__name__}-{number}", (-1, *shapes[layer]), _parameters(layer))
        for number, layer in enumerate(shown, start=1)
    ]


def megabytes(network: Network) -> Megabytes:
    """The sizes under the report's summary table; every row's output counts twice, forward and backward."""
    rows = summary_rows(network)
    values = sum(math.prod(row.out_shape[1:]) for row in rows)
    unit = 4 / 2**20
    return Megabytes(SIDE * SIDE * unit, 2 * values * unit, sum(row.parameters for row in rows) * unit)


def _pass_empty_image(network: Network) -> dict[str, Tensor]:
    """The outputs of all stages for an empty image; neither the batch statistics nor the mode change."""
    training = network.training
    network.eval()
    try:
        return network.trace(torch.zeros(1, 1, SIDE, SIDE, device=next(network.parameters()).device))
    finally:
        network.train(training)


def _layers(module: nn.Module) -> Iterator[nn.Module]:
    """The innermost layers of a module, in order."""
    return (layer for layer in module.modules() if not any(layer.children()))


def _parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def _kind(stage: nn.Module) -> str:
    """The kind of a stage: its own, or that of its first layer that has one."""
    if isinstance(stage, Residual):
        return "residual"
    if isinstance(stage, Fold):
        return "fold"
    for layer in _layers(stage):
        if isinstance(layer, nn.Conv2d):
            return "conv"
        if isinstance(layer, nn.MaxPool2d | nn.AvgPool2d):
            return "pool"
        if isinstance(layer, nn.Flatten):
            return "flatten"
        if isinstance(layer, nn.GRU):
            return "gru"
        if isinstance(layer, nn.Linear):
            return "fc"
    return "other"


def _describe(stage: nn.Module, kind: str, in_shape: Shape, out_shape: Shape) -> tuple[str, str]:
    """(size formula, sentence) of a stage."""
    if isinstance(stage, Residual):
        return (
            formulas.sliding(in_shape[1], 3, 1, 1),
            f"Two convolutions of 3×3 whose {out_shape[0]} maps are added to the maps that came in: the stage only "
            "has to learn what to change.",
        )
    if isinstance(stage, Fold):
        return (
            formulas.arrows(in_shape, out_shape),
            "Joins the probabilities of characters that are one class here, such as C and c: their sum over √2.",
        )
    main = next((layer for layer in _layers(stage) if _kind(layer) == kind), stage)
    then = [_layer_name(layer) for layer in _layers(stage) if layer is not main]
    after = f" Then {' and '.join(then)}." if then else ""
    if isinstance(main, nn.Conv2d):
        kernel, stride, padding = _one(main.kernel_size), _one(main.stride), _one(main.padding)
        over = "the image" if main.in_channels == 1 else f"all {main.in_channels} maps at once"
        step = "" if stride == 1 else f" in steps of {stride}"
        return (
            formulas.sliding(in_shape[1], kernel, stride, padding),
            f"{main.out_channels} filters of {kernel}×{kernel} slide over {over}{step}; "
            f"each draws a map of where its pattern occurs.{after}",
        )
    if isinstance(main, nn.MaxPool2d | nn.AvgPool2d):
        kernel, stride, padding = _one(main.kernel_size), _one(main.stride), _one(main.padding)
        size, touching = in_shape[1], kernel == stride and padding == 0
        keeps = "the strongest" if isinstance(main, nn.MaxPool2d) else "the mean"
        return (
            formulas.pooling(size, kernel) if touching else formulas.sliding(size, kernel, stride, padding),
            f"Keeps {keeps} of every {kernel}×{kernel} values: smaller maps, and a small shift of the character "
            "matters less.",
        )
    if isinstance(main, nn.Flatten):
        first = f"{then[0]} once more, then all maps" if then else "All maps"
        return formulas.arrows(in_shape, out_shape), f"{first} laid out in one row of values, map after map."
    if isinstance(main, nn.GRU):
        steps = (math.prod(in_shape) // main.input_size, main.input_size)
        layers = f"{main.num_layers} layers of " if main.num_layers > 1 else ""
        return (
            formulas.arrows(in_shape, steps, out_shape),
            f"{layers}{main.hidden_size} gated units read the maps as a sequence of {steps[0]}; "
            "the last state goes on.",
        )
    if isinstance(main, nn.Linear):
        return (
            formulas.arrows(in_shape, out_shape),
            f"Each of the {main.out_features:,} values weighs all {main.in_features:,} before it.{after}",
        )
    return "", "A stage of its own kind."


def _parameter_terms(stage: nn.Module, inputs: Shape) -> Iterator[str]:
    """One term for each layer that learns; `inputs` is the shape by which a fully connected layer is counted."""
    for layer in _layers(stage):
        if isinstance(layer, nn.Conv2d):
            height, width = layer.kernel_size
            yield formulas.conv_parameters(height, width, layer.in_channels, layer.out_channels)
        elif isinstance(layer, nn.BatchNorm2d):
            yield formulas.norm_parameters(layer.num_features)
        elif isinstance(layer, nn.Linear):
            yield formulas.fc_parameters(inputs, layer.out_features)
        elif isinstance(layer, nn.GRU):
            for size in [layer.input_size] + [layer.hidden_size] * (layer.num_layers - 1):
                yield formulas.gru_parameters(size, layer.hidden_size)


def _layer_name(layer: nn.Module) -> str:
    names = {"BatchNorm2d": "batch normalisation", "Sigmoid": "a sigmoid", "Dropout": "dropout"}
    return names.get(type(layer).__name__, type(layer).__name__)


def _one(value: int | tuple[int, ...] | str) -> int:
    """A layer's setting along one side; ours are the same along both."""
    return int(value[0]) if isinstance(value, tuple) else int(value)
