"""The networks against torch called by hand with the same weights, and against the report's figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from fontdemo.alphabet import get_alphabet
from fontdemo.network.architectures import ARCHITECTURES, PARAMETER_LIMIT, SIDE
from fontdemo.network.network import LARGEST, Network
from fontdemo.network.stages import ACTIVATIONS, Fold, NetworkError, sliding_size


def images(count: int = 2) -> Tensor:
    return torch.rand(count, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


def lively(network: Network) -> Network:
    """`network` with batch statistics that are not those of a new one, in evaluation mode."""
    rng = torch.Generator().manual_seed(2)
    for name, values in network.state_dict().items():
        if name.endswith(("norm.running_mean", "norm.running_var", "norm.weight", "norm.bias")):
            values.copy_(torch.rand(values.shape, generator=rng) + 0.5)
    return network.eval()


def conv_stage(image: Tensor, weights: dict[str, Tensor], stage: str, stride: int, padding: int) -> Tensor:
    """Convolution and batch normalisation in its textbook form; no activation."""
    w = {name.removeprefix(f"stages.{stage}."): values for name, values in weights.items()}
    maps = functional.conv2d(image, w["conv.weight"], w["conv.bias"], stride, padding)
    mean, variance = w["norm.running_mean"][:, None, None], w["norm.running_var"][:, None, None]
    maps = (maps - mean) / torch.sqrt(variance + 1e-5)
    return maps * w["norm.weight"][:, None, None] + w["norm.bias"][:, None, None]


def cnn_by_hand(image: Tensor, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The report's listing, stage by stage."""
    outputs = {}
    for number, (stride, padding) in enumerate([(2, 2), (1, 2), (1, 2)], start=1):
        image = outputs[f"conv{number}"] = functional.silu(conv_stage(image, weights, f"conv{number}", stride, padding))
        image = outputs[f"pool{number}"] = functional.max_pool2d(image, 2)
    # The report's listing applies SiLU once more here.
    image = outputs["flatten"] = functional.silu(image).reshape(len(image), 32 * 6 * 6)
    for name, act in (("fc1", functional.silu), ("fc2", torch.sigmoid), ("fc3", None)):
        image = image @ weights[f"stages.{name}.fc.weight"].T + weights[f"stages.{name}.fc.bias"]
        image = outputs[name] = image if act is None else act(image)
    return outputs


def gru_by_hand(step: Tensor, weights: dict[str, Tensor]) -> Tensor:
    """Two GRU layers over one step from a hidden state of zeros, by the equations."""
    for layer in range(2):
        inner = step @ weights[f"stages.gru.gru.weight_ih_l{layer}"].T + weights[f"stages.gru.gru.bias_ih_l{layer}"]
        # The hidden state is zero, so of its side only the bias is left.
        hidden = weights[f"stages.gru.gru.bias_hh_l{layer}"].expand_as(inner)
        (r, z, n), (hr, hz, hn) = inner.chunk(3, dim=1), hidden.chunk(3, dim=1)
        update = torch.sigmoid(z + hz)
        step = (1 - update) * torch.tanh(n + torch.sigmoid(r + hr) * hn)
    return step


@torch.no_grad()
def test_every_stage_of_the_cnn_is_what_torch_gives_by_hand() -> None:
    network = lively(Network("report-cnn"))
    outputs, wanted = network.trace(images()), cnn_by_hand(images(), network.state_dict())
    assert list(outputs) == list(wanted)
    for name, output in outputs.items():
        torch.testing.assert_close(output, wanted[name], atol=1e-5, rtol=1e-4, msg=name)


@torch.no_grad()
def test_every_stage_of_the_crnn_is_what_torch_gives_by_hand() -> None:
    network = lively(Network("report-crnn"))
    weights = network.state_dict()
    wanted = {}
    image = images()
    for number, padding in ((1, 2), (2, 0)):
        maps = conv_stage(image, weights, f"conv{number}", 2, padding)
        wanted[f"conv{number}"] = torch.where(maps > 0, maps, 0.01 * maps)
        image = wanted[f"pool{number}"] = functional.max_pool2d(wanted[f"conv{number}"], 2)
    wanted["gru"] = gru_by_hand(image.reshape(2, 512), weights)
    wanted["fc"] = wanted["gru"] @ weights["stages.fc.fc.weight"].T + weights["stages.fc.fc.bias"]
    outputs = network.trace(images())
    assert list(outputs) == list(wanted)
    for name, output in outputs.items():
        torch.testing.assert_close(output, wanted[name], atol=1e-5, rtol=1e-4, msg=name)


def test_the_report_counts_its_parameters_so() -> None:
    assert Network("report-cnn").parameter_count == 702_948 < PARAMETER_LIMIT
    assert Network("report-crnn").parameter_count == 1_052_420 < PARAMETER_LIMIT


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


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 40), st.integers(0, 12), st.integers(0, 5), st.integers(0, 5))
def test_the_size_formula_is_what_torch_does(size: int, kernel: int, stride: int, padding: int) -> None:
    try:
        wanted = functional.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), None, stride, padding).shape[-1]
    except RuntimeError:
        wanted = None
    try:
        found = sliding_size(size, kernel, stride, padding)
    except NetworkError:
        found = None
    assert found == wanted


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


def residual_by_hand(image: Tensor, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Our network, stage by stage, with torch's functions."""

    def residual(maps: Tensor, stage: str) -> Tensor:
        inner = functional.silu(conv_stage(maps, weights, f"{stage}.first", 1, 1))
        return functional.silu(maps + conv_stage(inner, weights, stage, 1, 1))

    outputs = {}
    for number in range(1, 5):
        stride, padding = (2, 2) if number == 1 else (1, 1)
        image = outputs[f"conv{number}"] = functional.silu(
            conv_stage(image, weights, f"conv{number}", stride, padding)
        )
        if number > 2:
            image = outputs[f"res{number - 2}"] = residual(image, f"res{number - 2}")
        image = outputs[f"pool{number}"] = functional.max_pool2d(image, 2)
    image = outputs["flatten"] = image.reshape(len(image), 160 * 3 * 3)
    for name, act in (("fc1", functional.silu), ("fc2", None)):
        image = image @ weights[f"stages.{name}.fc.weight"].T + weights[f"stages.{name}.fc.bias"]
        image = outputs[name] = image if act is None else act(image)
    return outputs


def test_every_stage_of_ours_is_what_torch_makes_by_hand() -> None:
    network = lively(Network("residual-cnn", "alnum62"))
    assert network.parameter_count == 1_034_494 <= PARAMETER_LIMIT
    traced, wanted = network.trace(images()), residual_by_hand(images(), network.state_dict())
    assert list(traced) == list(wanted)
    for name, values in wanted.items():
        torch.testing.assert_close(traced[name], values, rtol=1e-4, atol=1e-4)


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


def test_before_folding_the_cases_are_told_where_one_is_far_likelier() -> None:
    fold = Fold(get_alphabet("course52"))
    classes, every = get_alphabet("course52").classes, get_alphabet("alnum62").classes
    logits = np.zeros((2, 62), np.float32)
    logits[0, every.index("O")] = 3.0  # e^3 = 20 times o
    logits[0, every.index("c")] = 2.0  # e^2 = 7.4 times C: not enough
    assert fold.likelier(logits, 9.0) == [{classes.index("o"): "O"}, {}]
    assert fold.likelier(logits, 7.0) == [{classes.index("o"): "O", classes.index("C"): "c"}, {}]
    assert Fold(get_alphabet("letters52")).likelier(logits, 7.0) == [{}, {}]


def test_folding_makes_no_tensor_on_the_host_and_moves_with_the_network() -> None:
    """Which is what capturing a CUDA graph asks for; and weights files hold nothing of it."""
    fold, logits = Fold(get_alphabet("course52")), torch.zeros(3, 62)
    assert not fold.state_dict()
    wanted = fold(logits)

    class NoLists(TorchDispatchMode):
        """A tensor made from a list, by `torch.tensor` or by indexing with one, passes through lift_fresh."""

        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            assert "lift_fresh" not in str(function)
            return function(*args, **(kwargs or {}))

    with NoLists():
        torch.testing.assert_close(fold(logits), wanted)
    with torch.device("meta"):
        sketch = Fold(get_alphabet("course52"))
        assert sketch(torch.zeros(3, 62)).shape == (3, 52)
    assert fold.to("meta")(logits.to("meta")).device.type == "meta"


def test_folding_huge_values_overflows_nowhere() -> None:
    folded = Fold(get_alphabet("course52"))(torch.full((1, 62), 3e4).index_fill_(1, torch.tensor([5]), -3e4))
    assert torch.isfinite(folded).all()
    assert folded.argmin() == 5
