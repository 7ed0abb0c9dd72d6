"""One reading for each glyph and network: passes through the network are counted, and so are those that wait."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import Glyph, from_drawing
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.reading.reader import Reader, Reading
from fontdemo.reading.readings import Readings
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.read.closest import closest
from fontdemo.ui.read.compare import compared
from fontdemo.ui.read.tab import read_again, read_drawing
from fontdemo.ui.read.why import why

STROKES = "[[[0.2, 0.85], [0.5, 0.15], [0.8, 0.85]], [[0.3, 0.6], [0.7, 0.6]]]"


class Counting(Reader):
    """Counts its readings, and holds each until `go` is set."""

    def __init__(self, name: str = "report-cnn") -> None:
        super().__init__(Network(name))
        self.calls, self.go = 0, threading.Event()
        self.go.set()

    def read(self, glyph: Glyph, among: str = "anything") -> Reading:
        self.calls += 1
        self.go.wait(20)
        return super().read(glyph, among)


@pytest.fixture
def glyph() -> Glyph:
    return from_drawing([[[0.2, 0.2], [0.8, 0.8]]])


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often each architecture traced an image: with every stage's output, as a reading does."""
    counts: Counter[str] = Counter()
    trace = Network.trace

    def counted(self: Network, images: torch.Tensor) -> dict[str, torch.Tensor]:
        counts[self.architecture] += len(images)
        return trace(self, images)

    monkeypatch.setattr(Network, "trace", counted)
    yield counts


def test_everything_that_shows_a_drawing_shares_one_reading(tmp_path: Path, passes: Counter[str]) -> None:
    for name in ("report-cnn", "report-crnn"):
        pretrained.save(Network(name), tmp_path / name, "")
    store = NetworkStore(lambda: {name: tmp_path / name for name in ("report-cnn", "report-crnn")})
    for name in store.names():
        store.get(name)
    passes.clear()  # to describe its stages each network is traced when it is loaded
    seen, *_ = read_drawing(store, STROKES, "report-cnn", False)
    closest(store, seen, "report-cnn")
    why(store, seen, "report-cnn")
    compared(store, seen, "report-cnn", "report-crnn")
    read_again(store, seen, "report-cnn", True)
    assert passes == {"report-cnn": 1, "report-crnn": 1}
    read_again(store, seen, "report-crnn", False)
    assert passes == {"report-cnn": 1, "report-crnn": 1}


def test_another_glyph_network_or_cropping_is_read_anew(glyph: Glyph) -> None:
    readings, first, second = Readings(), Counting(), Counting("report-crnn")
    reading = readings.get(first, glyph)
    assert readings.get(first, replace(glyph, steps=())) is reading and first.calls == 1
    assert readings.get(second, glyph) is not reading and second.calls == 1
    assert readings.get(first, replace(glyph, cropped=True)).cropped and first.calls == 2
    assert readings.get(second, glyph, "digit").character.isdigit() and second.calls == 2
    assert readings.get(first, from_drawing([[[0.2, 0.2], [0.8, 0.7]]])) is not reading and first.calls == 3


def test_the_least_recently_shown_goes_first() -> None:
    readings, reader = Readings(kept=2), Counting()
    a, b, c = (from_drawing([[[0.2, 0.2], [0.8, y]]]) for y in (0.5, 0.6, 0.7))
    for glyph in (a, b, a, c, a):
        readings.get(reader, glyph)
    assert reader.calls == 3
    readings.get(reader, b)
    assert reader.calls == 4


def test_who_asks_while_it_is_read_waits_for_the_same_reading(glyph: Glyph) -> None:
    readings, reader = Readings(), Counting()
    reader.go.clear()
    found: list[Reading] = []
    threads = [threading.Thread(target=lambda: found.append(readings.get(reader, glyph))) for _ in range(6)]
    for thread in threads:
        thread.start()
    reader.go.set()
    for thread in threads:
        thread.join(20)
    assert len(found) == 6 and len({id(reading) for reading in found}) == 1 and reader.calls == 1


def test_a_reading_that_failed_is_tried_again(glyph: Glyph, monkeypatch: pytest.MonkeyPatch) -> None:
    readings, reader = Readings(), Counting()
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "read", lambda self, glyph, among: (_ for _ in ()).throw(FontdemoError("not now")))
        with pytest.raises(FontdemoError, match="not now"):
            readings.get(reader, glyph)
    assert len(readings.get(reader, glyph).probabilities) == 52
