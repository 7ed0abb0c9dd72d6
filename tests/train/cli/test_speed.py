"""The command `speed`: what it prints, and which images it takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from tests.support.training import packed, small_recipe, small_set
from train.__main__ import main
from train.cli import speed


def test_the_command_prints_both_and_their_ratio(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed", "--data", str(packed(tmp_path)), "--images", "50", "--rounds", "1", "--device", "cpu",
                 "--layouts"]) == 0  # fmt: skip
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("report on the CPU") and "ours in float32" in lines[0]
    for line, name in zip(lines[1:4], ("ours", "the report's way", "ours, default layout"), strict=True):
        assert re.fullmatch(rf"{name} +training +[\d,]+ images/s  validation +[\d,]+ images/s  "
                            r"15 epochs of 41,600: [\d.]+ minutes", line)  # fmt: skip
    assert re.fullmatch(r"ours is [\d.]+ times as fast in training, [\d.]+ times over all", lines[4])


def test_images_come_from_all_over_the_training_part_or_are_noise(tmp_path: Path) -> None:
    held, _ = small_set().part("train")
    (images, labels), recipe = speed._images(packed(tmp_path), 13, small_recipe(alphabet="letters52"))
    assert recipe.alphabet == "course52" and len(labels) == 13
    assert torch.equal(images, torch.from_numpy(held[::4]))
    (noise, _), same = speed._images(None, 5, small_recipe())
    assert noise.shape == (5, 100, 100) and noise.float().std() > 50 and same == small_recipe()
