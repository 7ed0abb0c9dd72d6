"""train.runs.mistakes against counting by hand."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import torch

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.runs import make_run
from tests.support.training import CHARACTERS, letter_set
from train.runs import mistakes


def test_mistakes_are_counted(trained: Path) -> None:
    found = mistakes.of_run(trained)
    images, labels = letter_set(1).part("valid")
    with torch.no_grad():
        logits = pretrained.load(trained / "best")(torch.from_numpy(images)[:, None].float() / 255)
    read_as = logits.argmax(1).numpy()
    counts = np.zeros((52, 52), int)
    for label, other in zip(labels, read_as, strict=True):
        counts[label, other] += 1
    assert np.array_equal(found.counts, counts)
    assert found.total == len(labels) and found.right == int((read_as == labels).sum())
    a, b, one, other = found.pairs(3)[0]
    assert (one, other) == (counts[a, b], counts[b, a]) and one + other == (np.triu(counts + counts.T, 1)).max()
    assert np.isnan(found.by_class()).sum() == 52 - len(CHARACTERS)
    assert all(mistake.label != mistake.read_as for mistake in found.worst)
    confidences = [mistake.confidence for mistake in found.worst]
    assert confidences == sorted(confidences, reverse=True)
    assert mistakes.of_run(trained) is found  # kept, but not the images that it was tested on
    assert all(mistake.image.base is None for mistake in found.worst)
    assert {mistake.image.tobytes() for mistake in found.worst} <= {image.tobytes() for image in images}
    time.sleep(0.01)
    torch.manual_seed(2)
    pretrained.save(Network(), trained / "best", "")
    assert mistakes.of_run(trained) is not found  # another network


def test_mistakes_before_there_is_a_network(root: Path) -> None:
    with pytest.raises(FontdemoError, match="no network yet"):
        mistakes.of_run(make_run(root, "a"))
