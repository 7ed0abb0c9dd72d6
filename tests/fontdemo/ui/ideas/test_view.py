"""The Ideas tab without a browser: the pictures, the frames of the instruments, and what the tab's handlers answer."""

from __future__ import annotations

import json
import re

import numpy as np

from fontdemo.glyph.glyph import from_drawing
from fontdemo.network.stages import ACTIVATIONS
from fontdemo.ui.ideas import view
from tests.support.letters import STROKES
from tests.support.outline import Outline


def test_a_drawing_is_averaged_over_each_cell() -> None:
    image = np.random.default_rng(0).random((96, 96), dtype=np.float32)
    means = image.reshape(16, 6, 16, 6).mean(axis=(1, 3))
    small = np.array(view.shrunk(image, 16, 16))
    assert np.abs(small - means).max() <= 0.051 and np.allclose(small * 10, np.round(small * 10))
    assert view.drawn_picture(None) == ""
    assert np.shape(json.loads(view.drawn_picture(from_drawing(STROKES).image))) == view.DRAWING


def test_the_example_is_of_the_reports_size_and_holds_ink_within_a_rim_of_paper() -> None:
    picture = np.array(view.example_picture())
    assert picture.shape == (17, 8) and picture.min() == 0 and picture.max() == 1
    assert picture[0].max() == picture[-1].max() == 0 and picture[:, 1].max() > 0.3 and picture[:, -2].max() > 0.3


def outline(frame: str) -> Outline:
    """Tags and text, without the fields, which need no end."""
    return Outline(re.sub("<input[^>]*>", "", frame))


def test_the_frames_close_their_tags_and_carry_the_settings() -> None:
    for frame in (view.convolution(), view.softmax(), view.activations()):
        outline(frame)
        # Gradio renders a frame by Handlebars, then as a template literal of JavaScript.
        assert not any(mark in frame for mark in ("{{", "${", "`", "\\"))
    kernels = [
        json.loads(attributes["data-kernel"] or "")
        for _, attributes in outline(view.convolution()).tags
        if "data-kernel" in attributes
    ]
    assert kernels == [[list(row) for row in kernel] for kernel in view.KERNELS.values()]
    assert set(view.ACTIVATIONS) == set(ACTIVATIONS)
