"""From strokes or a picture to the square: size and place kept or fitted, and the steps that are told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fontdemo.errors import FontdemoError, GlyphError
from fontdemo.glyph.glyph import Glyph, from_drawing, from_picture
from fontdemo.glyph.layout import BASELINE_ROW, CAPITAL_ROW, FIT_SIDE, SIDE
from fontdemo.glyph.strokes import MAX_POINTS, PEN
from tests.support.letters import picture


def box(image: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the ink, by Pillow."""
    return Image.fromarray(np.uint8(255 * (image > 0.5))).getbbox() or (0, 0, 0, 0)


def check(glyph: Glyph) -> None:
    """What holds of every glyph: type, range, and steps of which the last shows what the network sees."""
    assert glyph.image.shape == (SIDE, SIDE) and glyph.image.dtype == np.float32
    assert 0 <= glyph.image.min() and glyph.image.max() <= 1
    assert all(step.name and step.sentence.endswith(".") for step in glyph.steps)
    shown = np.asarray(glyph.steps[-1].picture.convert("L"), dtype=np.float64)
    assert np.abs(shown - 255 * (1 - glyph.image)).max() <= 0.5


def test_a_drawing_keeps_the_size_and_place_between_the_lines() -> None:
    low, high = (BASELINE_ROW - PEN / 2) / SIDE, (CAPITAL_ROW + PEN / 2) / SIDE
    glyph = from_drawing([[[0.2, low], [0.2, high]], [[0.2, high], [0.4, high]]])
    check(glyph)
    assert glyph.source == "drawing" and [step.name for step in glyph.steps] == ["as received", "placed"]
    left, top, right, bottom = box(glyph.image)
    assert abs(top - CAPITAL_ROW) <= 1 and abs(bottom - BASELINE_ROW) <= 1
    assert abs(left - (20 - PEN / 2)) <= 1 and abs(right - (40 + PEN / 2)) <= 1


def test_a_drawing_of_any_scale_can_be_fitted() -> None:
    glyph = from_drawing([[[300, 1000], [300, 200]], [[300, 200], [700, 200]]], fit=True)
    check(glyph)
    left, top, right, bottom = box(glyph.image)
    assert (top, bottom) == ((SIDE - FIT_SIDE) // 2, (SIDE + FIT_SIDE) // 2)
    assert abs(left + right - SIDE) <= 1


@pytest.mark.parametrize(
    "strokes, message",
    [
        ([], "The pad is empty. Draw one character."),
        ([[]], "The pad is empty"),
        ([[[5, 5], [6, 6]]], "outside the pad"),
        ([[[0.5, float("nan")]]], "finite"),
        ([[[0, 0]] * (MAX_POINTS + 1)], "points"),
        ([[["a", 0]]], "numbers"),
        ([[[0.5]]], "point"),
        ("abc", "strokes"),
        (None, "strokes"),
    ],
)
@pytest.mark.parametrize("fit", [False, True])
def test_no_drawing_is_refused(strokes: object, message: str, fit: bool) -> None:
    if fit and "outside" in message:
        return
    with pytest.raises(GlyphError, match=message) as caught:
        from_drawing(strokes, fit=fit)  # type: ignore[arg-type]
    assert isinstance(caught.value, FontdemoError)


@settings(max_examples=40, deadline=None)
@given(st.integers(8, 300), st.integers(8, 300), st.integers(0, 40), st.integers(0, 40), st.sampled_from([0, 255]))
def test_a_crop_is_scaled_to_the_box_and_centred(width: int, height: int, x: int, y: int, paper: int) -> None:
    # A bar has no shape to get wrong: its box tells scale, aspect and place.
    values = np.full((height + y + 60, width + x + 60), paper, np.uint8)
    values[y + 20 : y + 20 + height, x + 20 : x + 20 + width] = 255 - paper
    if width * height > 0.45 * values.size:
        return  # So large a bar may be taken for the paper.
    glyph = from_picture(Image.fromarray(values))
    check(glyph)
    left, top, right, bottom = box(glyph.image)
    scale = FIT_SIDE / max(width, height)
    if min(width, height) * scale >= 2:  # Thinner than that, half-covered pixels hide its edges.
        slack = max(1.5, scale / 4)
        assert abs(right - left - width * scale) <= slack and abs(bottom - top - height * scale) <= slack
        assert abs(left + right - SIDE) <= 1 and abs(top + bottom - SIDE) <= 1


def test_the_steps_of_a_picture_tell_what_was_done() -> None:
    glyph = from_picture(picture("g", paper=40, ink=220, height=200, margin=50).convert("RGB"))
    check(glyph)
    names = ["as received", "grey", "ink and paper decided", "cropped", "placed"]
    assert glyph.source == "picture" and [step.name for step in glyph.steps] == names
    received, grey, ink, cropped, placed = glyph.steps
    assert received.picture.mode == "RGB" and received.picture.size == grey.picture.size == ink.picture.size
    assert f"{received.picture.width} by {received.picture.height} pixels" in received.sentence
    assert "lighter side is the ink" in ink.sentence
    # The letter was drawn with a margin of 50; a pixel that is hardly covered may lie outside the ink.
    margins = np.subtract(received.picture.size, cropped.picture.size)
    assert ((margins >= 100) & (margins <= 102)).all()
    # For show ink is dark and paper light, whichever way round it came.
    assert np.asarray(ink.picture)[0, 0] == 255 and np.asarray(ink.picture).min() == 0
    assert placed.picture.size == (SIDE, SIDE)
