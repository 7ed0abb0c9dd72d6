"""Recorded runs: what is kept of a run to be played back, and those that ship."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import from_drawing
from fontdemo.network.pretrained import WEIGHTS
from tests.support.training import packed, small_recipe
from train.__main__ import main
from train.loop.recipe import from_dict
from train.release.recorded import LETTER, RECORDED, keep, record
from train.runs.folder import RunFolder

MOST_BYTES = 3_000_000


def test_of_a_run_its_curves_and_its_drawing_are_kept_and_nothing_else(tmp_path: Path) -> None:
    data, folder = packed(tmp_path), tmp_path / "kept" / "small"
    accuracy = record(small_recipe(epochs=2), data, folder)
    names = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert names == {"recipe.json", "training.json", "metrics.jsonl", "pinned.npy",
                     *(f"pinned/{name}" for name in ("000.npz", "001.npz", "002.npz", "within.jsonl"))}  # fmt: skip
    assert str(tmp_path) not in "".join(file.read_text() for file in folder.glob("*.json*"))
    kept = RunFolder(folder)
    image = kept.pinned()
    assert image is not None and np.array_equal(image, from_drawing(LETTER).image)
    epochs = [row for row in kept.metrics() if row["kind"] == "epoch"]
    assert len(epochs) == 2 and accuracy == min(epochs, key=lambda row: row["valid_error"])["valid_accuracy"]


def test_a_run_that_has_not_begun_cannot_be_kept(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path / "new", small_recipe(), packed(tmp_path))
    with pytest.raises(FontdemoError, match="nothing to record"):
        keep(run, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_the_command_says_what_the_recorded_run_reached(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, folder = packed(tmp_path), tmp_path / "small"
    options = ["--minutes", "2", "--repeats", "early"]
    assert main(["record", str(folder), "--recipe", "quick", "--data", str(data), *options]) == 0
    assert RunFolder(folder).plan().recipe.minutes == 2
    assert json.loads((folder / "training.json").read_text())["repeats"] == "early"
    assert capsys.readouterr().out.splitlines()[-1].endswith(" %")
    assert RunFolder(folder).followed_epochs() == [0, 1, 2]


def test_the_recordings_that_ship_are_small_and_show_a_letter_that_is_learned() -> None:
    assert sum(file.stat().st_size for file in RECORDED.rglob("*") if file.is_file()) < MOST_BYTES
    for name, epochs in (("quick", 2), ("report", 15)):
        run = RunFolder(RECORDED / name)
        assert run.followed_epochs() == list(range(epochs + 1)) and len(run.followed_within()) >= 8
        letter = run.followed(0)["probabilities"], run.followed(epochs)["probabilities"]
        assert letter[0].max() < 0.1 and letter[1].argmax() == 26 and letter[1].max() > 0.9  # an R


def test_what_repeats_a_shipped_networks_run_is_of_its_recipe_and_data_and_says_so() -> None:
    about = json.loads((RECORDED / "report" / "training.json").read_text())
    first = json.loads((WEIGHTS / about["repeats"] / "training.json").read_text())
    recipe, earlier = (from_dict(each["recipe"]) for each in (about, first))
    assert recipe == earlier.changed(name=recipe.name, precision=recipe.precision)
    assert RunFolder(RECORDED / "report").plan().fingerprint == first["data"]["fingerprint"]
    assert abs(about["valid_accuracy"] - first["valid_accuracy"]) < 0.002
