"""Which characters stand together in an answer, in every alphabet, and when there is no answer."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fontdemo.alphabet import ALPHABETS, CHARACTERS, Alphabet, get_alphabet
from fontdemo.reading.lookalikes import NEGLIGIBLE, PAIRS, Answer, judge, lookalikes
from fontdemo.reading.reader import Reading


def probabilities_of(alphabet: Alphabet, **named: float) -> NDArray[np.float32]:
    """`named` by character (a digit after an underscore); what is missing from 1 is spread evenly over the rest."""
    known = {alphabet.label(name.removeprefix("_")): value for name, value in named.items()}
    rest = (1 - sum(known.values())) / (len(alphabet) - len(known))
    return np.array([known.get(label, rest) for label in range(len(alphabet))], np.float32)


def characters(alphabet: Alphabet, answer: Answer) -> list[str]:
    return [alphabet.classes[label] for label, _ in answer.together]


def test_pairs_are_of_two_characters_and_named_once() -> None:
    assert all(len(set(pair)) == 2 and set(pair) <= set(CHARACTERS) for pair in PAIRS)
    assert len({frozenset(pair) for pair in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize("name", ALPHABETS)
def test_looking_alike_is_mutual_and_stays_within_a_hand_of_characters(name: str) -> None:
    alphabet = get_alphabet(name)
    for label in range(len(alphabet)):
        alike = lookalikes(alphabet, label)
        assert label not in alike and len(alike) <= 3
        assert all(label in lookalikes(alphabet, other) for other in alike)


@pytest.mark.parametrize(
    "name, character, wanted",
    [
        ("alnum62", "0", "Oo"), ("alnum62", "O", "0o"), ("alnum62", "l", "1I"), ("alnum62", "S", "5s"),
        ("alnum62", "5", "S"), ("alnum62", "u", "U"), ("alnum62", "A", ""), ("letters52", "O", "o"),
        ("letters52", "I", "l"), ("letters52", "S", "s"), ("course52", "0", "o"), ("course52", "o", "0"),
        ("course52", "I", "1"), ("course52", "S", "5"), ("course52", "C", ""), ("course52", "u", "U"),
    ],
)  # fmt: skip
def test_partners_but_not_their_partners(name: str, character: str, wanted: str) -> None:
    alphabet = get_alphabet(name)
    label = alphabet.label(character)
    assert label is not None
    assert {alphabet.classes[other] for other in lookalikes(alphabet, label)} == set(wanted)


def test_what_stands_together_is_ordered_and_summed() -> None:
    alphabet = get_alphabet("alnum62")
    answer = judge(alphabet, probabilities_of(alphabet, O=0.5, o=0.1, _0=0.3, Q=0.08))
    assert characters(alphabet, answer) == ["O", "0", "o"]
    assert answer.probability == pytest.approx(0.9) and answer.certain
    assert [probability for _, probability in answer.together] == pytest.approx([0.5, 0.3, 0.1])


def test_what_is_negligible_stands_aside_unless_its_size_was_cropped_away() -> None:
    alphabet = get_alphabet("alnum62")
    probabilities = probabilities_of(alphabet, O=0.97, o=NEGLIGIBLE / 2, _0=NEGLIGIBLE / 2)
    assert characters(alphabet, judge(alphabet, probabilities)) == ["O"]
    assert characters(alphabet, judge(alphabet, probabilities, cropped=True)) == ["O", "o"]
    # k and K are no copies of each other in two sizes, and I is no capital of l's.
    for sure in ({"k": 0.99}, {"I": 0.99}, {"A": 0.99}):
        assert len(judge(alphabet, probabilities_of(alphabet, **sure), cropped=True).together) == 1


def test_a_class_of_two_cases_needs_no_partner_for_them() -> None:
    alphabet = get_alphabet("course52")
    assert characters(alphabet, judge(alphabet, probabilities_of(alphabet, C=0.99), cropped=True)) == ["C"]
    # The small o stands for O too, and so for 0.
    assert characters(alphabet, judge(alphabet, probabilities_of(alphabet, o=0.6, _0=0.3))) == ["o", "0"]


def test_the_threshold_is_on_the_sum() -> None:
    alphabet = get_alphabet("alnum62")
    probabilities = probabilities_of(alphabet, I=0.3, l=0.3, _1=0.3)
    assert judge(alphabet, probabilities, 0.85).certain and not judge(alphabet, probabilities, 0.95).certain
    # Three in ten for a letter without look-alikes is not enough; a flat distribution never is.
    assert not judge(alphabet, probabilities_of(alphabet, A=0.3, R=0.3, H=0.3), 0.85).certain
    nothing = probabilities_of(alphabet)
    assert not judge(alphabet, nothing, 0.2).certain and judge(alphabet, nothing, 0.0).certain


def test_two_tall_parts_are_one_character_only_where_that_is_sure() -> None:
    alphabet = get_alphabet("alnum62")
    likely, sure = probabilities_of(alphabet, H=0.97), probabilities_of(alphabet, H=0.99)
    assert judge(alphabet, likely, 0.5).certain and not judge(alphabet, likely, 0.5).several
    found = judge(alphabet, likely, 0.5, side_by_side=True)
    assert found.several and not found.certain and found.probability == pytest.approx(0.97, abs=0.01)
    assert judge(alphabet, sure, 0.5, side_by_side=True) == judge(alphabet, sure, 0.5)
    # A network that is never unsure says what it reads there too.
    assert judge(alphabet, likely, 0.0, side_by_side=True).certain


def test_a_reading_carries_its_answer() -> None:
    alphabet = get_alphabet("alnum62")
    probabilities = probabilities_of(alphabet, c=0.7)
    assert Reading(alphabet, probabilities).answer == judge(alphabet, probabilities)
    assert Reading(alphabet, probabilities, {}, 0.9, True).answer == judge(alphabet, probabilities, 0.9, cropped=True)
    assert not Reading(alphabet, probabilities, {}, 0.9, True).answer.certain
