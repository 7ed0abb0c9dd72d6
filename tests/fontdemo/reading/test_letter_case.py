"""fontdemo.reading.letter_case: case resolved by height and by the rest of the word."""

from __future__ import annotations

import pytest

from fontdemo.reading.letter_case import resolve, rings_and_bars

COURSE = {"C": "c", "K": "k", "I": "l", "o": "O", "P": "p", "S": "s", "V": "v", "W": "w", "X": "x", "Z": "z"}


def word(text: str, low: int = 50, high: int = 72) -> tuple[list[str], list[str | None], list[int]]:
    """A word as a network of the course's classes reads it, with heights as printed."""
    small = frozenset("acemnorsuvwxz")
    classes = [next((home for home, twin in COURSE.items() if character == twin), character) for character in text]
    return classes, [COURSE.get(home) for home in classes], [low if character in small else high for character in text]


@pytest.mark.parametrize("text", ["Bike", "cosmos", "Zoom", "HOUSE", "vex", "nOTs", "Skunk", "paper", "BOOK"])
def test_a_word_gets_its_cases_back(text: str) -> None:
    expected = text[:1].upper() + text[1:] if text[0] in "pk" else text  # a first letter of two shapes: a capital
    assert "".join(resolve(*word(text))) == expected


def test_a_line_has_one_size_of_type() -> None:
    """Words too short to tell by themselves are told by the others; t alone is a measure too."""
    classes, twins, heights = word("so")
    assert resolve(classes, twins, heights, [("R", 72), ("e", 50)]) == ["s", "o"]
    assert resolve(classes, twins, heights, [("a", 35), ("d", 50)]) == ["S", "O"]
    assert resolve(["t", "W", "o"], [None, "w", "O"], [63, 51, 52]) == ["t", "w", "o"]


def test_what_no_letter_tells_stays_as_it_was_read() -> None:
    assert resolve(["o", "o"], ["O", "O"], [50, 50]) == ["o", "o"]
    assert resolve(["K"], ["k"], [72]) == ["K"]
    assert resolve([], [], []) == []


def test_height_decides_for_networks_that_tell_the_cases_apart_too() -> None:
    assert resolve(["n", "O", "T"], [None, None, None], [50, 51, 72]) == ["n", "o", "T"]


ANY = frozenset("0Oo1Il")


@pytest.mark.parametrize(
    ("read", "meant"),
    [("He1lO", "HellO"), ("heIlo", "hello"), ("HlGH", "HIGH"), ("B0OK", "BOOK"), ("lend", "lend"),
     ("2O26", "2026"), ("4l7", "417"), ("9o", "90")],
)  # fmt: skip
def test_a_word_of_one_kind_decides(read: str, meant: str) -> None:
    assert "".join(rings_and_bars(read, [ANY | {character} for character in read])) == meant


@pytest.mark.parametrize("read", ["1st", "A4O", "0O", "l1I", "", "M25"])
def test_both_kinds_or_neither_decide_nothing(read: str) -> None:
    assert "".join(rings_and_bars(read, [ANY | {character} for character in read])) == read


def test_what_the_network_rules_out_stays_out() -> None:
    assert rings_and_bars("He1p", [{"H"}, {"e"}, {"1"}, {"p"}]) == list("He1p")
    assert rings_and_bars("20l", [{"2"}, {"0"}, {"l", "1"}]) == list("201")
