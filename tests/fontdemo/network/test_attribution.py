"""What is said of why a network answers, against autograd, against layers called by hand, against its own sum."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from fontdemo.network import attribution
from fontdemo.network.architectures import ARCHITECTURES, SIDE
from fontdemo.network.attribution import ablation, last_maps, saliency
from fontdemo.network.network import Network
from tests.support.letters import coverage

torch.set_num_threads(1)

NETWORKS = [(name, {}) for name in ARCHITECTURES] + [("residual-cnn", {"fold": True})]


def network_of(name: str, options: dict[str, object]) -> Network:
    torch.manual_seed(0)
    network = Network(name, "course52", options)
    network(torch.rand(8, 1, SIDE, SIDE))  # moves the batch statistics
    return network.eval()


def letter(character: str = "R") -> NDArray[np.float32]:
    ink = np.asarray(coverage(character, height=60, margin=0), np.float32) / 255
    image = np.zeros((SIDE, SIDE), np.float32)
    image[20 : 20 + ink.shape[0], 20 : 20 + ink.shape[1]] = ink
    return image


@pytest.mark.parametrize("name, options", NETWORKS)
def test_what_each_bit_of_ink_adds_makes_the_logit(name: str, options: dict[str, object]) -> None:
    network, image = network_of(name, options), letter()
    found = saliency(network, image, [3, 10], steps=128)
    assert found.shape == (2, SIDE, SIDE) and found.dtype == np.float32
    assert not found[:, image == 0].any()
    with torch.no_grad():
        pair = network(torch.stack([torch.from_numpy(image), torch.zeros(SIDE, SIDE)])[:, None])
    change = (pair[0] - pair[1])[[3, 10]].numpy()
    assert np.allclose(found.sum(axis=(1, 2)), change, atol=0.02 * np.abs(change).max() + 1e-4)
    assert all(parameter.grad is None for parameter in network.parameters())


@pytest.mark.parametrize("name, options", NETWORKS)
def test_a_map_that_is_put_out_costs_what_running_without_it_says(name: str, options: dict[str, object]) -> None:
    network, image = network_of(name, options), letter("g")
    with torch.no_grad():
        outputs = {n: v[0].numpy() for n, v in network.trace(torch.from_numpy(image)[None, None]).items()}
    stage = last_maps(network, outputs)
    assert stage is not None and stage.startswith("pool")
    found = ablation(network, image, stage, [7, 2])
    assert found.shape == (len(outputs[stage]), 2)
    for index in (0, len(found) - 1):
        maps = outputs[stage].copy()
        maps[index] = 0
        value = torch.from_numpy(maps)[None]
        with torch.no_grad():
            for later in list(network.stages)[list(network.stages).index(stage) + 1 :]:
                value = network.stages[later](value)
        last = list(outputs)[-1]
        wanted = outputs[last][[7, 2]] - value[0, [7, 2]].numpy()
        assert np.allclose(found[index], wanted, atol=1e-4)


def test_of_thousands_of_maps_not_all_copies_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    one = {"channels": [600], "kernels": [1], "strides": [10], "paddings": [0], "pool": 3}
    network, held = network_of("report-cnn", {**one, "widths": [], "fc_activations": []}), []
    network.stages["flatten"].register_forward_pre_hook(lambda _, given: held.append(given[0].numel()))
    whole = ablation(network, letter(), "pool1", [7, 2])
    assert len(held) == 2 and whole.shape == (600, 2)  # as it is, then all maps in turn
    held.clear()
    monkeypatch.setattr(attribution, "_AT_ONCE", 100_000)
    parts = ablation(network, letter(), "pool1", [7, 2])
    assert max(held) <= 100_000 and len(held) > 30
    assert np.allclose(whole, parts, atol=1e-5)
