"""The characters of a line: how many, in what order, which parts belong together, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from fontdemo.errors import GlyphError
from fontdemo.glyph.binarize import find_ink
from fontdemo.glyph.glyph import from_drawing
from fontdemo.glyph.picture import to_plane
from fontdemo.glyph.segment import (
    MOST,
    SIDE_BY_SIDE_GAP,
    SIDE_BY_SIDE_TALL,
    Spot,
    find_spots,
    may_be_one,
    side_by_side,
    union,
)  # fmt: skip
from fontdemo.glyph.strokes import Drawing
from tests.support.letters import FONTS
from tests.support.words import word_picture

FACES = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSerif", "DejaVuSansMono", "STIXGeneral", "cmr10")

BAR: Drawing = [[[0.2, 0.2], [0.2, 0.8]]]


def face(name: str = "DejaVuSans", size: int = 60) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"{name}.ttf"), size)


def spots(text: str, name: str = "DejaVuSans", ink: int = 30, paper: int = 235, size: int = 60) -> list[Spot]:
    return find_spots(find_ink(to_plane(word_picture(text, face(name, size), ink, paper))).all_mask)


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize(("ink", "paper"), [(30, 235), (235, 30)])
def test_words_are_split_into_their_characters_from_the_left(name: str, ink: int, paper: int) -> None:
    for text in ("jig", "minimum", "Illinois", "Bx7"):
        found = spots(text, name, ink, paper)
        assert len(found) == len(text), text
        middles = [spot.box[0] + spot.box[2] for spot in found]
        assert middles == sorted(middles)
        assert {spot.line for spot in found} == {0} and not any(spot.space for spot in found)


def test_each_character_lies_where_it_was_drawn() -> None:
    letters = face()
    canvas = Image.new("L", (400, 140), 255)
    boxes = []
    for index, character in enumerate("Tijk"):
        at = 40 + 80 * index, 30
        ImageDraw.Draw(canvas).text(at, character, fill=0, font=letters)
        alone = Image.new("L", canvas.size)
        ImageDraw.Draw(alone).text(at, character, fill=255, font=letters)
        boxes.append(alone.getbbox())
    found = find_spots(np.asarray(canvas) < 128)
    np.testing.assert_allclose([spot.box for spot in found], boxes, atol=1)
    for spot in found:
        left, top, right, bottom = spot.box
        np.testing.assert_array_equal(spot.mask, np.asarray(canvas)[top:bottom, left:right] < 128)


def test_dots_stay_with_their_stems_in_letters_that_lean_too() -> None:
    for name in ("DejaVuSans", "DejaVuSans-Oblique"):
        dotted, bare = spots("ij", name), spots("\N{LATIN SMALL LETTER DOTLESS I}l", name)
        assert len(dotted) == len(bare) == 2
        for spot in dotted:
            rows = spot.mask.any(axis=1)
            assert rows[0] and rows[-1] and not rows.all()  # paper between dot and stem
        assert dotted[0].box[3] - dotted[0].box[1] > 1.2 * (bare[0].box[3] - bare[0].box[1])


@pytest.mark.parametrize("text", ["A", "i", "j", "g", "8", "="])
def test_a_single_character_is_no_line(text: str) -> None:
    for name in FACES:
        assert len(spots(text, name)) < 2


def test_spaces_and_lines_are_reported() -> None:
    assert [spot.space for spot in spots("to be it")] == [False, False, True, False, True, False]
    canvas = Image.new("L", (260, 200), 235)
    for row, word in enumerate(("big", "Tom")):
        ImageDraw.Draw(canvas).text((30, 15 + 85 * row), word, fill=30, font=face())
    assert [spot.line for spot in find_spots(np.asarray(canvas) < 128)] == [0, 0, 0, 1, 1, 1]


def test_specks_and_a_frame_are_left_out() -> None:
    word = word_picture("fog", face(), margin=40)
    pen = ImageDraw.Draw(word)
    pen.rectangle((4, 4, word.width - 5, word.height - 5), outline=30, width=3)
    pen.point([(20, 20), (60, 22)], fill=30)
    assert len(find_spots(np.asarray(word) < 128)) == 3


def test_letters_that_touch_are_one_spot_that_is_wide() -> None:
    mask = np.zeros((60, 200), dtype=bool)
    mask[10:50, 10:14] = mask[10:50, 40:44] = mask[10:50, 70:74] = mask[46:50, 10:74] = True
    mask[10:50, 100:108] = True
    wide, narrow = find_spots(mask)
    assert (wide.wide, narrow.wide) == (64 / 40, 8 / 40)
    assert union([wide.box, narrow.box]) == (10, 10, 108, 50)


def test_two_narrow_pieces_may_be_one_character_and_a_word_may_not() -> None:
    mask = np.zeros((60, 60), dtype=bool)
    mask[10:50, 15:22] = mask[10:50, 32:39] = True
    assert may_be_one(find_spots(mask))
    assert not may_be_one(spots("WM")) and not may_be_one(spots("minim")) and not may_be_one(spots("A"))


def test_more_than_a_line_holds_is_refused() -> None:
    mask = np.zeros((40, 12 * (MOST + 1) + 10), dtype=bool)
    for index in range(MOST + 1):
        mask[10:30, 10 + 12 * index : 14 + 12 * index] = True
    with pytest.raises(GlyphError, match=f"more than {MOST} characters"):
        find_spots(mask)
    assert len(find_spots(mask[:, 16:])) == MOST


def test_nothing_and_grain_are_no_line() -> None:
    assert find_spots(np.zeros((20, 30), dtype=bool)) == []
    grain = np.zeros((120, 120), dtype=bool)
    grain[1::4, 1::4] = True
    assert find_spots(grain) == []


@pytest.mark.parametrize(
    "beside, found",
    [
        ([], False),
        ([[[0.6, 0.2], [0.6, 0.8]]], True),
        ([[[0.6, 0.2], [0.8, 0.2], [0.8, 0.8], [0.6, 0.8]]], True),
        ([[[0.6, 0.2], [0.6, 0.8]], [[0.2, 0.5], [0.6, 0.5]]], False),  # an H
        ([[[0.26, 0.2], [0.26, 0.8]]], False),  # too near
        ([[[0.6, 0.2], [0.6, 0.3]]], False),  # a dash
        ([[[0.1, 0.1], [0.9, 0.1]], [[0.6, 0.2], [0.6, 0.8]]], False),  # a roof over both
    ],
)  # fmt: skip
def test_two_strokes_are_two_parts_where_both_are_tall_and_apart(beside: Drawing, found: bool) -> None:
    assert side_by_side(from_drawing(BAR + beside).image) is found
    assert side_by_side(from_drawing(BAR + beside, fit=True).image) is found or not beside


def test_blank_paper_has_no_parts_side_by_side() -> None:
    assert side_by_side(np.zeros((100, 100), np.float32)) is False


def test_parts_side_by_side_are_those_of_a_search_over_all_columns() -> None:
    rng = np.random.default_rng(0)
    outcomes = set()
    for _ in range(300):
        image = np.zeros((100, 100), np.float32)
        for _ in range(rng.integers(1, 4)):
            top, left = rng.integers(0, 80, 2)
            image[top : top + rng.integers(5, 80), left : left + rng.integers(2, 30)] = rng.choice([0.4, 0.5, 1.0])
        expected = False
        rows, columns = np.nonzero(image >= 0.5)
        for start in range(1, 100 - SIDE_BY_SIDE_GAP):
            left_rows, right_rows = rows[columns < start], rows[columns >= start + SIDE_BY_SIDE_GAP]
            between = ((columns >= start) & (columns < start + SIDE_BY_SIDE_GAP)).any()
            if not between and len(left_rows) and len(right_rows):
                spans = [int(np.ptp(part)) + 1 for part in (left_rows, right_rows, rows)]
                expected |= min(spans[:2]) >= SIDE_BY_SIDE_TALL * spans[2]
        assert side_by_side(image) is expected
        outcomes.add(expected)
    assert outcomes == {True, False}
