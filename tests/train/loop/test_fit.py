"""fit and step: the numbers against a plain torch loop, and the ways to end."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from fontdemo.errors import FontdemoError
from fontdemo.network.network import Network
from tests.support.training import SMALL, small_recipe, small_set
from train.loop import device
from train.loop import fit as fit_module
from train.loop.device import choose_device
from train.loop.fit import Done, Epoch, Event, Fit, Step
from train.loop.recipe import RECIPES, Recipe

CPU = torch.device("cpu")


def _parts(train: int = 52, valid: int = 26) -> list[tuple[Tensor, Tensor]]:
    data = small_set(train, valid)
    return [(torch.from_numpy(i), torch.from_numpy(k)) for i, k in (data.part("train"), data.part("valid"))]


def _fit(recipe: Recipe) -> Fit:
    return Fit(recipe, *_parts(), CPU)


def _timeless(events: list[Event]) -> list[object]:
    """The events without what depends on the clock."""
    return [
        (type(e).__name__, *(v for k, v in vars(e).items() if k not in ("seconds", "images_per_second")))
        for e in events
    ]


def _weights(fit: Fit) -> list[Tensor]:
    return [value.clone() for value in fit.network.state_dict().values()]


def _same(left: list[Tensor], right: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(left, right, strict=True))


# Dropout draws from torch's own random state, augmentation from the run's: both must go on where they were.
RESTLESS: dict[str, Any] = {
    "options": SMALL | {"dropout": 0.3},
    "augmentation": "affine",
    "schedule": "one_cycle",
    "smoothing": 0.1,
    "weight_decay": 1e-4,
}


def test_the_numbers_are_those_of_a_plain_loop() -> None:
    recipe = small_recipe(batch=8, epochs=2)
    (images, labels), (valid_images, valid_labels) = _parts()
    fit = _fit(recipe)
    network = Network(recipe.architecture, recipe.alphabet, recipe.options)
    network.load_state_dict(fit.network.state_dict())
    epochs = [event for event in fit.run(every=2) if isinstance(event, Epoch)]

    optimizer = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate, foreach=False)
    for epoch in range(2):
        order = torch.randperm(52, generator=torch.Generator().manual_seed(recipe.seed * 100_003 + epoch))
        network.train()
        errors, right = [], 0
        for start in range(0, 52, 8):
            indices = order[start : start + 8].tolist()
            batch = torch.stack([images[p].float() / 255 for p in indices]).unsqueeze(1)
            answers = torch.stack([labels[p] for p in indices])
            logits = network(batch)
            loss = F.cross_entropy(logits, answers)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            errors += [loss.item()] * len(indices)
            right += int((logits.argmax(1) == answers).sum())
        network.eval()
        with torch.no_grad():
            logits = network(valid_images.float().unsqueeze(1) / 255)
        assert epochs[epoch].epoch == epoch + 1
        assert epochs[epoch].train_error == pytest.approx(sum(errors) / 52, rel=1e-4)
        assert epochs[epoch].train_accuracy == pytest.approx(right / 52)
        assert epochs[epoch].valid_error == pytest.approx(F.cross_entropy(logits, valid_labels).item(), rel=1e-4)
        assert epochs[epoch].valid_accuracy == pytest.approx((logits.argmax(1) == valid_labels).float().mean().item())


def test_it_learns() -> None:
    fit = Fit(small_recipe(epochs=8, learning_rate=0.02), *_parts(208, 52), CPU)
    last = [event for event in fit.run() if isinstance(event, Epoch)][-1]
    assert last.train_accuracy > 0.5 and last.valid_accuracy > 0.5  # chance is one in 52


def test_what_the_events_say() -> None:
    fit = _fit(small_recipe())
    events = list(fit.run(every=3))
    steps = [e for e in events if isinstance(e, Step)]
    # Every step of the first epoch but its last (the Epoch tells of that), then every third.
    assert [(e.epoch, e.step) for e in steps] == [(1, k) for k in range(1, 7)] + [(2, 3), (2, 6), (3, 3), (3, 6)]
    assert all(e.steps == 7 and e.images_per_second > 0 for e in steps)
    assert all((e.valid_accuracy is not None) == (e.epoch == 1) for e in steps)
    epochs = [e for e in events if isinstance(e, Epoch)]
    assert epochs[0].previous_best == float("inf") and epochs[0].improved
    for before, after in itertools.pairwise(epochs):
        assert after.previous_best == min(before.previous_best, before.valid_error)
        assert after.improved == (after.valid_error < after.previous_best)
    # The first epoch's points together are its whole, but for the last step.
    assert sum(e.train_error * 8 for e in steps[:6]) == pytest.approx(epochs[0].train_error * 52, rel=0.1)
    assert isinstance(events[-1], Done) and events[-1].reason == "finished"
    clocks = [e.seconds for e in events]
    assert clocks == sorted(clocks)


def test_one_seed_one_result_and_another_seed_another() -> None:
    events, weights = [], []
    for seed in (1, 1, 2):
        Network()  # moves torch's random state on, which must not matter
        fit = _fit(small_recipe(**RESTLESS, seed=seed))
        events.append(_timeless(list(fit.run())))
        weights.append(_weights(fit))
    assert events[0] == events[1] != events[2]
    assert _same(weights[0], weights[1])


def test_the_time_limit_ends_it_within_an_epoch_and_between(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def clock() -> float:
        now[0] += 0.5
        return now[0]

    monkeypatch.setattr(fit_module.time, "perf_counter", clock)
    fit = _fit(small_recipe(minutes=0.1, epochs=100))
    done = list(fit.run(every=1000))[-1]
    assert isinstance(done, Done) and done.reason == "time limit"
    assert 6 < done.seconds < 9
    (again,) = fit.run()  # no further step is taken
    assert isinstance(again, Done) and again.reason == "time limit"


def test_early_stopping_waits_for_its_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    from train.loop.evaluate import Evaluation

    errors = iter([1.0, 0.5, 0.7, 0.6, 0.4, 0.45, 0.41, 0.4, 0.1])
    none = torch.zeros(0)
    monkeypatch.setattr(fit_module, "evaluate", lambda *_, **__: Evaluation(next(errors), 0.5, none, none))
    fit = _fit(small_recipe(patience=3, epochs=9))
    monkeypatch.setattr(fit, "_mid_epoch_validation", lambda: 0.5)
    events = list(fit.run())
    epochs = [e for e in events if isinstance(e, Epoch)]
    assert [e.epoch for e in epochs if e.improved] == [1, 2, 5]
    assert len(epochs) == 8  # three after the fifth; an equal error is no lower one
    assert isinstance(events[-1], Done) and events[-1].reason == "early stop"


def test_stopping_finishes_the_step_under_way() -> None:
    fit = _fit(small_recipe())
    (done,) = (e for e in fit.run(lambda: True) if isinstance(e, Done))
    assert done.reason == "stopped" and (fit.epoch, fit.step) == (0, 1)


@pytest.mark.parametrize(
    ("train", "valid"), [((0, 0), (1, 1)), ((1, 1), (0, 0)), ((2, 1), (1, 1))], ids=["no train", "no valid", "unlike"]
)
def test_empty_or_unlike_parts_are_refused(train: tuple[int, int], valid: tuple[int, int]) -> None:
    parts = [
        (torch.zeros(images, 100, 100, dtype=torch.uint8), torch.zeros(labels, dtype=torch.long))
        for images, labels in (train, valid)
    ]
    with pytest.raises(FontdemoError, match="needs images"):
        Fit(small_recipe(), *parts, CPU)


@pytest.mark.parametrize("label", [-1, 52])
def test_a_label_outside_the_alphabet_is_refused(label: int) -> None:
    train, valid = _parts()
    train[1][3] = label
    with pytest.raises(FontdemoError, match="outside the alphabet"):
        Fit(small_recipe(), train, valid, CPU)


def test_a_set_smaller_than_a_batch_and_bfloat16_train_too() -> None:
    fit = Fit(small_recipe(batch=50, epochs=1, precision="bfloat16"), *_parts(5, 3), CPU)
    events = list(fit.run())
    assert [type(e) for e in events] == [Epoch, Done]
    assert all(value.isfinite().all() for value in fit.network.state_dict().values())


def test_devices() -> None:
    assert choose_device("cpu") == CPU
    with pytest.raises(FontdemoError, match="auto, cpu, cuda"):
        choose_device("tpu")
    if not torch.cuda.is_available():
        assert choose_device("auto") == CPU
        with pytest.raises(FontdemoError, match="no CUDA device"):
            choose_device("cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("architecture", ["report-cnn", "report-crnn"])
def test_on_cuda_the_replayed_graph_trains_as_the_cpu_does(architecture: str) -> None:
    settings: dict[str, Any] = {"options": {"dropout": 0.0}, "architecture": architecture, "precision": "float32"}
    recipe = small_recipe(**settings, epochs=4)
    events = [
        [e.valid_error for e in Fit(recipe, *_parts(), torch.device(device)).run() if isinstance(e, Epoch)]
        for device in ("cpu", "cuda")
    ]
    assert events[0] == pytest.approx(events[1], rel=0.02)


@pytest.mark.parametrize(
    ("flags", "known"),
    [({"sse2", "avx2"}, False), ({"sse2", "avx512f"}, None), ({"sse2", "avx512f", "avx512_bf16"}, True),
     ({"sse2", "amx_bf16"}, True), ({"asimd", "bf16"}, None), (set(), None)],
)  # fmt: skip
def test_auto_decides_by_what_the_cpu_has(flags: set[str], known: bool | None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert device.says_bfloat16(flags) is known
    for measured in (False, True):
        monkeypatch.setattr(device, "_cpu_flags", lambda: frozenset(flags))
        monkeypatch.setattr(device, "_measured_bfloat16", lambda measured=measured: measured)
        device.fast_bfloat16.cache_clear()
        wanted = measured if known is None else known
        for name in ("best", "budget"):
            small = RECIPES[name].changed(options={}, architecture="report-cnn", alphabet="course52")
            assert Fit(small, *_parts(5, 3), CPU).bf16 is wanted
        assert not Fit(RECIPES["report"], *_parts(5, 3), CPU).bf16
    device.fast_bfloat16.cache_clear()


def test_the_measurement_of_bfloat16_takes_no_second() -> None:
    began = time.process_time()
    assert device._measured_bfloat16() in (False, True)
    assert time.process_time() - began < 3
