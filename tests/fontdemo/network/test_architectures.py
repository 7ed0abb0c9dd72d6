"""fontdemo.network.architectures: every stage against plain torch, and the parameters that the report counts."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from fontdemo.network.architectures import PARAMETER_LIMIT
from fontdemo.network.network import Network
from tests.fontdemo.network.test_network import images, lively


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
