"""What the cells of a stage's maps can see of the input: computed from the layers, whatever the architecture."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import fx, nn
from torch.nn import functional
from torch.nn.modules import activation

from fontdemo.network.architectures import SIDE
from fontdemo.network.network import Network
from fontdemo.network.stages import Recurrent, Residual

# What changes values but not their places. (An activation over several values at once is none of these.)
_IN_PLACE_LAYERS = (
    nn.BatchNorm2d, nn.Identity, nn.Dropout, nn.Dropout2d, activation.ReLU, activation.LeakyReLU, activation.ELU,
    activation.SiLU, activation.Sigmoid, activation.GELU, activation.Hardswish, activation.Tanh,
)  # fmt: skip
_IN_PLACE_CALLS = (
    operator.add, operator.sub, operator.mul, operator.iadd, torch.add, torch.mul, torch.relu, torch.sigmoid, torch.cat,
    functional.relu, functional.silu, functional.gelu, functional.leaky_relu, functional.elu, functional.dropout,
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """What the cells of a stage's maps can see of the input, along either axis, the same for rows and columns.

    Cell i sees the pixels from start + i * step on, `size` of them; those outside the image are padding.
    """

    start: int = 0
    step: int = 1
    size: int = 1

    def span(self, cell: int) -> tuple[int, int]:
        """First pixel (0 .. SIDE) and the one beyond the last that cell number `cell` sees, within the image."""
        first = self.start + cell * self.step
        return max(0, first), min(SIDE, first + self.size)


#: The field of what sees the whole image.
WHOLE = Field(0, 0, SIDE)


def fields(network: Network) -> dict[str, Field]:
    """The receptive field of every stage's cells, by the stage's name; WHOLE for one that has no maps any more.

    Computed from kernels, strides, paddings and dilations, layer by layer (Araujo et al. 2019, "Computing Receptive
    Fields of Convolutional Neural Networks"); where branches through a stage join, the cell sees what either sees.
    """
    found: dict[str, Field] = {}
    field = Field()
    for name, stage in network.stages.items():
        field = found[name] = _through(stage, field)
    return found


def _through(stage: nn.Module, field: Field) -> Field:
    if field == WHOLE:
        return WHOLE
    # Our own stages without torch.fx, which changes how modules are called in every thread while it traces.
    if isinstance(stage, nn.Sequential):
        for layer in stage:
            field = _through(layer, field)
        return field
    if isinstance(stage, Residual):
        return _joined([field, _through(stage.conv, _through(stage.first, field))])
    if isinstance(stage, nn.Flatten | Recurrent):
        return WHOLE
    if (direct := _layer(stage, field)) is not None:
        return direct
    try:
        graph = fx.Tracer().trace(stage)
    except Exception:  # what a stage does may depend on its values: what it sees is unknown then
        return WHOLE
    seen: dict[fx.Node, Field] = {}
    for node in graph.nodes:
        if node.op == "placeholder":
            seen[node] = field
            continue
        inputs = [seen[other] for other in node.all_input_nodes]
        if node.op == "call_module":
            seen[node] = _layer(stage.get_submodule(str(node.target)), inputs[0]) or WHOLE
        elif node.op == "output" or (node.op == "call_function" and node.target in _IN_PLACE_CALLS):
            seen[node] = _joined(inputs)
        else:
            seen[node] = WHOLE
        if node.op == "output":
            return seen[node]
    return WHOLE


def _layer(layer: nn.Module, field: Field) -> Field | None:
    """The field behind one layer; None for a layer that is not known here."""
    if isinstance(layer, _IN_PLACE_LAYERS):
        return field
    if not isinstance(layer, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        return None
    kernel, stride, padding = (_one(value) for value in (layer.kernel_size, layer.stride, layer.padding))
    dilation = 1 if isinstance(layer, nn.AvgPool2d) else _one(layer.dilation)
    if field == WHOLE:
        return WHOLE
    return Field(
        field.start - padding * field.step, field.step * stride, field.size + (kernel - 1) * dilation * field.step
    )


def _joined(branches: Sequence[Field]) -> Field:
    """What is seen by a cell where branches join; branches of different steps meet only where one is spread out."""
    if not branches or len({branch.step for branch in branches}) > 1:
        return WHOLE
    start = min(branch.start for branch in branches)
    return Field(start, branches[0].step, max(branch.start + branch.size for branch in branches) - start)


def _one(value: int | tuple[int, ...] | str) -> int:
    """A layer's setting along one side; ours are the same along both."""
    return int(value[0]) if isinstance(value, tuple) else int(value)
