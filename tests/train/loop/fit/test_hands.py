"""Training on hands: the loss among some classes only, a set's own outliers, averaged weights, going on from weights.

The oracles are plain numpy or plain torch, written anew here.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.training import SMALL, packed, small_recipe, small_set
from train.data.glyphset import GlyphSet, GlyphSetError
from train.data.join import join
from train.loop.fit import Epoch, Fit
from train.loop.recipe import Recipe
from train.loop.step import OUTLIER_WEIGHT
from train.runs.folder import RunFolder
from train.runs.trainer import execute

CPU = torch.device("cpu")


def some(data: GlyphSet, among: str) -> GlyphSet:
    """The set with its first face's characters said to be chosen among `among`."""
    return replace(data, faces=(replace(data.faces[0], among=among), *data.faces[1:]))


def at(data: GlyphSet, keep: NDArray[np.bool_]) -> GlyphSet:
    kept = {name: getattr(data, name)[keep] for name in ("images", "labels", "face", "split")}
    return replace(data, **kept)


def fit_on(data: GlyphSet, recipe: Recipe) -> Fit:
    train, valid = (tuple(map(torch.from_numpy, data.part(part))) for part in ("train", "valid"))
    choices = data.choices("train")
    return Fit(
        recipe, (train[0], train[1]), (valid[0], valid[1]), CPU,
        choices=None if choices is None else torch.from_numpy(choices),
        outliers=torch.from_numpy(data.outliers_of("train")),
    )  # fmt: skip


def test_the_loss_is_the_nll_among_an_images_own_classes() -> None:
    """Computed by hand: minus the logarithm of the true class's part of the exponentials of the allowed classes."""
    data = small_set(48, 26)
    keep = (data.labels >= 10) | (data.face == 0)  # digits only in the first face, which has digits only
    keep &= (data.face != 0) | (data.labels < 10)
    data = at(data, keep)
    data = some(data, "0123456789")
    fit = fit_on(data, small_recipe(batch=100, epochs=1))
    images, labels = data.part("train")
    with torch.no_grad():
        fit.network.train()
        logits = fit.network(torch.from_numpy(images / np.float32(255)).unsqueeze(1)).double().numpy()
        fit.network.load_state_dict(fit_on(data, small_recipe(batch=100, epochs=1)).network.state_dict())
    expected = []
    for row, label, face in zip(logits, labels, data.face[data.split == 0], strict=True):
        allowed = range(10) if face == 0 else range(52)
        expected.append(np.log(sum(np.exp(row[k]) for k in allowed)) - row[label])
    (epoch,) = (event for event in fit.run() if isinstance(event, Epoch))
    assert epoch.train_error == pytest.approx(np.mean(expected), rel=1e-5)
    assert 0 < (data.face[data.split == 0] == 0).sum() < len(labels)


def test_classes_outside_an_images_own_are_not_pushed_down() -> None:
    """The last layer's bias of a class that is allowed nowhere stays as it was; without the choice it falls."""
    data = small_set(20, 26)
    digits = data.labels < 10
    keep = digits | (data.split == 1)
    data = at(data, keep)
    for among, still in (("0123456789", True), ("", False)):
        faces = tuple(replace(face, among=among) for face in data.faces)
        valid_too = replace(data, faces=faces)
        train, valid = (tuple(map(torch.from_numpy, data.part(part))) for part in ("train", "valid"))
        choices = torch.from_numpy(valid_too.choices("train")) if among else None
        fit = Fit(small_recipe(), (train[0], train[1]), (valid[0], valid[1]), CPU, choices=choices)
        before = last_bias(fit.network)
        list(fit.run())
        assert torch.equal(last_bias(fit.network)[10:], before[10:]) == still
        assert not torch.equal(last_bias(fit.network)[:10], before[:10])


def last_bias(network: Network) -> Tensor:
    *_, (_, last) = ((name, value) for name, value in network.named_parameters() if name.endswith("bias"))
    return last.detach().clone()


def test_a_set_whose_characters_are_not_among_their_own_choices_is_refused() -> None:
    with pytest.raises(GlyphSetError, match="none of those"):
        some(small_set(), "AB").choices("train")


def test_label_smoothing_and_choices_exclude_each_other() -> None:
    data = some(small_set(), "".join(small_set().alphabet.classes))
    with pytest.raises(FontdemoError, match="label smoothing"):
        fit_on(data, small_recipe(smoothing=0.1))


def averages(recipe: Recipe, data: GlyphSet, steps: int) -> tuple[dict[str, NDArray[np.float64]], Fit]:
    """The moving average after so many steps, in numpy: the first step's weights, then decay * it + the rest."""
    fit = fit_on(data, recipe)
    expected: dict[str, NDArray[np.float64]] = {}
    order = torch.arange(len(fit.images))
    fit.network.train()
    for step in range(steps):
        fit.stepper.step(order[step * 8 : step * 8 + 8], 0.01)
        for name, value in fit.network.state_dict().items():
            now = value.double().numpy()
            expected[name] = now if step == 0 else recipe.ema * expected[name] + (1 - recipe.ema) * now
    return expected, fit


def test_the_average_is_the_exponential_moving_average_of_weights_and_running_statistics() -> None:
    expected, fit = averages(small_recipe(ema=0.8), small_set(), 5)
    found = fit.kept.state_dict()
    assert fit.kept is not fit.network and found.keys() == expected.keys()
    for name, value in found.items():
        if value.dtype.is_floating_point:
            assert np.allclose(value.numpy(), expected[name], atol=1e-5), name
    assert not torch.equal(last_bias(fit.kept), last_bias(fit.network))


def test_the_average_is_what_is_validated_and_kept(tmp_path: Path) -> None:
    data = packed(tmp_path)
    run = RunFolder.create(tmp_path / "one", small_recipe(ema=0.9, epochs=1), data)
    execute(run.path)
    kept = pretrained.load(run.best)
    fit = fit_on(GlyphSet.load(data), small_recipe(ema=0.9, epochs=1))
    (epoch,) = (event for event in fit.run() if isinstance(event, Epoch))
    assert torch.equal(last_bias(kept), last_bias(fit.kept))
    rows = [row for row in run.metrics() if row["kind"] == "epoch"]
    assert rows[0]["valid_error"] == pytest.approx(epoch.valid_error)


def test_resumed_training_with_an_average_equals_unbroken_training() -> None:
    recipe, data = small_recipe(ema=0.9), small_set()
    whole, first, second = (fit_on(data, recipe) for _ in range(3))
    list(whole.run())
    for _ in zip(range(9), first.run(every=1), strict=False):
        pass
    second.restore(*first.state())
    list(second.run())
    for name, value in whole.kept.state_dict().items():
        assert torch.equal(value, second.kept.state_dict()[name]), name


def test_training_goes_on_from_weights_of_the_same_kind_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    torch.manual_seed(5)
    start = Network("report-cnn", "course52", SMALL)
    pretrained.save(start, tmp_path / "start", "")
    monkeypatch.setattr(pretrained, "WEIGHTS", tmp_path)
    recipe = small_recipe(start_from="start")
    assert torch.equal(last_bias(fit_on(small_set(), recipe).network), last_bias(start))
    with pytest.raises(FontdemoError, match="kind of network"):
        fit_on(small_set(), recipe.changed(options=SMALL | {"widths": [16, 8]}))
    with pytest.raises(FontdemoError, match="nothing"):
        fit_on(small_set(), small_recipe(start_from="nothing"))
    monkeypatch.setattr(pretrained, "WEIGHTS", tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)  # a folder of that name is no weights that ship
    with pytest.raises(FontdemoError, match="ship here"):
        fit_on(small_set(), recipe)


def with_outliers(data: GlyphSet, count: int = 6) -> GlyphSet:
    made = np.random.default_rng(0).integers(0, 256, (count, 100, 100)).astype(np.uint8)
    return replace(data, outliers=made, outlier_split=(np.arange(count) % 3 == 2).astype(np.uint8))


def test_outliers_and_choices_come_back_from_the_file_and_count_in_the_fingerprint(tmp_path: Path) -> None:
    plain, data = small_set(), some(with_outliers(small_set()), "".join(small_set().alphabet.classes))
    data.save(tmp_path / "set.fd")
    again = GlyphSet.load(tmp_path / "set.fd")
    assert np.array_equal(again.outliers, data.outliers) and again.faces == data.faces
    assert len(again.outliers_of("train")) == 4 and len(again.outliers_of("valid")) == 2
    prints = {plain.fingerprint(), with_outliers(plain).fingerprint(), data.fingerprint()}
    assert again.fingerprint() == data.fingerprint() and len(prints) == 3
    plain.save(tmp_path / "plain.fd")
    both = join([tmp_path / f"{name}.fd" for name in ("set", "plain", "set")])
    assert len(both.outliers) == 12 and len(both.outliers_of("train")) == 8
    choices = both.choices("train")
    assert choices is not None and choices.all()


def test_half_of_what_is_mixed_in_is_the_sets_own(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fit_on(with_outliers(small_set()), small_recipe(outliers=0.5))
    mixed = fit.stepper._outliers(torch.arange(8))
    own = fit.stepper.outliers
    assert own is not None and mixed.shape == (8, 1, 100, 100)
    known = [any(torch.equal(image[0], other / 255) for other in own) for image in mixed]
    assert known == [True] * 4 + [False] * 4


def test_the_loss_over_outliers_is_that_of_an_even_distribution() -> None:
    """A network that is certain of each outlier loses; the weight is the one that the module names."""
    fit = fit_on(with_outliers(small_set()), small_recipe(outliers=0.5, epochs=30, learning_rate=0.01))
    list(fit.run())
    fit.network.eval()
    own = fit.stepper.outliers
    assert own is not None
    with torch.no_grad():
        probabilities = torch.softmax(fit.network(own.unsqueeze(1) / 255), 1)
    assert OUTLIER_WEIGHT == 0.5 and probabilities.max() < 0.2
