"""train.loop.estimate: in words, of the whole recipe, and without a trace in the process's random numbers."""

from __future__ import annotations

import pytest
import torch

from tests.support.training import small_recipe
from train.loop import estimate as module
from train.loop.estimate import Estimate, estimate
from train.loop.fit import Fit


@pytest.mark.parametrize(
    ("epochs", "minutes", "limit", "said"),
    [
        (1, 0.5, 15, "Training on the CPU: 1 epoch would take about 30 seconds."),
        (15, 20.4, 15, "Training on the CPU: 15 epochs would take about 20 minutes; the time limit stops it after 15."),
    ],
)
def test_it_is_reported_in_a_sentence(epochs: int, minutes: float, limit: float, said: str) -> None:
    assert Estimate("the CPU", True, 100.0, epochs, minutes, limit).sentence() == said


def test_it_grows_with_epochs_and_images_and_leaves_random_numbers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_seconds_per_step", lambda *_: 0.008)
    monkeypatch.setattr(module, "_seconds_per_image", lambda *_: 0.0005)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    recipe = small_recipe(epochs=3)
    found = estimate(recipe, 8000, 2000, "cpu")
    assert torch.equal(torch.rand(3), expected)
    assert found.minutes == pytest.approx(3 * (0.008 / recipe.batch * 8000 + 0.0005 * 2000) / 60)
    assert found.images_per_second == pytest.approx(recipe.batch / 0.008)
    assert (found.epochs, found.limit, found.cpu) == (3, recipe.minutes, True)


def test_a_large_network_is_measured_on_fewer_images(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[tuple[int, int]] = []

    def reading(fit: Fit, stop: object) -> float:
        measured.append((fit.recipe.batch, len(fit.valid_images)))
        return 0.0005

    monkeypatch.setattr(module, "_seconds_per_step", lambda *_: 0.008)
    monkeypatch.setattr(module, "_seconds_per_image", reading)
    options = {"channels": [24], "kernels": [61], "strides": [1], "paddings": [30], "pool": 50}  # 893 million products
    wide = small_recipe().changed(architecture="report-cnn", options=options | {"widths": [], "fc_activations": []})
    for recipe in (wide.changed(batch=200), small_recipe().changed(batch=200)):
        estimate(recipe, 8000, 2000, "cpu")
    assert measured == [(11, 111), (200, 400)]
