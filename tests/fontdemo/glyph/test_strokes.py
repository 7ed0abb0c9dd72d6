"""The pen against distances computed by hand; what a browser may send, and what it may not."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fontdemo.errors import GlyphError
from fontdemo.glyph.layout import FIT_SIDE, SIDE
from fontdemo.glyph.strokes import MAX_POINTS, MAX_STROKES, MAX_TEXT, PEN, draw, fitted, parse_strokes


def round_pen(strokes: list[list[list[float]]], fine: int = 8) -> NDArray[np.float64]:
    """Ink is what is at most half a pen away from a line: the fraction of each pixel's sample points that are."""
    middles = (np.arange(SIDE * fine) + 0.5) / fine
    x, y = np.meshgrid(middles, middles)
    nearest = np.full(x.shape, np.inf)
    for stroke in strokes:
        points = np.array(stroke if len(stroke) > 1 else stroke * 2) * SIDE
        for (ax, ay), (bx, by) in zip(points[:-1], points[1:], strict=True):
            squared = (bx - ax) ** 2 + (by - ay) ** 2
            along = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / squared, 0, 1) if squared else 0.0
            nearest = np.minimum(nearest, np.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)))
    return (nearest <= PEN / 2).reshape(SIDE, fine, SIDE, fine).mean(axis=(1, 3))


coordinates = st.floats(-0.2, 1.2, allow_nan=False)
points = st.tuples(coordinates, coordinates).map(list)
drawings = st.lists(st.lists(points, min_size=1, max_size=5), min_size=1, max_size=3)


@settings(max_examples=30, deadline=None)
@given(drawings)
def test_the_pen_is_round_and_of_one_width(strokes: list[list[list[float]]]) -> None:
    ink, wanted = draw(strokes), round_pen(strokes)
    assert ink.dtype == np.float32 and ink.shape == (SIDE, SIDE)
    assert np.abs(ink - wanted).max() < 0.5
    edge = ((ink > 0) & (ink < 1)) | ((wanted > 0) & (wanted < 1))  # a cut stroke may be edge for the most part
    assert np.abs(ink - wanted).sum() <= 0.15 * edge.sum() + 2


def test_a_dot_is_a_disc_at_its_place() -> None:
    for dot in ([[[0.3, 0.6]]], [[[0.3, 0.6], [0.3, 0.6]]]):
        ink = draw(dot)
        rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
        assert ink.sum() == pytest.approx(np.pi * (PEN / 2) ** 2, rel=0.02)
        assert (ink * columns).sum() / ink.sum() == pytest.approx(30, abs=0.05)
        assert (ink * rows).sum() / ink.sum() == pytest.approx(60, abs=0.05)


@pytest.mark.parametrize("scale, shift", [(1, 0), (1000, -300), (1e-6, 5), (1e300, 0)])
def test_a_fitted_drawing_fills_the_box_whatever_its_scale(scale: float, shift: float) -> None:
    strokes = [[[scale * x + shift, scale * y + shift] for x, y in [(0, 0), (0.2, 1)]], [[0.1 * scale + shift] * 2]]
    ink = draw(fitted(strokes))
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.5), np.flatnonzero(ink.max(axis=0) > 0.5)
    assert (rows[0], rows[-1] + 1) == ((SIDE - FIT_SIDE) / 2, (SIDE + FIT_SIDE) / 2)
    assert columns[0] + columns[-1] + 1 == pytest.approx(SIDE, abs=1)
    assert np.ptp(columns) + 1 == pytest.approx(0.2 * (FIT_SIDE - PEN) + PEN, abs=1)


def test_a_fitted_dot_is_a_dot_at_the_middle() -> None:
    assert np.array_equal(draw(fitted([[[700, 20]]])), draw([[[0.5, 0.5]]]))


def test_far_points_are_cut_off_and_harm_nothing() -> None:
    ink = draw([[[0.5, 0.5], [1e30, 0.5]], [[-1e30, -1e30]]])
    assert np.array_equal(ink, draw([[[0.5, 0.5], [3, 0.5]]]))


@pytest.mark.parametrize("text", ["", "  ", "null", "[]", "[[]]", "[[], []]"])
def test_nothing_drawn_is_an_empty_drawing(text: str) -> None:
    assert parse_strokes(text) == []


@given(drawings)
def test_what_the_pad_sends_comes_back(strokes: list[list[list[float]]]) -> None:
    assert parse_strokes(json.dumps(strokes)) == strokes


@pytest.mark.parametrize(
    "text",
    [
        "{", "3", '"x"', "true", "{}", '{"a": 1}', '["ab"]', '[["ab"]]', "[1]", "[[1]]", "[[[1]]]", "[[[1, 2, 3]]]",
        '[[["1", 2]]]', "[[[null, 1]]]", "[[[true, 1]]]", "[[[NaN, 1]]]", "[[[1, Infinity]]]", "[[[1e999, 1]]]",
        f"[[[{'9' * 400}, 1]]]", f"[[[{'9' * 5000}, 1]]]", "[" * 100_000, "[[[1, 2]]] x", " " * (MAX_TEXT + 1),
        json.dumps([[[0, 0]]] * (MAX_STROKES + 1)), json.dumps([[[0, 0]] * (MAX_POINTS + 1)]),
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_anything_else_is_refused_in_plain_words(text: str) -> None:
    with pytest.raises(GlyphError, match=r"^[A-Z].*\.$"):
        parse_strokes(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=15,
)


@given(json_values)
def test_hostile_json_is_read_as_a_drawing_or_refused(value: Any) -> None:
    try:
        strokes = parse_strokes(json.dumps(value))
    except GlyphError:
        return
    assert all(len(point) == 2 and np.isfinite(point).all() for stroke in strokes for point in stroke)
