"""train.teach.measure: what is taught, what is read after, and the table, with networks whose answers are known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from torch import Tensor, nn

from fontdemo.alphabet import CHARACTERS, get_alphabet
from fontdemo.errors import FontdemoError
from fontdemo.network.network import Network
from train.handwriting.letterforms import letterforms
from train.teach import measure as measured
from train.teach.lesson import Drawing, Lesson, Point
from train.teach.measure import Hand, Row, made_up_hands, measure, once_drawn, table, twice_drawn

ALPHABET = get_alphabet("course52")


class Told(nn.Module):
    """Reads what pixel `column` of the first row says: what the network before a lesson reads, or the one after."""

    alphabet = ALPHABET

    def __init__(self, column: int) -> None:
        super().__init__()
        self.column = column

    def forward(self, images: Tensor) -> Tensor:
        return nn.functional.one_hot((images[:, 0, 0, self.column] * 100).round().long(), len(ALPHABET)).float()


def drawing(label: str, before: str, after: str) -> Drawing:
    image = np.zeros((100, 100), np.float32)
    image[0, :2] = [ALPHABET.classes.index(read) / 100 for read in (before, after)]
    return Drawing(image, label)


@pytest.fixture
def lessons(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[Drawing]]:
    """The drawings of each lesson given; those of more than two drawings are not kept."""
    given: list[Sequence[Drawing]] = []

    def teach(network: Network, drawings: Sequence[Drawing], *, seed: int) -> Iterator[Point | Lesson]:
        given.append(drawings)
        kept = len(drawings) <= 2
        yield Point(0, 1, 0.0, 0.98, 0.0)
        yield Lesson(0.0, 1.0, 0.98, 0.97, (), kept, cast(Network, Told(1)) if kept else None, 2.0 * len(given))

    monkeypatch.setattr(measured, "teach", teach)
    return given


def measure_(hands: list[Hand]) -> Row:
    return measure("ours", cast(Network, Told(0)), "some hands", hands)


def test_mostly_misread_characters_are_taught_and_other_drawings_read(lessons: list[Sequence[Drawing]]) -> None:
    first = (drawing("7", "1", "7"), drawing("A", "A", "A"), drawing("7", "1", "7"), drawing("ö", "A", "A"))
    second = (drawing("7", "1", "7"), drawing("7", "1", "1"), drawing("A", "A", "4"), drawing("B", "B", "B"))
    known = Hand((drawing("A", "A", "A"),), (drawing("A", "A", "4"),))
    row = measure_([Hand(first, second), known])
    assert [list(given) for given in lessons] == [[first[0], first[2]]]
    assert (row.hands, row.lessons, row.kept, row.taught) == (2, 1, 1, 2)
    assert (row.same, row.same_before, row.same_after) == (2, 0, 1)
    assert (row.others, row.others_before, row.others_after) == (3, 3, 2)
    assert (row.printed_before, row.printed_after, row.lowest, row.seconds) == (0.98, 0.97, 0.97, 2.0)


def test_after_a_lesson_that_is_not_kept_the_old_network_reads(lessons: list[Sequence[Drawing]]) -> None:
    first = (drawing("7", "1", "7"),) * 3
    row = measure_([Hand(first, (drawing("7", "1", "7"), drawing("A", "A", "4")))])
    assert (row.lessons, row.kept, row.same_after, row.others_after) == (1, 0, 0, 1)
    assert row.printed_after == row.lowest == 0.98


def test_of_characters_drawn_once_all_that_are_misread_are_taught_and_none_of_these_read(
    lessons: list[Sequence[Drawing]],
) -> None:
    drawings = (drawing("c", "0", "C"), drawing("C", "C", "C"), drawing("A", "A", "4"))
    row = measure_([Hand(drawings, drawings)])
    assert [list(given) for given in lessons] == [[drawings[0]]]
    assert (row.same, row.others, row.others_before, row.others_after) == (0, 2, 2, 1)


def test_nothing_misread_is_nothing_to_teach(lessons: list[Sequence[Drawing]]) -> None:
    with pytest.raises(FontdemoError, match="misreads nothing"):
        measure_([Hand((drawing("A", "A", "A"),), ())])
    assert not lessons


def test_the_unusual_forms_are_none_that_writers_learn_from() -> None:
    def shapes(found: Any) -> set[bytes]:
        return {b"".join(stroke.points.tobytes() for stroke in form) for forms in found.values() for form in forms}

    unusual = letterforms(measured.UNUSUAL)
    assert sum(map(len, unusual.values())) > 40
    assert not shapes(unusual) & shapes(letterforms())


def test_made_up_hands_are_the_same_for_the_same_seed() -> None:
    (hand,), (again,), (other,) = made_up_hands(1, 0), made_up_hands(1, 0), made_up_hands(1, 1)
    assert len(hand.second) == len(hand.first) // measured.TAUGHT * measured.READ
    assert {each.label for each in hand.first} == {each.label for each in hand.second} <= set(CHARACTERS)
    pairs = list(zip(hand.first, again.first, other.first, strict=True))
    assert all(np.array_equal(one.image, two.image) for one, two, _ in pairs)
    assert not any(np.array_equal(one.image, two.image) for one, _, two in pairs)
    assert all(one.image.dtype == np.float32 and one.image.max() <= 1 for one in hand.first)


def test_people_are_told_apart_by_the_order_of_their_drawings(tmp_path: Path) -> None:
    def line(slope: float) -> list[list[list[float]]]:
        return [[[0, 0], [1, slope]]]

    file = tmp_path / "drawn.json"
    drawn = {"1": [line(slope) for slope in (1, 2, 3, 4)], "7": [line(slope) for slope in (9, 8, 7, 6)]}
    file.write_text(json.dumps(drawn))
    twice = list(twice_drawn(file).values())
    assert [[d.label for d in hand.first] for hand in twice] == [["1", "7"]] * 2
    once = list(once_drawn(file).values())
    assert len(once) == 4 and once[0].first is once[0].second
    same = [(twice[0].first[0], once[0].first[0]), (twice[0].second[0], once[1].first[0]),
            (twice[1].first[1], once[2].first[1])]  # fmt: skip
    assert all(np.array_equal(one.image, two.image) for one, two in same)


def test_the_table_word_by_word() -> None:
    row = Row("ours", "people", 20, 8, 7, 31, 40, 10, 30, 200, 190, 188, 0.9891, 0.98765, 0.98, 3.6)
    lines = table([row, replace(row, same=0)]).splitlines()
    assert lines[2] == ("| people, 20 | ours | 8 (7) | 31 | 25.0 → 75.0 % of 40 | 95.0 → 94.0 % of 200 "
                        "| 98.91 → 98.77 % | 98.00 % | 4 |")  # fmt: skip
    assert "| – |" in lines[3] and len({line.count("|") for line in lines}) == 1
