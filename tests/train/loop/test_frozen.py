"""train.loop.frozen: the last stages alone are trained, on what the earlier ones make within the whole network."""

from __future__ import annotations

import pytest
import torch

from fontdemo.errors import FontdemoError
from fontdemo.network.network import Network
from tests.support.training import SMALL, small_recipe, small_set
from train.loop.augment import plain
from train.loop.fit import Fit
from train.loop.frozen import features, split

CPU = torch.device("cpu")


def network() -> Network:
    torch.manual_seed(0)
    return Network("report-cnn", "course52", SMALL).eval()


def test_features_and_then_the_last_stages_are_the_whole_network() -> None:
    whole = network()
    images = torch.from_numpy(small_set().images[:30])
    frozen, trained = split(whole, "fc1")
    with torch.no_grad():
        found = trained(features(frozen, plain, images, bf16=False, batch=7).float())
        wanted = whole(plain(images))
    # They are kept in bfloat16, which has eight bits of a number.
    assert (found - wanted).abs().max() < 0.02 * (wanted.max() - wanted.min())


def test_a_stage_that_is_not_there_or_comes_first_is_refused() -> None:
    for name in ("fc9", "conv1"):
        with pytest.raises(FontdemoError, match="There is no stage"):
            split(network(), name)


def test_training_from_a_stage_on_leaves_those_before_it_as_they_were_and_learns() -> None:
    data = small_set(208, 52)
    train, valid = (tuple(map(torch.from_numpy, data.part(part))) for part in ("train", "valid"))
    recipe = small_recipe(first_trained="fc1", epochs=20, learning_rate=0.01, outliers=0.1, batch=20)
    fit = Fit(recipe, (train[0], train[1]), (valid[0], valid[1]), CPU)
    before = {name: value.clone() for name, value in fit.network.state_dict().items()}
    errors = [event.valid_error for event in fit.run() if hasattr(event, "valid_error")]
    after = fit.network.state_dict()
    changed = {name.split(".")[1] for name, value in after.items() if not torch.equal(value, before[name])}
    assert changed == {"fc1", "fc2", "fc3"}
    assert errors[-1] < errors[0] - 0.3


def test_resumed_training_from_a_stage_on_equals_unbroken_training() -> None:
    data = small_set()
    train, valid = (tuple(map(torch.from_numpy, data.part(part))) for part in ("train", "valid"))
    recipe = small_recipe(first_trained="fc1", ema=0.9)

    def fit() -> Fit:
        return Fit(recipe, (train[0], train[1]), (valid[0], valid[1]), CPU)

    whole = fit()
    list(whole.run())
    first = fit()
    for _ in zip(range(2), first.run(every=1), strict=False):
        pass
    second = fit()
    second.restore(*first.state())
    list(second.run())
    for left, right in ((whole.network, second.network), (whole.kept, second.kept)):
        for name, value in left.state_dict().items():
            assert torch.equal(value, right.state_dict()[name]), name
