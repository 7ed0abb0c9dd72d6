"""train.loop.device.Images: used as the tensor of the chosen images would be, to the last bit, without copies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.support.training import small_recipe, small_set
from train.data.glyphset import GlyphSet
from train.loop import device as module
from train.loop.device import Images, outliers_of, part_of
from train.loop.fit import Epoch, Fit

PARTS = ("train", "valid")
CPU = torch.device("cpu")


def mixed(train: int = 52, valid: int = 26) -> GlyphSet:
    """`small_set` with its parts mixed, as in joined sets, and a few outliers."""
    data = small_set(train, valid)
    made = np.random.default_rng(0).integers(0, 256, (9, 100, 100)).astype(np.uint8)
    order = np.random.default_rng(1).permutation(train + valid)
    kept: dict[str, Any] = {name: getattr(data, name)[order] for name in ("images", "labels", "face", "split")}
    return replace(data, **kept, outliers=made, outlier_split=(np.arange(9) % 3 == 2).astype(np.uint8))


def test_they_are_the_parts_images_without_a_copy() -> None:
    data = mixed()
    for part, size in (("train", 52), ("valid", 26), ("test", 0)):
        images, labels = part_of(data, part)
        wanted, wanted_labels = data.part(part)
        assert len(images) == size and torch.equal(labels, torch.from_numpy(wanted_labels))
        assert images.whole.data_ptr() == data.images.__array_interface__["data"][0]
        assert torch.equal(images[:], torch.from_numpy(wanted)) and images.device == CPU
        indices = torch.randint(max(size, 1), (7,))[:size]
        assert np.array_equal(images[indices].numpy(), wanted[indices.numpy()])
        assert np.array_equal(images[5:900].numpy(), wanted[5:900])
    others = outliers_of(data, "train")
    assert np.array_equal(others[:].numpy(), data.outliers_of("train")) and len(others) == 6
    assert others.whole.data_ptr() == data.outliers.__array_interface__["data"][0]


def test_on_another_device_there_are_only_they_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 5)
    images, _ = part_of(mixed(), "valid")
    assert images.to(CPU) is images
    moved = images.to(torch.device("meta"))  # the only other device that every machine has; it keeps no values
    assert isinstance(moved, Tensor) and (moved.shape, moved.dtype) == ((26, 100, 100), torch.uint8)


@pytest.mark.parametrize("settings", [{}, {"first_trained": "fc1"}])
def test_training_on_them_is_training_on_copies_to_the_bit(settings: dict[str, Any]) -> None:
    data = mixed()
    recipe = small_recipe(augmentation="scans", outliers=0.3, ema=0.9, epochs=2, **settings)
    copies = [(torch.from_numpy(images), torch.from_numpy(labels)) for images, labels in map(data.part, PARTS)]
    shared = [part_of(data, part) for part in PARTS]
    ended = []
    for parts, others in ((copies, torch.from_numpy(data.outliers_of("train"))), (shared, outliers_of(data, "train"))):
        fit = Fit(recipe, *parts, CPU, outliers=others)  # type: ignore[arg-type]  # one list or the other
        events = [replace(event, seconds=0.0) for event in fit.run() if isinstance(event, Epoch)]
        ended.append((events, fit.state()[0]))
    assert isinstance(fit.images, Images) and ended[0][0] == ended[1][0]
    assert all(torch.equal(values, ended[1][1][name]) for name, values in ended[0][1].items())
