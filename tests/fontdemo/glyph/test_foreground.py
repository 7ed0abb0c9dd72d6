"""fontdemo.glyph.foreground: which parts of a mask are the character, on masks drawn by hand."""

from __future__ import annotations

import numpy as np

from fontdemo.glyph.foreground import are_specks, doubt, find_character


def mask(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """100 x 100 with these boxes (left, top, right, bottom) filled."""
    found = np.zeros((100, 100), bool)
    for left, top, right, bottom in boxes:
        found[top:bottom, left:right] = True
    return found


def test_specks_go_and_the_dot_of_an_i_stays() -> None:
    stem, dot, speck = (46, 40, 54, 80), (46, 24, 54, 32), (80, 80, 81, 81)
    kept = find_character(mask(stem, dot, speck)).mask
    assert np.array_equal(kept, mask(stem, dot))
    assert are_specks(np.array([1, 320, 64]), 320).tolist() == [True, False, False]


def test_a_frame_round_a_character_is_none_of_it() -> None:
    frame = mask((5, 5, 95, 95)) & ~mask((8, 8, 92, 92))
    letter = mask((40, 30, 50, 70))
    assert np.array_equal(find_character(frame | letter).mask, letter)


def test_an_empty_mask_holds_nothing() -> None:
    assert not find_character(mask()).mask.any()


def test_ink_is_less_doubtful_than_the_paper_round_it() -> None:
    ink = mask((40, 20, 60, 80))
    assert doubt(ink) < doubt(~ink)
