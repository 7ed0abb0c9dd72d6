"""Calibration: a known temperature is found again, and what is said of it is measured on other families."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from fontdemo.alphabet import ALPHABETS
from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.training import SMALL, packed, small_set
from train.__main__ import main
from train.benchmark import calibrate
from train.benchmark.calibrate import Held


def drawn(count: int, scale: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits of known probabilities, made `scale` times too large; labels drawn by the true probabilities."""
    rng = np.random.default_rng(seed)
    logits = 2 * rng.standard_normal((count, 6))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (rng.random(count)[:, None] > probabilities.cumsum(axis=1)).sum(axis=1)
    return scale * logits, labels


@pytest.mark.parametrize("scale", [0.4, 1.0, 3.0])
def test_the_temperature_undoes_a_scale(scale: float) -> None:
    logits, labels = drawn(20_000, scale)
    assert calibrate.fit_temperature([(logits, labels)]) == pytest.approx(scale, rel=0.05)


def test_the_search_finds_what_a_fine_grid_finds() -> None:
    logits, labels = drawn(300, 1.7, seed=3)
    grid = np.exp(np.linspace(np.log(0.5), np.log(5), 2000))
    best = min(grid, key=lambda t: calibrate.nll(logits, labels, t))
    assert calibrate.fit_temperature([(logits, labels)]) == pytest.approx(best, rel=2e-3)


def test_sets_count_alike_however_many_images_they_have() -> None:
    many, few = drawn(20_000, 1.0), drawn(4_000, 2.0, seed=1)
    logits, labels = (np.concatenate(both) for both in zip(many, few, strict=True))
    source = np.arange(24_000) // 20_000
    held = Held(logits, labels, source, np.zeros(24_000, bool), np.zeros(24_000, bool), source)
    assert calibrate.fit_temperature([(logits, labels)]) < 1.25
    found = calibrate.temperature_for(held)
    repeated = [np.concatenate([one, *5 * [other]]) for one, other in zip(many, few, strict=True)]
    assert found == pytest.approx(calibrate.fit_temperature([(repeated[0], repeated[1])]), rel=1e-4) and found > 1.3


def test_the_nll_is_torchs_cross_entropy() -> None:
    logits, labels = drawn(50, 2.0)
    expected = torch.nn.functional.cross_entropy(torch.from_numpy(logits) / 1.3, torch.from_numpy(labels))
    assert calibrate.nll(logits, labels, 1.3) == pytest.approx(expected.item())
    assert np.allclose(calibrate.softmax(logits, 1.3), torch.softmax(torch.from_numpy(logits) / 1.3, 1).numpy())


@pytest.mark.parametrize("reject", [0.0, 0.005, 0.01, 0.1])
def test_the_threshold_rejects_as_many_as_it_may(reject: float) -> None:
    answers = np.random.default_rng(1).random(1000)
    threshold = calibrate.fit_threshold(answers, reject)
    rejected = (answers < threshold).sum()
    assert rejected <= 1000 * reject
    assert rejected >= 1000 * reject - 1  # one may be lost to rounding
    assert calibrate.fit_threshold(np.ones(1000), 0.01) == 1.0


def test_look_alikes_count_for_the_answer_and_more_so_once_cropped() -> None:
    alphabet = ALPHABETS["letters52"]
    logits = np.full((2, 52), -40.0)
    for character, probability in {"C": 0.6, "c": 0.01, "M": 0.39}.items():
        logits[:, alphabet.classes.index(character)] = np.log(probability)
    cropped, none = np.array([False, True]), np.zeros(2, bool)
    held = Held(logits, np.zeros(2, np.int64), np.arange(2), cropped, none, np.zeros(2, int))
    assert calibrate.answer_probabilities(alphabet, held, 1.0) == pytest.approx([0.6, 0.61], abs=1e-5)


def test_a_set_is_held_by_the_networks_own_labels_and_families() -> None:
    network = Network("report-cnn", "letters52", SMALL)
    data = small_set()
    held = calibrate.hold(network, [data, replace(data, layout="fit")])
    images, labels = data.part("valid")
    letters = [data.alphabet.classes[label] for label in labels if data.alphabet.classes[label].isalpha()]
    assert [network.alphabet.classes[label] for label in held.labels] == 2 * letters
    assert held.cropped.sum() == len(letters) and not held.cropped[: len(letters)].any()
    assert len(np.unique(held.family)) == 3  # of one key, of one family, whichever set
    with torch.no_grad():
        first = next(index for index, label in enumerate(labels) if data.alphabet.classes[label].isalpha())
        alone = network(torch.from_numpy(images[first : first + 1]).unsqueeze(1).float() / 255)
    assert np.allclose(held.logits[0], alone[0].numpy(), atol=1e-5)


def test_what_is_reported_is_measured_on_the_other_half(monkeypatch: pytest.MonkeyPatch) -> None:
    logits, labels = drawn(4000, 3.0)
    wide = np.pad(logits, ((0, 0), (0, 46)), constant_values=-1e3)
    held = Held(wide, labels, np.arange(4000) % 40, np.zeros(4000, bool), np.zeros(4000, bool), np.zeros(4000, int))
    monkeypatch.setattr(calibrate, "hold", lambda *_: held)
    fitted = calibrate.calibrate(Network("report-cnn", "course52", SMALL), [], reject=0.02)
    assert (fitted.images, fitted.families) == (4000, 40)
    assert fitted.temperature == pytest.approx(3, rel=0.1)
    assert fitted.before > 0.15 and fitted.after < 0.03
    assert fitted.rejected == pytest.approx(0.02, abs=0.01) and fitted.rejected != 0.02
    # The answers of one half are all wrong: what is fitted there is of no use to the other, and that shows.
    half = np.random.default_rng(0).permutation(40)[:20]
    spoilt = replace(held, labels=np.where(np.isin(held.family, half), (labels + 1) % 6, labels))
    monkeypatch.setattr(calibrate, "hold", lambda *_: spoilt)
    assert calibrate.calibrate(Network("report-cnn", "course52", SMALL), []).after > 0.2


def test_people_are_not_rejected_more_often_for_being_fewer() -> None:
    """Both fractions hold: of 1,000 glyphs at most 0.5 %, of 100 drawings, surer or less sure, at most 2 %."""
    alphabet = ALPHABETS["letters52"]
    rng = np.random.default_rng(2)
    for low in (0.5, 0.2):  # how sure the least sure of the drawings are; glyphs are from 0.4 on
        sure = np.concatenate([rng.uniform(0.4, 1.0, 1000), rng.uniform(low, 1.0, 100)])
        logits = np.full((1100, 52), -40.0)
        logits[:, 12], logits[:, 4] = np.log(sure), np.log1p(-sure + 1e-12)
        people = np.arange(1100) >= 1000
        none, one = np.zeros(1100, bool), np.zeros(1100, int)
        held = Held(logits, one, np.arange(1100), none, people, one)
        threshold = calibrate.threshold_for(alphabet, held, 1.0, 0.005, 0.02)
        answers = calibrate.answer_probabilities(alphabet, held, 1.0)
        rejected = [(answers[group] < threshold).mean() for group in (~people, people)]
        assert rejected[0] <= 0.005 and rejected[1] <= 0.02 and (rejected[0] >= 0.004 or rejected[1] >= 0.01)
    assert calibrate.threshold_for(alphabet, held, 1.0, 0.0, 0.5) == 0


def test_too_few_families_or_an_odd_fraction_are_refused() -> None:
    network, data = Network("report-cnn", "course52", SMALL), small_set()
    lonely = replace(data, faces=tuple(replace(note, key="one") for note in data.faces))
    with pytest.raises(FontdemoError, match="two families"):
        calibrate.calibrate(network, [lonely])
    with pytest.raises(FontdemoError, match="fraction"):
        calibrate.calibrate(network, [data], reject=1.0)
    with pytest.raises(FontdemoError, match="test part"):
        calibrate.calibrate(network, [data], part="test")


def test_the_command_changes_the_two_numbers_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "small"
    pretrained.save(Network("report-cnn", "course52", SMALL), folder, "card")
    (folder / "metrics.jsonl").write_text("kept")
    before = json.loads((folder / "config.json").read_text())
    assert main(["calibrate", str(folder), "--data", str(packed(tmp_path)), "--reject", "0.2"]) == 0
    after = json.loads((folder / "config.json").read_text())
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"temperature", "threshold"} and set(before) == set(after)
    network = pretrained.load(folder)
    assert (network.temperature, network.threshold) == (after["temperature"], after["threshold"])
    assert sorted(file.name for file in folder.iterdir()) == [
        "README.md", "config.json", "metrics.jsonl", "model.safetensors"
    ]  # fmt: skip
    printed = capsys.readouterr().out
    assert printed.startswith("26 images of 3 families") and "rejected" in printed
