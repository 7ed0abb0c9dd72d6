"""fontdemo.network.receptive_field against what autograd says that a cell depends on."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fontdemo.network.architectures import SIDE
from fontdemo.network.network import Network
from fontdemo.network.receptive_field import WHOLE, Field, fields
from tests.fontdemo.network.test_attribution import NETWORKS, network_of


class Through(nn.Module):
    """Nothing happens."""

    def forward(self, values: Tensor) -> Tensor:
        return values


def open_(module: nn.Module) -> nn.Module:
    """The module with every layer made so that each value that it can see has a share in what comes out."""
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d):
            nn.init.ones_(child.weight)
        elif isinstance(child, nn.MaxPool2d):
            setattr(module, name, nn.AvgPool2d(child.kernel_size, child.stride, child.padding))
        elif isinstance(child, nn.BatchNorm2d | nn.SiLU | nn.LeakyReLU):
            setattr(module, name, Through())
        else:
            open_(child)
    return module


@pytest.mark.parametrize("name, options", NETWORKS)
def test_a_cell_sees_what_autograd_says(name: str, options: dict[str, object]) -> None:
    network = network_of(name, options)
    found = fields(network)
    assert list(found) == list(network.stages)
    image = torch.rand(1, 1, SIDE, SIDE, dtype=torch.float64, requires_grad=True)
    values: Tensor = image
    checked = 0
    for stage_name, stage in network.stages.items():
        copy = nn.Sequential(deepcopy(stage).double())
        values = open_(copy)(values) if values.dim() == 4 else values
        if values.dim() != 4:
            assert found[stage_name] == WHOLE
            continue
        for row, column in {(0, 0), (values.shape[2] // 2, values.shape[3] - 1)}:
            (gradient,) = torch.autograd.grad(values[0, 0, row, column], image, retain_graph=True)
            rows, columns = (np.flatnonzero(gradient[0, 0].numpy().any(axis=axis)) for axis in (1, 0))
            field = found[stage_name]
            assert field.span(row) == (rows[0], rows[-1] + 1)
            assert field.span(column) == (columns[0], columns[-1] + 1)
            checked += 1
    assert checked >= 8


def test_the_reports_fields() -> None:
    """By hand: 10x10 in steps of 2 and padding 2; a pool of 2 sees two of these, 2 apart."""
    found = fields(Network())
    assert found["conv1"] == Field(-2, 2, 10) and found["pool1"] == Field(-2, 4, 12)
    assert found["conv2"] == Field(-10, 4, 28) and found["fc3"] == WHOLE


class Strange(nn.Module):
    def forward(self, maps: Tensor) -> Tensor:
        return maps if maps.sum() > 0 else maps.flip(3)


class Gated(nn.Module):
    """Squeeze and excitation: every cell is scaled by the mean of all."""

    def forward(self, maps: Tensor) -> Tensor:
        return maps * maps.mean(dim=(2, 3), keepdim=True)


@pytest.mark.parametrize("stage", [Strange(), Gated(), nn.AdaptiveAvgPool2d(1), nn.LayerNorm(48)])
def test_a_stage_that_looks_everywhere_or_cannot_be_known_sees_the_whole(stage: nn.Module) -> None:
    network = Network()
    network.stages["pool1"] = stage
    found = fields(network)
    assert found["conv1"] != WHOLE and found["pool1"] == found["conv2"] == WHOLE
