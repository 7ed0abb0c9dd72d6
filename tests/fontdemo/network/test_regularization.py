"""Batch normalisation and dropout of one stage, against torch's own layers and the formulas in plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from fontdemo.network import regularization
from fontdemo.network.network import Network
from fontdemo.network.stages import Conv

IMAGE = (np.random.default_rng(0).random((100, 100)) < 0.2).astype(np.float32)


@pytest.fixture(params=["report-cnn", "report-crnn"])
def network(request: pytest.FixtureRequest) -> Network:
    """A network whose normalisation is not the identity."""
    torch.manual_seed(0)
    network = Network(request.param)
    with torch.no_grad():
        for stage in network.stages.values():
            if isinstance(stage, Conv):
                for values in (stage.norm.running_mean, stage.norm.weight, stage.norm.bias):
                    values.normal_()
                stage.norm.running_var.uniform_(0.1, 3)
    return network.eval()


def test_normalisation_is_the_formula_on_the_layers_own_output(network: Network) -> None:
    assert regularization.normalised_stages(network) == [n for n in network.stages if n.startswith("conv")]
    value = torch.from_numpy(IMAGE)[None, None]
    for name, stage in network.stages.items():
        if isinstance(stage, Conv):
            shown = regularization.normalise(network, IMAGE, name)
            before = stage.conv(value)[0].detach().numpy()
            assert np.allclose(shown.before, before, atol=1e-5)
            each = [v[:, None, None] for v in (shown.weight, shown.mean, shown.variance, shown.bias)]
            weight, mean, variance, bias = each
            after = weight * (before - mean) / np.sqrt(variance + shown.epsilon) + bias
            assert np.allclose(shown.after, after, atol=1e-4)
        value = stage(value)


@pytest.mark.parametrize("probability", [0.0, 0.3, 0.9])
def test_dropout_keeps_to_its_probability_scales_the_rest_and_goes_on(network: Network, probability: float) -> None:
    for stage in regularization.dropped_stages(network):
        shown = regularization.drop(network, IMAGE, stage, probability, seed=3)
        outputs = network.trace(torch.from_numpy(IMAGE)[None, None])
        before = outputs[stage][0].numpy()
        assert np.array_equal(shown.before, before)
        assert np.allclose(shown.after, np.where(shown.kept, before / (1 - probability), 0), rtol=1e-5)
        spread = np.sqrt(probability * (1 - probability) / shown.kept.size)
        assert abs((~shown.kept).mean() - probability) <= 4 * spread
        value, names = torch.from_numpy(shown.after)[None], list(network.stages)
        for name in names[names.index(stage) + 1 :]:
            value = network.stages[name](value)
        expected = functional.softmax(value[0], 0).detach().numpy()
        assert np.allclose(shown.probabilities, expected, atol=1e-5)
        assert np.allclose(shown.usual, functional.softmax(outputs[names[-1]][0], 0).numpy(), atol=1e-6)


def test_a_seed_gives_the_same_again_and_another_seed_others(network: Network) -> None:
    first, same, other = (regularization.drop(network, IMAGE, "pool1", 0.5, seed).kept for seed in (1, 1, 2))
    assert np.array_equal(first, same) and not np.array_equal(first, other)


def test_in_mean_over_many_seeds_nothing_is_lost(network: Network) -> None:
    after = np.mean([regularization.drop(network, IMAGE, "pool1", 0.5, seed).after for seed in range(40)], axis=0)
    before = regularization.drop(network, IMAGE, "pool1", 0.5, 0).before
    assert float(after.mean()) == pytest.approx(float(before.mean()), rel=0.1)
