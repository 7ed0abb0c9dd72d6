"""What a person says that a character is: which classes are left, and what becomes of the probabilities."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fontdemo.alphabet import ALPHABETS
from fontdemo.glyph.glyph import from_drawing
from fontdemo.network.network import Network
from fontdemo.reading import among, wording
from fontdemo.reading.among import AMONG, AmongError
from fontdemo.reading.reader import Reader, Reading


def test_a_class_of_both_cases_counts_for_either() -> None:
    course = ALPHABETS["course52"]
    for name, meant in AMONG.items():
        left = among.allowed(course, name)
        # C is on disk under C, and so is c.
        wanted = {course.twins.get(character, character) for character in meant}
        assert {course.classes[label] for label in np.flatnonzero(left)} == wanted & set(course.classes)
    label = course.classes.index("C")
    assert among.characters(course, label) == ("C", "c")
    assert among.characters(course, label, "small") == ("c",) and among.characters(course, label, "digit") == ()


@pytest.mark.parametrize("name", sorted(AMONG))
@pytest.mark.parametrize("alphabet", sorted(ALPHABETS))
def test_probabilities_are_renormalised_among_what_is_left(name: str, alphabet: str) -> None:
    torch.manual_seed(0)
    reader = Reader(Network("report-cnn", alphabet))
    glyph = from_drawing([[[0.2, 0.2], [0.8, 0.8]]])
    whole = reader.read(glyph).probabilities.astype(np.float64)
    if alphabet == "letters52" and name == "digit":
        with pytest.raises(AmongError, match="knows no digit"):
            reader.read(glyph, name)
        return
    reading = reader.read(glyph, name)
    meant = [any(c in AMONG[name] for c in reader.alphabet.characters(k)) for k in range(len(reader.alphabet))]
    wanted = np.where(meant, whole, 0) / whole[meant].sum()
    np.testing.assert_allclose(reading.probabilities, wanted, atol=1e-6)
    np.testing.assert_allclose(next(reader.read_many([glyph], among=name)).probabilities, wanted, atol=1e-6)
    assert reading.character in AMONG[name] and (reading.twin or reading.character) in AMONG[name]
    assert all(character in AMONG[name] for title, _ in reading.top(60) for character in title.split())


def test_the_answer_names_one_case_where_one_is_meant() -> None:
    alphabet = ALPHABETS["course52"]
    probabilities = np.zeros(52, np.float32)
    probabilities[alphabet.classes.index("C")] = 1
    said = [wording.sentence(Reading(alphabet, probabilities, among=name)) for name in ("anything", "capital", "small")]
    assert said == ["This is capital C or small c.", "This is capital C.", "This is small c."]
    assert wording.as_json(Reading(alphabet, probabilities, among="small"))["alike"] == [
        {"label": "c", "twin": None, "probability": 1.0}
    ]
    # Cropped, the other case of the shape counts whatever its probability; not where it is out of question.
    all62 = ALPHABETS["alnum62"]
    probabilities = np.zeros(62, np.float32)
    probabilities[all62.classes.index("C")] = 1
    assert wording.sentence(Reading(all62, probabilities, cropped=True, among="capital")) == "This is capital C."
    assert "small c" in wording.sentence(Reading(all62, probabilities, cropped=True))


def test_a_class_that_got_nothing_can_still_be_told() -> None:
    left = np.array([False, True, True])
    found = among.renormalised(np.array([1, 0, 0], np.float32), left)
    assert found.tolist() == [0, 0.5, 0.5]


@pytest.mark.parametrize("name", ["", "digits", "C", None, 3, ["digit"]])
def test_other_words_are_refused(name: object) -> None:
    with pytest.raises(AmongError, match="digit, letter"):
        among.allowed(ALPHABETS["course52"], name)  # type: ignore[arg-type]
