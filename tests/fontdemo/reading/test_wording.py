"""fontdemo.reading.wording, and the answer's card: sentences, "I can't tell", look-alikes, JSON."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from fontdemo.alphabet import get_alphabet
from fontdemo.reading import wording
from fontdemo.reading.reader import Reading
from fontdemo.ui.read import view


def reading(
    probabilities: dict[str, float], alphabet: str = "alnum62", threshold: float = 0.0, cropped: bool = False
) -> Reading:
    names = get_alphabet(alphabet)
    values = np.zeros(len(names), np.float32)
    for character, probability in probabilities.items():
        values[names.classes.index(character)] = probability
    return Reading(names, values, {}, threshold, cropped)


@pytest.mark.parametrize(
    "probabilities, alphabet, cropped, said",
    [
        ({"A": 0.97, "4": 0.03}, "alnum62", False, "This is capital A."),
        ({"A": 0.6, "4": 0.4}, "alnum62", False, "Probably capital A."),
        ({"A": 0.3, "4": 0.2}, "alnum62", False, "Not sure: perhaps capital A."),
        ({"C": 1.0}, "course52", False, "This is capital C or small c."),
        ({"O": 0.5, "o": 0.3, "0": 0.2}, "alnum62", False,
         "This is capital O, small o or the digit 0: they can look the same."),
        ({"l": 0.5, "I": 0.3}, "alnum62", False, "Probably small l or capital I: they can look the same."),
        ({"S": 1.0}, "alnum62", True, "This is capital S or small s: they can look the same."),
        ({"S": 1.0}, "alnum62", False, "This is capital S."),
        ({"o": 0.7, "0": 0.3}, "course52", False,
         "This is small o, capital O or the digit 0: they can look the same."),
    ],
)  # fmt: skip
def test_sentences(probabilities: dict[str, float], alphabet: str, cropped: bool, said: str) -> None:
    assert wording.sentence(reading(probabilities, alphabet, cropped=cropped)) == said


def test_a_case_that_size_and_place_tell_is_named_alone() -> None:
    names = get_alphabet("course52")
    ring = replace(reading({"o": 0.8, "0": 0.2}, "course52"), resolved_case={names.classes.index("o"): "o"})
    assert wording.sentence(ring) == "This is small o or the digit 0: they can look the same."
    card = view.answer(ring, "")
    assert ">o</div>" in card and "capital O" not in card and "o O" not in card
    assert wording.line(ring) == "o or 0"
    assert [(each["label"], each["twin"]) for each in wording.as_json(ring)["alike"]] == [("o", None), ("0", None)]
    small = replace(reading({"C": 1.0}, "course52"), resolved_case={names.classes.index("C"): "c"})
    assert (small.character, small.twin, small.top(1)) == ("c", None, [("c", 1.0)])
    assert wording.line(small) == "c" and wording.sentence(small) == "This is small c."


def test_what_is_below_the_threshold_cannot_be_told() -> None:
    unsure = reading({"W": 0.3, "M": 0.2}, threshold=0.5)
    assert wording.sentence(unsure) == "Not sure: it looks most like capital W."
    assert wording.line(unsure) == "? (looks most like W)"
    assert wording.as_json(unsure)["certain"] is False
    card = view.answer(unsure, "")
    assert "answer-unsure" in card and ">W</div>" in card  # shown, but pale
    unlikely = reading({"W": 0.2, "M": 0.1}, threshold=0.5)
    assert wording.sentence(unlikely) == "I can't tell. Perhaps capital W."
    assert wording.line(unlikely) == "? (perhaps W)"
    card = view.answer(unlikely, "")
    assert "answer-unsure" in card and "I can't tell" in unescape(card) and ">W</div>" not in card


def test_where_nothing_is_known_nothing_is_guessed() -> None:
    lost = reading({character: 0.04 for character in "ABDEFHJLMNQRTYabdefhijmn"}, threshold=0.5)
    assert wording.sentence(lost).startswith("I can't tell. That doesn't look like one character")


def test_two_characters_are_none() -> None:
    two = replace(reading({"W": 0.9, "M": 0.1}, threshold=0.5), side_by_side=True)
    assert wording.sentence(two).startswith("I can't tell. That doesn't look like one character")
    assert wording.line(two) == "? (two characters?)" and wording.as_json(two)["certain"] is False
    card = view.answer(two, "")
    assert "answer-unsure" in card and ">W</div>" not in card
    surely = replace(reading({"W": 0.99, "M": 0.01}, threshold=0.5), side_by_side=True)
    assert wording.sentence(surely) == "This is capital W. Two characters? Draw one at a time."
    assert wording.line(surely) == "W"


def test_look_alikes_count_together_for_the_threshold() -> None:
    rings = reading({"O": 0.36, "o": 0.33, "0": 0.31}, threshold=0.9)
    assert wording.as_json(rings)["certain"] is True
    assert wording.line(rings) == "O or o or 0"
    assert [each["label"] for each in wording.as_json(rings)["alike"]] == ["O", "o", "0"]
    assert sum(each["probability"] for each in wording.as_json(rings)["alike"]) == pytest.approx(1.0)


def test_twins_are_named_in_json() -> None:
    (only,) = wording.as_json(reading({"C": 1.0}, "course52"))["alike"]
    assert only == {"label": "C", "twin": "c", "probability": pytest.approx(1.0)}
