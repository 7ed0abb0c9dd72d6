"""A pinned drawing through the epochs of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from fontdemo.network.network import Network
from tests.support.runs import make_run
from train.release.recorded import RECORDED
from train.runs.folder import RunFolder
from train.ui.train import pinned_view


def test_a_drawing_through_the_epochs(root: Path) -> None:
    folder = make_run(root, "a")
    image = np.zeros((100, 100), np.float32)
    assert "Draw a letter" in pinned_view.followed_strip(folder, 0)
    RunFolder(folder).pin(image)
    assert "will appear here" in pinned_view.followed_strip(folder, 0)
    network = Network().eval()
    outputs = {name: value[0].half().numpy() for name, value in network.trace(torch.zeros(1, 1, 100, 100)).items()}
    probabilities = np.zeros(52, np.float32)
    probabilities[28] = 0.75
    RunFolder(folder).write_followed(2, {"probabilities": probabilities, **outputs})
    strip = pinned_view.followed_strip(folder, 2)
    RunFolder(folder).add_followed(0.25, 3, 0.5, 2_600)
    RunFolder(folder).add_followed(0.5, 99, 0.5, 5_200)  # no such class
    with open(folder / "pinned" / "within.jsonl", "a") as file:
        file.write('[0.1, "<b>", 0.5, 1]\nnonsense\n')
    strip = pinned_view.followed_strip(folder, 2)
    assert strip.index("2,600") < strip.index("epoch 2") and "5,200" not in strip and strip.count("<li") == 2
    assert network.alphabet.title(28) in strip and "75 %" in strip and "aria-current=true" in strip
    assert 'data-stage="conv1"' in pinned_view.followed_stages(folder, 2)
    assert pinned_view.followed_stages(folder, 3) == ""


def test_the_strip_of_a_recording_comes_cell_by_cell_and_anew_each_time() -> None:
    folder = RECORDED / "quick"
    live, first, second = (pinned_view.followed_strip(folder, -1, play) for play in (0, 1, 2))
    assert "follow-play" not in live and "Your letter" in live
    assert "follow-play-1" in first and "follow-play-0" in second and "Your letter" not in first
    at = [float(text.split('"')[0]) for text in first.split("--at:")[1:]]
    assert at == sorted(at) and at[0] == 0 and at[-1] == 1 and len(at) > 10
