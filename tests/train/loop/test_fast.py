"""train.loop.fast: what the plain modules make, whatever the activation and the pool."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from fontdemo.network.network import Network
from fontdemo.network.stages import ACTIVATIONS, Conv
from train.loop import fast

NETWORKS: list[tuple[str, dict[str, Any]]] = [
    ("report-cnn", {}),
    ("report-cnn", {"conv_activation": "elu", "pool": 3}),
    ("report-crnn", {}),
    ("residual-cnn", {"dropout": 0.0, "fold": True}),
]


def made(architecture: str, options: dict[str, Any]) -> tuple[Network, Tensor]:
    """A network in double precision whose normalisations have seen something, and images with large blank parts."""
    torch.manual_seed(1)
    network = Network(architecture, "course52", options).double()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight)
            nn.init.normal_(module.bias)
            assert module.running_mean is not None and module.running_var is not None
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
        elif isinstance(module, nn.GRU):
            module.dropout = 0.0
    images = torch.rand(4, 1, 100, 100, dtype=torch.float64)
    images[:, :, :40] = 0
    return network, images


@pytest.mark.parametrize(("architecture", "options"), NETWORKS)
def test_reading_gives_the_modules_values_and_changes_nothing(architecture: str, options: dict[str, Any]) -> None:
    network, images = made(architecture, options)
    before = copy.deepcopy(network.state_dict())
    network.eval()
    with torch.no_grad():
        wanted, found = network(images), fast.reading(fast.stages_of(network))(images)
    torch.testing.assert_close(found, wanted, rtol=1e-9, atol=1e-9)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("pool", [1, 2, 3])
def test_every_activation_may_come_after_the_pool(name: str, pool: int) -> None:
    torch.manual_seed(2)
    stage = Conv(1, 4, 3, 1, 1, name).double().eval()
    stages = [stage, nn.MaxPool2d(pool)]
    nn.init.normal_(stage.norm.bias, std=2.0)  # to both sides of where SiLU is lowest
    maps = 6 * torch.randn(3, 1, 13, 14, dtype=torch.float64)
    with torch.no_grad():
        wanted, found = nn.Sequential(*stages)(maps), fast.reading(stages)(maps)
    torch.testing.assert_close(found, wanted, rtol=1e-12, atol=1e-12)


def test_a_pool_that_overlaps_or_pads_is_left_as_it_is() -> None:
    maps = torch.randn(2, 1, 13, 13)
    for pool in (nn.MaxPool2d(3, 2), nn.MaxPool2d(2, padding=1), nn.MaxPool2d(2, ceil_mode=True)):
        stages = [Conv(1, 4, 3, 1, 1, "silu").eval(), pool]
        with torch.no_grad():
            torch.testing.assert_close(fast.reading(stages)(maps), nn.Sequential(*stages)(maps))


def test_stages_in_training_are_not_folded() -> None:
    with pytest.raises(RuntimeError, match="training"):
        fast.reading([Conv(1, 2, 3, 1, 1, "silu")])
