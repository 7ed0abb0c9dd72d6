"""train.benchmark.speed and train.loop.estimate: both ways see the same images, and the arithmetic of their figures."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from fontdemo.errors import FontdemoError
from tests.support.training import SMALL, packed, small_recipe, small_set
from train.benchmark import speed
from train.loop import estimate
from train.loop.estimate import Estimate
from train.runs import trainer
from train.runs.folder import RunFolder

CPU = torch.device("cpu")


def test_the_folder_is_read_as_the_course_reads_it(tmp_path: Path) -> None:
    images, labels = small_set().part("train")
    speed.write_folder(tmp_path, images, labels, "course52")
    assert np.load(tmp_path / "30" / "0_30.npy", allow_pickle=True)["image"].shape == (1, 100, 100)
    way = speed.Report(small_recipe(), tmp_path, CPU)
    found = {int(label): image for image, label in way.ordered.dataset}
    assert len(found) == 52
    for image, label in zip(images, labels, strict=True):
        assert np.allclose(found[int(label)][0].numpy(), 1 - image / 255.0, atol=1e-6)


def test_both_ways_take_every_image_and_learn(tmp_path: Path) -> None:
    images, labels = small_set().part("train")
    speed.write_folder(tmp_path, images, labels, "course52")
    tensors = (torch.from_numpy(images), torch.from_numpy(labels))
    ways = {"ours": speed.Ours(small_recipe(), tensors, CPU), "report": speed.Report(small_recipe(), tmp_path, CPU),
            "plain": speed.Ours(small_recipe(), tensors, CPU, channels_last=False)}  # fmt: skip
    for way in ways.values():
        before = way.fit.network.state_dict() if isinstance(way, speed.Ours) else way.network.state_dict()
        before = {name: value.clone() for name, value in before.items()}
        assert way.train() == way.validate() == 52
        after = way.fit.network.state_dict() if isinstance(way, speed.Ours) else way.network.state_dict()
        assert any(not torch.equal(before[name], after[name]) for name in before)
    done = []
    paces = speed.compare({name: speed.paced(way) for name, way in ways.items()}, 1, lambda: done.append(1))
    assert list(paces) == list(ways) and len(done) == 2
    assert all(pace.train > 0 and pace.valid > 0 for pace in paces.values())


class Telling:
    """A way that works through as many images as its process has threads, and then as many as the process's number."""

    def train(self) -> int:
        return torch.get_num_threads()

    def validate(self) -> int:
        return os.getpid()


class Ticking:
    """A clock that says a second later each time it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


class Dying(Telling):
    def __init__(self) -> None:
        raise SystemExit(3)


def test_each_way_has_a_process_of_its_own_with_the_threads_it_is_given() -> None:
    with speed.apart(Telling, 1, Ticking()) as one, speed.apart(Telling, 2, Ticking()) as two:
        assert (one("train"), two("train")) == (1.0, 2.0)
        assert len({one("validate"), two("validate"), float(os.getpid())}) == 3


def test_a_way_whose_process_ends_is_told_of() -> None:
    with speed.apart(Dying, 1) as pace, pytest.raises(FontdemoError, match="has ended"):
        pace("train")


def test_the_minutes_are_those_of_the_reports_epochs() -> None:
    assert speed.Pace(1000, 2000).minutes == pytest.approx(15 * (41.6 + 7.8) / 60)


def test_the_effect_of_denormals_needs_a_trained_run(tmp_path: Path) -> None:
    images, labels = small_set().part("train")
    tensors = (torch.from_numpy(images), torch.from_numpy(labels))
    folder = tmp_path / "a"
    RunFolder.create(folder, small_recipe(epochs=1), packed(tmp_path), device="cpu")
    trainer.execute(folder)
    assert speed._pace_with_state(str(folder), (images, labels), True) > 0
    with pytest.raises(FontdemoError):
        speed.denormal_effect(tmp_path / "none", tensors)


def test_an_estimate_leaves_the_random_state_and_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "TIMED_SECONDS", 0.05)
    torch.manual_seed(4)
    before = torch.get_rng_state()
    small = estimate.estimate(small_recipe(epochs=2), 1000, 100, "cpu")
    assert torch.equal(before, torch.get_rng_state())
    assert small.cpu and small.device.startswith("the CPU")
    # Two epochs of training alone take this long; validation comes on top.
    assert small.minutes * 60 > 2 * 1000 / small.images_per_second
    with pytest.raises(FontdemoError):
        estimate.estimate(small_recipe(options=SMALL | {"pool": 99}), 10, 10, "cpu")


@pytest.mark.parametrize(
    ("minutes", "epochs", "sentence"),
    [
        (14.2, 15, "Training on the CPU (2 threads): 15 epochs would take about 14 minutes."),
        (0.4, 1, "Training on the CPU (2 threads): 1 epoch would take about 24 seconds."),
        (40, 15, "Training on the CPU (2 threads): 15 epochs would take about 40 minutes; "
                 "the time limit stops it after 15."),
    ],
)  # fmt: skip
def test_the_estimate_in_words(minutes: float, epochs: int, sentence: str) -> None:
    assert Estimate("the CPU (2 threads)", True, 800.0, epochs, minutes, 15.0).sentence() == sentence
