"""The answer as HTML."""

from __future__ import annotations

import numpy as np
import pytest

from fontdemo.network.network import Network
from fontdemo.reading.reader import Reading
from fontdemo.ui.read import view


def reading_of(probabilities: dict[str, float], alphabet: str = "course52") -> Reading:
    network = Network(alphabet=alphabet)
    values = np.zeros(len(network.alphabet), np.float32)
    for character, probability in probabilities.items():
        values[network.alphabet.classes.index(character)] = probability
    return Reading(network.alphabet, values, {})


def test_a_class_of_two_cases_is_shown_as_both() -> None:
    answer = view.answer(reading_of({"C": 0.97, "0": 0.03}), "")
    assert ">C c</div>" in answer and "This is capital C or small c." in answer


@pytest.mark.parametrize("probability, words", [(0.95, "This is"), (0.6, "Probably"), (0.2, "Not sure: perhaps")])
def test_the_sentence_is_as_sure_as_the_network(probability: float, words: str) -> None:
    assert f"{words} the digit 7." in view.answer(reading_of({"7": probability}), "")


def test_what_comes_from_outside_is_escaped() -> None:
    assert "<i>" not in view.answer(None, "<i>x</i>").replace('<i style="width', "")
