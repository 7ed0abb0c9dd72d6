"""The Ideas tab's handlers: what they show, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import pytest
import torch

from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import from_drawing
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.ideas import regularization_view
from fontdemo.ui.ideas.tab import show_dropout, show_normalisation, slider_end
from tests.support.letters import STROKES
from tests.support.outline import Outline


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> NetworkStore:
    folder: Path = tmp_path_factory.mktemp("weights") / "report-cnn"
    torch.manual_seed(0)
    pretrained.save(Network(), folder, "")
    return NetworkStore(lambda: {"report-cnn": folder})


def test_the_handlers_show_what_is_computed(networks: NetworkStore) -> None:
    glyph = from_drawing(STROKES)
    shown = show_normalisation(networks, glyph, "report-cnn", "conv2", 3)
    assert Outline(shown).text.count("Map 3") == 3 and 'data-count="32"' in shown
    for stage, marks in (("fc1", "sheet-strip"), ("pool3", 'data-count="32"')):
        dropped = show_dropout(networks, glyph, "report-cnn", stage, 0.25, 4)
        assert "with p = 0.25" in Outline(dropped).text and marks in dropped
    again = show_dropout(networks, glyph, "report-cnn", "fc1", 0.25, 4)
    assert again == show_dropout(networks, glyph, "report-cnn", "fc1", 0.25, 4)
    assert again != show_dropout(networks, glyph, "report-cnn", "fc1", 0.25, 5)


def test_a_stage_of_one_map_has_its_slider_too(networks: NetworkStore) -> None:
    """Anyone may train such a network, and everyone may choose it."""
    for maps in (0, 1, 2, 32):
        assert gr.Slider(1, slider_end(maps), value=1).maximum == max(2, maps)
    shown = show_normalisation(networks, from_drawing(STROKES), "report-cnn", "conv2", 99)
    assert Outline(shown).text.count("Map 32") == 3  # what lies beyond the last one is the last one


def test_without_a_drawing_the_handlers_say_so(networks: NetworkStore) -> None:
    assert show_normalisation(networks, None, "report-cnn", "conv1", 1) == regularization_view.nothing()
    assert show_dropout(networks, None, "report-cnn", "fc1", 0.5, 0) == regularization_view.nothing()


def test_what_a_stranger_sends_is_refused(networks: NetworkStore) -> None:
    glyph = from_drawing(STROKES)
    with pytest.raises(FontdemoError, match="convolution"):
        show_normalisation(networks, glyph, "report-cnn", "fc1", 1)
    with pytest.raises(FontdemoError, match="no such stage"):
        show_dropout(networks, glyph, "report-cnn", "../fc1", 0.5, 0)
    with pytest.raises(FontdemoError, match="below 1"):
        show_dropout(networks, glyph, "report-cnn", "fc1", 1.0, 0)
