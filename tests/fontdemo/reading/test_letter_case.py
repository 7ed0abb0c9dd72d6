"""fontdemo.reading.letter_case: digits or letters, case, rings and bars, resolved by the rest of the word."""

from __future__ import annotations

import pytest

from fontdemo.reading.letter_case import Seen, resolve

# What a network may take for one another: the classes of a ring, a bar, and those of two cases.
LOOKALIKES = ("0oO", "1Il", "Cc", "Kk", "Pp", "Ss", "Uu", "Vv", "Ww", "Xx", "Zz")

BASELINE, CAPITAL, SMALL, BELOW = 100, 28, 50, 122


def seen(character: str, read: str = "", chance: float = 0.6) -> Seen:
    """A printed character, and what it looks like; the likeliest of that is `read`, itself if not said."""
    left = next((set(one) for one in LOOKALIKES if character in one), {character})
    order = sorted(left, key=lambda other: other != (read or character))
    chances = {other: chance if other == order[0] else 0.2 for other in order}
    top = SMALL if character in "acegmnopqrsuvwxyz" else CAPITAL
    return Seen(chances, top, BELOW if character in "gjpqy" else BASELINE)


def resolved(text: str, read: str = "") -> str:
    return "".join(resolve([seen(*pair) for pair in zip(text, read or text, strict=True)]))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Bike", "BIKE"), ("cosmos", "COSmOS"), ("HOUSE", "HoUSE"), ("vex", "VeX"), ("Skunk", "SKUnK"),
        ("Up", "uP"), ("up", "UP"), ("cup", "CUP"), ("Puck", "PuCK"), ("Paper", "PaPer"), ("paper", "PaPer"),
        ("you", "yoU"), ("Vow", "VoW"), ("SOS", "SoS"), ("about", "aboUt"), ("BOOK", "BooK"),
    ],
)  # fmt: skip
def test_a_word_gets_its_cases_back(text: str, read: str) -> None:
    read = "".join(own if other.lower() != own.lower() else other for own, other in zip(text, read, strict=True))
    assert resolved(text, read) == text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Hello", "He1I0"), ("hello", "heIlo"), ("HIGH", "HlGH"), ("lend", "Iend"), ("In", "ln"),
        ("2026", "2O26"), ("417", "4l7"), ("90", "9o"), ("Hello7", "HeIIo7"), ("Room101", "R00m101"), ("100m", "100m"),
        ("over30", "over3O"), ("All", "AII"), ("XII", "Xll"), ("fl4t", "fI4t"), ("lazy", "Iazy"), ("80s", "80S"),
        ("Illinois", "IIIinoiS"), ("Will", "WiII"), ("Elm", "EIm"), ("HILL", "HILl"),
    ],
)  # fmt: skip
def test_rings_and_bars_are_what_stands_round_them(text: str, read: str) -> None:
    assert resolved(text, read) == text


def test_what_the_network_is_sure_of_stands_in_a_word_of_the_other_kind() -> None:
    for text in ("1st", "M25", "B2B", "x86", "A4", "mp3"):
        assert "".join(resolve([seen(character, chance=9.8) for character in text])) == text


def test_a_line_has_one_size_of_type() -> None:
    """Words too short to tell by themselves are told by the others; t alone is a measure too."""
    small = [Seen({"S": 1.0, "s": 1.0}, 50, 100), Seen({"o": 1.0, "O": 1.0}, 50, 100)]
    assert resolve(small, [*small, Seen({"R": 1.0}, 28, 100), Seen({"e": 1.0}, 50, 100)]) == ["s", "o"]
    assert resolve(small, [*small, Seen({"a": 1.0}, 65, 100), Seen({"d": 1.0}, 50, 100)]) == ["S", "O"]
    assert resolve([Seen({"t": 1.0}, 37, 100), small[1]]) == ["t", "o"]


def test_a_line_without_a_measure_is_measured_by_the_others() -> None:
    word = [seen(character) for character in "vow"]
    assert "".join(resolve(word, word, [*word, *map(seen, "their")])) == "vow"
    tall = [Seen(each.chances, CAPITAL, BASELINE) for each in word]
    assert "".join(resolve(tall, tall, [*tall, *map(seen, "their")])) == "VOW"


def test_what_nothing_tells_stays_as_it_was_read() -> None:
    assert resolve([Seen({"o": 1.0, "O": 1.0}, 50, 100)]) == ["o"]
    assert resolve([Seen({"K": 1.0, "k": 1.0}, 28, 100)]) == ["K"]
    assert resolve([]) == []
    for text in ("I", "II", "0"):
        assert resolved(text) == text


def test_height_decides_for_networks_that_tell_the_cases_apart_too() -> None:
    word = [Seen({"n": 1.0}, 50, 100), Seen({"O": 1.0}, 49, 100), Seen({"T": 1.0}, 28, 100)]
    assert resolve(word) == ["n", "o", "T"]


def test_what_the_network_rules_out_stays_out() -> None:
    def words(*chances: dict[str, float]) -> list[Seen]:
        return [Seen(each, 28, 100) for each in chances]

    assert resolve(words({"H": 1.0}, {"e": 1.0}, {"1": 1.0}, {"p": 1.0})) == list("He1p")
    assert resolve(words({"2": 1.0}, {"0": 1.0}, {"l": 0.6, "1": 0.3})) == list("201")
