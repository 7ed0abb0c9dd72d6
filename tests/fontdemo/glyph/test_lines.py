"""Lines and words: where a space is, by the gaps between characters of one size."""

from __future__ import annotations

import pytest

from fontdemo.glyph.lines import Group, lines_of, spaced

TALL = 40.0


def line(gaps: list[float], top: float = 0) -> list[Group]:
    """Characters with such gaps, in fractions of their height, between them; wide and narrow ones in turn."""
    groups, left = [], 0.0
    for index, gap in enumerate([0.0, *gaps]):
        left += gap * TALL
        groups.append(Group([index], left, top, left + (22 if index % 2 else 30), top + TALL))
        left = groups[-1].right
    return groups


@pytest.mark.parametrize(
    ("gaps", "spaces"),
    [
        ([0.1, 0.1, 0.34, 0.1, 0.1], [2]),  # narrow type
        ([0.1, 0.36, 0.1], [1]),
        ([0.26, 1.0, 0.29, 0.52, 0.21, 0.29], [1]),  # wide type, in which a letter stands loosely
        ([0.15, 0.5, 0.46, 0.15, 0.2], [1, 2]),
        ([0.6, 0.7, 0.6], []),  # letters apart, one word
        ([0.3], []), ([0.6], [0]), ([0.5, 0.6], [0, 1]),  # a I a
    ],
)  # fmt: skip
def test_a_space_is_a_gap_that_is_wide_among_its_line_s(gaps: list[float], spaces: list[int]) -> None:
    found = spaced([line(gaps)], TALL)[0]
    assert [index - 1 for index, (_, space) in enumerate(found) if space] == spaces


def test_a_line_of_two_characters_has_the_gaps_of_the_others() -> None:
    wide = spaced([line([0.5, 0.55, 0.5, 1.2, 0.5]), line([0.55], top=60)], TALL)
    assert [[space for _, space in found] for found in wide][1] == [False, False]
    assert [space for _, space in wide[0]] == [False, False, False, False, True, False]
    narrow = spaced([line([0.05, 0.1, 0.05, 0.4, 0.05]), line([0.36], top=60)], TALL)
    assert [space for _, space in narrow[1]] == [False, True]


def test_lines_come_from_the_top_and_their_characters_from_the_left() -> None:
    upper, lower = line([0.1, 0.1]), line([0.1], top=44)
    assert lines_of([lower[1], upper[2], upper[0], lower[0], upper[1]]) == [upper, lower]
    assert spaced([], TALL) == []
