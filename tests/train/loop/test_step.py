"""train.loop.step: one step is what plain torch does with the same loss and Adam."""

from __future__ import annotations

import copy

import torch
from torch import nn

from fontdemo.network.network import Network
from tests.support.training import small_recipe, small_set
from train.loop.augment import plain
from train.loop.fit import Fit


def _fit(**changes: object) -> Fit:
    data = small_set()
    parts = [tuple(torch.from_numpy(values) for values in data.part(name)) for name in ("train", "valid")]
    return Fit(small_recipe(**changes), *parts, torch.device("cpu"))  # type: ignore[arg-type]


def test_a_step_is_adams_on_the_cross_entropy() -> None:
    fit = _fit()
    network: Network = copy.deepcopy(fit.network)
    network.train()
    adam = torch.optim.Adam(network.parameters(), lr=2e-3)
    indices = torch.tensor([3, 1, 4, 15, 9, 2, 6, 5])
    fit.network.train()
    fit.stepper.step(indices, 2e-3)
    nn.functional.cross_entropy(network(plain(fit.images[indices])), fit.labels[indices]).backward()
    adam.step()
    for ours, theirs in zip(fit.network.parameters(), network.parameters(), strict=True):
        # Adam's first step goes by the sign alone: where the gradient is nothing but rounding, so is the sign.
        sure = theirs.grad.abs() > 1e-5  # type: ignore[union-attr]
        torch.testing.assert_close(ours[sure], theirs[sure], atol=1e-5, rtol=1e-3)


def test_the_sums_are_the_loss_and_the_right_answers_of_the_batch() -> None:
    fit = _fit()
    network: Network = copy.deepcopy(fit.network).train()
    indices = torch.arange(8)
    with torch.no_grad():
        logits = network(plain(fit.images[indices]))
    loss = nn.functional.cross_entropy(logits, fit.labels[indices], reduction="sum")
    right = (logits.argmax(dim=1) == fit.labels[indices]).sum()
    fit.network.train()
    fit.stepper.step(indices, 1e-3)
    found = fit.stepper.sums[:2].double()
    torch.testing.assert_close(found, torch.stack([loss, right]).double(), atol=1e-4, rtol=1e-5)


def test_outliers_change_what_is_learned_but_not_what_is_counted() -> None:
    bare, more = _fit(), _fit(outliers=0.5)
    for fit in (bare, more):
        fit.network.train()
        fit.stepper.step(torch.arange(8), 1e-3)
    torch.testing.assert_close(bare.stepper.sums[1], more.stepper.sums[1])
    assert any(not torch.equal(a, b) for a, b in zip(bare.network.parameters(), more.network.parameters(), strict=True))
