"""Two networks on the same glyph: what each reads, how large it is, and how long a reading takes it here and now."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from fontdemo.glyph.glyph import Glyph
from fontdemo.network.describe import StageFacts
from fontdemo.reading.reader import Reader, Reading
from fontdemo.reading.readings import Readings

#: Forward passes that the time of a reading is the median of; one more goes before them and is not counted.
PASSES = 9


@dataclass(frozen=True)
class Side:
    """One of the two networks. facts: its stages. reading, milliseconds: None where there is no glyph."""

    name: str
    reader: Reader
    facts: list[StageFacts]
    reading: Reading | None = None
    milliseconds: float | None = None

    @property
    def parameters(self) -> int:
        """The trainable ones."""
        return sum(stage.parameters for stage in self.facts)


def milliseconds(readers: Sequence[Reader], glyph: Glyph, passes: int = PASSES) -> list[float]:
    """The time of one forward pass over `glyph` for each of `readers`: the median of `passes`, in milliseconds.

    They take turns, so that whatever else this machine does meanwhile slows all of them.
    """
    times: list[list[float]] = [[] for _ in readers]
    for _ in range(passes + 1):
        for reader, taken in zip(readers, times, strict=True):
            start = time.perf_counter()
            next(reader.read_many([glyph]))
            taken.append(1000 * (time.perf_counter() - start))
    return [statistics.median(taken[1:]) for taken in times]


def compare(
    networks: Sequence[tuple[str, Reader, list[StageFacts]]], glyph: Glyph | None, readings: Readings
) -> list[Side]:
    """What each of `networks` (name, reader, facts) makes of `glyph`, in order; without one only what they are."""
    if glyph is None:
        return [Side(*network) for network in networks]
    times = milliseconds([reader for _, reader, _ in networks], glyph)
    return [
        Side(name, reader, facts, readings.get(reader, glyph), taken)
        for (name, reader, facts), taken in zip(networks, times, strict=True)
    ]
