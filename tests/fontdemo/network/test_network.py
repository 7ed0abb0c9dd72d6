"""The networks against torch called by hand with the same weights, and against the report's figures."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from fontdemo.network.architectures import ARCHITECTURES, SIDE
from fontdemo.network.network import LARGEST, Network, demand
from fontdemo.network.stages import ACTIVATIONS, NetworkError


def images(count: int = 2) -> Tensor:
    return torch.rand(count, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


def lively(network: Network) -> Network:
    """`network` with batch statistics that are not those of a new one, in evaluation mode."""
    rng = torch.Generator().manual_seed(2)
    for name, values in network.state_dict().items():
        if name.endswith(("norm.running_mean", "norm.running_var", "norm.weight", "norm.bias")):
            values.copy_(torch.rand(values.shape, generator=rng) + 0.5)
    return network.eval()


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("alphabet, classes", [("course52", 52), ("alnum62", 62)])
def test_the_trace_ends_with_what_forward_gives(name: str, alphabet: str, classes: int) -> None:
    network = Network(name, alphabet).eval()
    with torch.inference_mode():
        logits = network(images(3))
        last = list(network.trace(images(3)).values())[-1]
    assert logits.shape == (3, classes) and torch.equal(logits, last)
    assert not last.requires_grad


def test_probabilities_are_softmax_at_the_temperature() -> None:
    logits = torch.randn(4, 52, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    powers = torch.exp(logits / 2.5)
    wanted = (powers / powers.sum(dim=1, keepdim=True)).float()
    torch.testing.assert_close(Network(temperature=2.5).probabilities(logits), wanted)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_settings(name: str) -> None:
    network = Network(options={"conv_activation": name, "fc_activations": [name, name]}).eval()
    by_hand = {
        "relu": functional.relu, "leaky_relu": functional.leaky_relu, "elu": functional.elu, "silu": functional.silu,
        "sigmoid": torch.sigmoid,
    }[name]  # fmt: skip
    with torch.no_grad():
        outputs = network.trace(images())
        weights = network.state_dict()
        assert torch.equal(outputs["flatten"], by_hand(outputs["pool3"]).flatten(1))
        plain = functional.linear(outputs["flatten"], weights["stages.fc1.fc.weight"], weights["stages.fc1.fc.bias"])
        torch.testing.assert_close(outputs["fc1"], by_hand(plain))


@pytest.mark.parametrize(
    "settings",
    [
        {"architecture": "none"},
        {"temperature": 0},
        {"temperature": -1.0},
        {"temperature": float("nan")},
        {"temperature": float("inf")},
        {"temperature": "warm"},
        {"temperature": 10**400},
        {"threshold": -0.1},
        {"threshold": 1.01},
        {"threshold": float("nan")},
        {"threshold": "low"},
        {"threshold": None},
        {"options": {"unknown": 1}},
        {"options": [1, 2]},
        {"options": "ab"},
        {"options": {"channels": []}},
        {"options": {"channels": [16, 32]}},
        {"options": {"channels": 16}},
        {"options": {"channels": [16, 32, True]}},
        {"options": {"channels": [16, 32, 0.5]}},
        {"options": {"channels": [16, 32, 10**9]}},
        {"options": {"channels": [4096] * 3, "kernels": [100, 24, 12], "paddings": [50, 12, 6]}},
        {"options": {"widths": [4096] * 4, "fc_activations": ["relu"] * 4, "channels": [16, 32, 4096]}},
        {"options": {"kernels": [10, 5, 50]}},
        {"options": {"strides": [0, 1, 1]}},
        {"options": {"paddings": [-1, 2, 2]}},
        {"options": {"pool": 0}},
        {"options": {"pool": None}},
        {"options": {"pool": 3, "strides": [9, 9, 9]}},
        {"options": {"dropout": 1}},
        {"options": {"dropout": float("nan")}},
        {"options": {"dropout": "x"}},
        {"options": {"conv_activation": "tanh"}},
        {"options": {"conv_activation": ["relu"]}},
        {"options": {"conv_activation": None}},
        {"options": {"flatten_activation": 7}},
        {"options": {"fc_activations": ["relu"]}},
        {"architecture": "report-crnn", "options": {"layers": 9}},
        {"architecture": "report-crnn", "options": {"width": -2}},
        {"architecture": "report-crnn", "options": {"width": 4096, "layers": 4}},
    ],
    ids=str,
)
def test_settings_that_make_no_network_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(NetworkError):
        Network(**settings)


def test_a_large_network_is_refused_before_it_takes_memory() -> None:
    # Some 27 GB of weights: this machine would feel it.
    with pytest.raises(NetworkError, match=f"more than {LARGEST:,} parameters"):
        Network(options={"channels": [4096] * 5, "kernels": [20] * 5, "strides": [1] * 5, "paddings": [10] * 5})


def _one_convolution(channels: int, kernel: int, padding: int, pool: int) -> dict[str, Any]:
    sizes = {"channels": [channels], "kernels": [kernel], "strides": [1], "paddings": [padding], "pool": pool}
    return {**sizes, "widths": [], "fc_activations": []}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (_one_convolution(101, 1, 0, 50), "values"),
        (_one_convolution(4096, 1, 100, 100), "values"),  # 1.5 GB of maps for one image, of 1.9 million parameters
        (_one_convolution(24, 100, 100, 50), "products"),
        ({"channels": [60, 60], "kernels": [1, 41], "strides": [1, 1], "paddings": [0, 20], "pool": 2}, "products"),
    ],
    ids=str,
)
def test_few_parameters_make_neither_gigabytes_of_maps_nor_minutes_of_work(options: dict[str, Any], said: str) -> None:
    with pytest.raises(NetworkError, match=said):
        Network(options={**options, "widths": [], "fc_activations": []})


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_its_demand_is_what_its_layers_do(name: str) -> None:
    network, counted = Network(name).eval(), {"values": 0, "products": 0}

    def count(layer: Any, _given: Any, maps: Tensor) -> None:
        outputs, inputs, height, width = layer.weight.shape
        counted["values"] += maps[0].numel()
        counted["products"] += maps[0].numel() * inputs * height * width

    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d):
            layer.register_forward_hook(count)
    network(images(1))
    found = demand(name, "course52", {})
    rest = sum(p.numel() for part in network.modules() if isinstance(part, (torch.nn.Linear, torch.nn.GRU))
               for p in part.parameters())  # fmt: skip
    assert (found.parameters, found.values) == (network.parameter_count, counted["values"])
    assert found.products == counted["products"] + rest


def test_folding_joins_the_probabilities_of_characters_that_are_one_class() -> None:
    whole = lively(Network("residual-cnn", "alnum62"))
    for alphabet in ("course52", "letters52"):
        folded = Network("residual-cnn", alphabet, {"fold": True}).eval()
        folded.load_state_dict(whole.state_dict())
        probabilities = whole.probabilities(whole(images()))
        wanted = torch.zeros(2, 52)
        for index, character in enumerate(whole.alphabet.classes):
            label = folded.alphabet.label(character)
            if label is not None:
                one_of = sum(folded.alphabet.label(other) == label for other in whole.alphabet.classes)
                wanted[:, label] += probabilities[:, index] / one_of**0.5
        torch.testing.assert_close(folded.probabilities(folded(images())), wanted / wanted.sum(1, keepdim=True))
