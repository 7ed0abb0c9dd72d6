"""The commands `run` and `test`: what of the recipe is changed, what is resumed, what is said of a network."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.training import packed, small_recipe
from train.__main__ import main
from train.cli import run as command
from train.data.glyphset import GlyphSet
from train.loop.device import Images
from train.loop.fit import Fit
from train.loop.recipe import Recipe, from_json
from train.runs import trainer
from train.runs.folder import Plan, RunFolder

pytestmark = pytest.mark.usefixtures("signals_put_back")


def test_it_trains_resumes_and_tests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, folder = packed(tmp_path), tmp_path / "runs" / "by hand"
    options = ["--data", str(data), "--run", str(folder), "--epochs", "1", "--batch", "26", "--seed", "3"]
    assert main(["run", *options]) == 0
    plan = RunFolder(folder).plan()
    assert (plan.recipe.epochs, plan.recipe.batch, plan.recipe.seed) == (1, 26, 3)
    assert main(["run", *options]) == 1
    assert "already" in capsys.readouterr().err
    assert main(["run", "--run", str(folder), "--resume"]) == 0
    assert main(["run", "--run", str(tmp_path), "--resume"]) == 1
    capsys.readouterr()
    assert main(["test", str(folder / "best"), "--data", str(data)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"Accuracy of the network on the 26 test images: \d+(\.\d+)?%", lines[0])
    assert [re.sub(r"[\d.]+%", "%", line) for line in lines[1:]] == ["  Serif: % of 17", "  Display: % of 9"]
    assert main(["test", str(folder / "best"), "--data", str(data), "--part", "test"]) == 1
    assert "no images" in capsys.readouterr().err


def test_the_data_is_read_once_and_held_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[GlyphSet] = []
    fits: list[Fit] = []
    load, fit = GlyphSet.load, trainer._fit

    def counted(path: Path) -> GlyphSet:
        loads.append(load(path))
        return loads[-1]

    def watched(plan: Plan, data: GlyphSet) -> Fit:
        fits.append(fit(plan, data))
        return fits[-1]

    monkeypatch.setattr(GlyphSet, "load", staticmethod(counted))
    monkeypatch.setattr(trainer, "_fit", watched)
    options = ["--data", str(packed(tmp_path)), "--run", str(tmp_path / "run"), "--epochs", "1", "--batch", "26"]
    assert main(["run", *options, "--device", "cpu"]) == 0
    (data,), (made,) = loads, fits
    for images in (made.images, made.valid_images):
        assert isinstance(images, Images) and np.shares_memory(images.whole.numpy(), data.images)


def test_a_recipe_comes_from_a_file_with_some_settings_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []
    monkeypatch.setattr(command.memory, "keep", lambda: done.append("keep memory"))
    monkeypatch.setattr(command, "execute", lambda folder, **_: done.append(f"train {folder.name}"))
    file, data = tmp_path / "mine.json", packed(tmp_path)
    file.write_text(small_recipe(alphabet="letters52").to_json())
    words = ["run", "--recipe", str(file), "--data", str(data), "--device", "cpu", "--run"]
    assert main([*words, str(tmp_path / "a"), "--learning-rate", "0.5", "--augmentation", "affine"]) == 0
    plan = RunFolder(tmp_path / "a").plan()
    # The alphabet is the data's.
    wanted: Recipe = from_json(file.read_text()).changed(alphabet="course52", learning_rate=0.5, augmentation="affine")
    assert plan.recipe == wanted and plan.device == "cpu" and plan.fingerprint
    assert done == ["keep memory", "train a"]
    for content, said in ((None, "cannot be read"), ("{", "not a recipe"), ('{"speed": 3}', "no field")):
        file.unlink(missing_ok=True)
        if content is not None:
            file.write_text(content)
        assert main([*words, str(tmp_path / "b")]) == 1
        assert said in capsys.readouterr().err and not (tmp_path / "b").exists()


def test_a_network_of_another_alphabet_is_not_tested(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    pretrained.save(Network("report-cnn", "letters52"), tmp_path / "letters", "")
    assert main(["test", str(tmp_path / "letters"), "--data", str(packed(tmp_path))]) == 1
    assert "letters52, the data's course52" in capsys.readouterr().err
