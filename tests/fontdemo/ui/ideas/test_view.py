"""The Ideas tab without a browser: the pictures, the frames of the instruments, and what the tab's handlers answer."""

from __future__ import annotations

import json
import re
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch

from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import from_drawing
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.network.stages import ACTIVATIONS
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.ideas import regularization_view, view
from fontdemo.ui.ideas.tab import show_dropout, show_normalisation, slider_end
from tests.fontdemo.ui.test_page import STROKES, Outline


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


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> NetworkStore:
    folder: Path = tmp_path_factory.mktemp("weights") / "report-cnn"
    torch.manual_seed(0)
    pretrained.save(Network(), folder, "")
    return NetworkStore(lambda: {"report-cnn": folder})


def test_the_handlers_show_what_is_computed(readers: NetworkStore) -> None:
    glyph = from_drawing(STROKES)
    shown = show_normalisation(readers, glyph, "report-cnn", "conv2", 3)
    assert Outline(shown).text.count("Map 3") == 3 and 'data-count="32"' in shown
    for stage, marks in (("fc1", "sheet-strip"), ("pool3", 'data-count="32"')):
        dropped = show_dropout(readers, glyph, "report-cnn", stage, 0.25, 4)
        assert "with p = 0.25" in Outline(dropped).text and marks in dropped
    again = show_dropout(readers, glyph, "report-cnn", "fc1", 0.25, 4)
    assert again == show_dropout(readers, glyph, "report-cnn", "fc1", 0.25, 4)
    assert again != show_dropout(readers, glyph, "report-cnn", "fc1", 0.25, 5)


def test_a_stage_of_one_map_has_its_slider_too(readers: NetworkStore) -> None:
    """Anyone may train such a network, and everyone may choose it."""
    for maps in (0, 1, 2, 32):
        assert gr.Slider(1, slider_end(maps), value=1).maximum == max(2, maps)
    shown = show_normalisation(readers, from_drawing(STROKES), "report-cnn", "conv2", 99)
    assert Outline(shown).text.count("Map 32") == 3  # what lies beyond the last one is the last one


def test_without_a_drawing_the_handlers_say_so(readers: NetworkStore) -> None:
    assert show_normalisation(readers, None, "report-cnn", "conv1", 1) == regularization_view.NOTHING
    assert show_dropout(readers, None, "report-cnn", "fc1", 0.5, 0) == regularization_view.NOTHING


def test_what_a_stranger_sends_is_refused(readers: NetworkStore) -> None:
    glyph = from_drawing(STROKES)
    with pytest.raises(FontdemoError, match="convolution"):
        show_normalisation(readers, glyph, "report-cnn", "fc1", 1)
    with pytest.raises(FontdemoError, match="no such stage"):
        show_dropout(readers, glyph, "report-cnn", "../fc1", 0.5, 0)
    with pytest.raises(FontdemoError, match="below 1"):
        show_dropout(readers, glyph, "report-cnn", "fc1", 1.0, 0)
