"""The closest typefaces as HTML, of an index that is made up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np

from fontdemo.alphabet import ALPHABETS
from fontdemo.reading.nearest import FaceName, Index, Neighbour
from fontdemo.reading.reader import Reading
from fontdemo.ui.read import closest


class MadeUp:
    """Finds a Q of five families, whatever is asked."""

    def nearest(self, outputs: Any) -> list[Neighbour]:
        picture = np.zeros((8, 8), np.float32)
        return [Neighbour("Q", FaceName(f"<b>{n}", "Bold", str(n)), 1 - n / 10, picture) for n in range(5)]


def test_families_are_named_and_escaped_and_another_character_is_said() -> None:
    alphabet = ALPHABETS["alnum62"]
    probabilities = np.zeros(62, np.float32)
    probabilities[alphabet.classes.index("O")] = 1
    reading, index = Reading(alphabet, probabilities), cast(Index, MadeUp())
    shown = closest.section(index, reading)
    assert "Your O is closest to the Q of &lt;b&gt;0." in shown and "<b><b>" not in shown
    assert [f"{100 - 10 * n} % alike" in shown for n in range(6)] == [True] * 5 + [False]
    assert "This Q is closest to &lt;b&gt;0." in closest.section(index, reading, "Q")
    unsure = replace(reading, threshold=1.1)
    assert "<img" not in closest.section(index, unsure) and "An uncertain answer" in closest.section(index, unsure)
    assert closest.section(index, None).count("<li") == 5 and closest.section(None, reading) == ""
