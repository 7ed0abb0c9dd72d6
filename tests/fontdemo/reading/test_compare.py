"""Two networks on one glyph: answers by hand, times measured in turns, and what is shown of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from fontdemo.glyph.glyph import Glyph, from_drawing
from fontdemo.network import pretrained
from fontdemo.network.describe import stage_facts
from fontdemo.network.network import Network
from fontdemo.reading.compare import compare, milliseconds
from fontdemo.reading.reader import Reader, Reading
from fontdemo.reading.readings import Readings
from tests.support.letters import STROKES
from tests.support.untrained import save_untrained


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return save_untrained(tmp_path_factory.mktemp("weights"), seed=1)


@pytest.fixture(scope="module")
def glyph() -> Glyph:
    return from_drawing(STROKES)


class Slow(Reader):
    """A reader that takes at least so many milliseconds, and counts its readings."""

    def __init__(self, pause: float, calls: list[float]) -> None:
        super().__init__(Network())
        self.pause, self.calls = pause, calls

    def read_many(self, glyphs: object, batch: int = 256) -> Iterator[Reading]:  # type: ignore[override]
        self.calls.append(self.pause)
        time.sleep(self.pause / 1000)
        yield Reading(self.alphabet, np.zeros(52, np.float32))


def test_each_network_is_timed_in_its_turn(glyph: Glyph) -> None:
    calls: list[float] = []
    fast, slow = milliseconds([Slow(0, calls), Slow(30, calls)], glyph, passes=4)
    assert calls == [0, 30] * 5
    assert fast < 30 <= slow


def test_both_answers_are_what_each_network_gives(folders: dict[str, Path], glyph: Glyph) -> None:
    networks = []
    for name, folder in folders.items():
        reader = Reader.load(folder)
        networks.append((name, reader, stage_facts(reader.network)))
    sides = compare(networks, glyph, Readings())
    assert [side.parameters for side in sides] == [702_948, 1_052_420]
    for side in sides:
        network = pretrained.load(folders[side.name])
        with torch.no_grad():
            wanted = torch.softmax(network(torch.from_numpy(glyph.image)[None, None])[0], 0)
        assert side.reading is not None and side.milliseconds is not None and side.milliseconds > 0
        assert np.allclose(side.reading.probabilities, wanted.numpy(), atol=1e-5)
        assert list(side.reading.outputs) == list(network.stages)
    assert all(side.reading is None and side.milliseconds is None for side in compare(networks, None, Readings()))
