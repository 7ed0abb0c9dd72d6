"""What the browser is told of a network: JSON, whole, and every tensor by a name that its file has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from safetensors import safe_open
from torch import nn

from fontdemo.alphabet import get_alphabet
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.network.stages import NetworkError
from fontdemo.reading.description import describe
from fontdemo.reading.lookalikes import judge, lookalikes


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("name", pretrained.shipped())
def test_every_tensor_of_the_file_is_named_once(name: str) -> None:
    described = describe(pretrained.load(name))
    assert json.loads(json.dumps(described, allow_nan=False)) == described
    named = sorted(text for text in strings(described["stages"]) if text.startswith("stages."))
    with safe_open(pretrained.WEIGHTS / name / "model.safetensors", "pt") as file:
        held = sorted(tensor for tensor in file.keys() if not tensor.endswith("num_batches_tracked"))  # noqa: SIM118
    assert named == held


def test_stages_say_their_sizes_settings_and_what_they_see() -> None:
    network = Network("report-cnn")
    described = describe(network)
    assert described["parameters"] == 702_948
    conv1, pool1 = described["stages"][:2]
    assert (conv1["kind"], conv1["in_shape"], conv1["out_shape"]) == ("conv", [1, 100, 100], [16, 48, 48])
    assert [conv1["conv"][key] for key in ("inputs", "outputs", "kernel", "stride", "padding")] == [1, 16, 10, 2, 2]
    assert conv1["act"] == {"name": "silu"} and conv1["norm"]["eps"] == 1e-5
    assert conv1["field"] == {"start": -2, "step": 2, "size": 10}
    assert (pool1["kernel"], pool1["stride"], pool1["padding"]) == (2, 2, 0)
    assert described["stages"][-1]["field"] is None and described["stages"][-1]["act"] is None
    leaky = describe(Network("report-crnn"))["stages"][0]["act"]
    assert leaky == {"name": "leaky_relu", "slope": 0.01}


@pytest.mark.parametrize("name", ["course52", "letters52", "alnum62"])
def test_the_alphabet_says_what_looks_alike_as_judging_has_it(name: str) -> None:
    alphabet = get_alphabet(name)
    described = describe(Network("report-cnn", name))["alphabet"]
    even = torch.full((len(alphabet),), 1 / len(alphabet)).numpy()
    for label in range(len(alphabet)):
        assert described["titles"][label] == alphabet.title(label)
        assert described["lookalikes"][label] == lookalikes(alphabet, label)
        sure = 0 * even
        sure[label] = 1
        beside = [other for other, _ in judge(alphabet, sure, cropped=True).together[1:]]
        assert described["same_shape"][label] == sorted(beside)


@pytest.mark.parametrize("layer", [nn.AvgPool2d(2), nn.MaxPool2d(2, ceil_mode=True), nn.MaxPool2d(2, dilation=2)])
def test_what_the_browser_cannot_run_is_refused_by_name(layer: nn.Module) -> None:
    network = Network("report-cnn")
    network.stages["pool3"] = layer
    if isinstance(layer, nn.MaxPool2d) and layer.dilation == 2:
        network.stages["pool3"] = nn.MaxPool2d(2, 2, dilation=2)
        del network.stages["flatten"], network.stages["fc1"], network.stages["fc2"], network.stages["fc3"]
    with pytest.raises(NetworkError, match="the browser"):
        describe(network)
