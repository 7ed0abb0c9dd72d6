"""train.handwriting.traced: letters drawn after faces that come with matplotlib."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pytest

from fontdemo.errors import FontdemoError
from fontdemo.glyph.layout import FIT_SIDE
from train.fonts.face import Face
from train.fonts.render import render
from train.handwriting.traced import draw_faces


def face(name: str, category: str = "Sans Serif") -> Face:
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"
    return Face(path, 0, (), name, "Regular", name.lower(), category)


def test_drawings_follow_their_seed_and_their_face_not_its_place() -> None:
    one, two = face("DejaVuSans"), face("DejaVuSansMono", "Monospace")
    first = draw_faces([one, two], "AH", "course", 3, workers=1)
    again = draw_faces([two, one], "AH", "course", 3, workers=1)
    other = draw_faces([one], "AH", "course", 4, workers=1)
    assert first[0] is not None and again[1] is not None and other[0] is not None
    assert first[0].shape == (2, 100, 100) and first[0].dtype == np.uint8
    assert np.array_equal(first[0], again[1])
    assert not np.array_equal(first[0], other[0])


def test_layout_fit_fills_the_box() -> None:
    (glyphs,) = draw_faces([face("DejaVuSans")], "AHXT", "fit", 0, workers=1)
    assert glyphs is not None
    for glyph in glyphs:
        rows, columns = np.nonzero(glyph > 127)
        assert abs(max(np.ptp(rows), np.ptp(columns)) + 1 - FIT_SIDE) <= 2
        assert abs(rows.min() + rows.max() - 99) <= 3 and abs(columns.min() + columns.max() - 99) <= 3


def test_a_drawn_letter_lies_along_the_printed_one_and_has_the_width_of_a_pen() -> None:
    """Over many seeds the bends even out: what is drawn lies about the printed strokes, but is not them."""
    printed = render([face("DejaVuSans")], "H", "course", workers=1)[0, 0] > 127
    fractions = []
    for seed in range(12):
        (glyphs,) = draw_faces([face("DejaVuSans")], "H", "course", seed, workers=1)
        assert glyphs is not None
        ink = glyphs[0] > 127
        fractions.append((ink & printed).sum() / ink.sum())
    assert 0.3 < np.mean(fractions) < 0.9


def test_a_face_with_strokes_too_heavy_for_a_pen_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("train.handwriting.traced._HEAVIEST", 13.0)
    bold, light = face("DejaVuSans-Bold"), face("DejaVuSans")
    assert [glyphs is None for glyphs in draw_faces([bold, light], "HIL", "course", 0, workers=1)] == [True, False]
    with pytest.raises(FontdemoError, match="thin enough"):
        draw_faces([bold], "HIL", "course", 0, workers=1)
