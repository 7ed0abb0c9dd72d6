"""What strangers send to be learned ends in drawings, or in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import from_drawing
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.gate.events import IncompleteEventError
from train.teach.lesson import MOST
from train.ui.teach import given

T = [[[0.2, 0.18], [0.8, 0.18]], [[0.5, 0.18], [0.5, 0.84]]]


def test_drawings_are_drawn_as_the_pads_are() -> None:
    found = given.drawings(json.dumps([{"label": "T", "strokes": T}, {"label": "c", "strokes": T[:1], "more": 1}]))
    assert [one.label for one in found] == ["T", "c"]
    np.testing.assert_array_equal(found[0].image, from_drawing(T).image)
    assert found[1].image.dtype == np.float32 and found[1].image.shape == (100, 100)


@pytest.mark.parametrize(
    "sent",
    [None, 7, True, [], {}, {"path": "/etc/passwd"}, b"[]", "", "x", "{}", "7", "null", '"T"', "[" * 100_000, "[1]",
     "[[]]", "[{}]", '[{"label": "T"}]', '[{"strokes": []}]', "NaN"],
)  # fmt: skip
def test_what_no_page_sends_is_refused(sent: Any) -> None:
    with pytest.raises(IncompleteEventError):
        given.drawings(sent)


@pytest.mark.parametrize(
    "label", ["", "TT", "é", " ", "\u0000", "あ", "T\u0301", "\ud83d", 7, None, ["T"], {"T": 1}, True, "T" * 1000]
)
def test_a_label_is_one_character_that_networks_know(label: Any) -> None:
    with pytest.raises(given.HandError, match="Drawing 2 has no label"):
        given.drawings(json.dumps([{"label": "T", "strokes": T}, {"label": label, "strokes": T}]))


@pytest.mark.parametrize(
    "strokes",
    [None, [], [[]], "x", 7, {"0": 1}, [[0.5, 0.5]], [[[0.5]]], [[[0.5, 0.5, 0.5]]], [[["0.5", "0.5"]]],
     [[[None, None]]], [[[True, False]]], [[[float("inf"), 0.5]]], [[[float("nan"), 0.5]]], [[[1e400, 0.5]]],
     [[[10**400, 0.5]]], [[[7.0, 7.0]]], [[[0.5, 0.5]]] * 501, [[[0.5, 0.5]] * 10_001], [[[[0.5, 0.5]]]]],
    ids=lambda strokes: repr(strokes)[:20],
)  # fmt: skip
def test_strokes_of_a_wrong_shape_are_refused(strokes: Any) -> None:
    with pytest.raises(given.HandError, match="Drawing 1, of T, can't be learned"):
        given.drawings(json.dumps([{"label": "T", "strokes": strokes}]))


def test_numbers_and_lengths_are_limited() -> None:
    many = [{"label": "T", "strokes": [[[0.5, 0.5]]]}]
    with pytest.raises(given.HandError, match="nothing to learn"):
        given.drawings("[]")
    with pytest.raises(given.HandError, match=f"At most {MOST} drawings"):
        given.drawings(json.dumps(many * (MOST + 1)))
    with pytest.raises(FontdemoError, match="too many lines|At most"):
        given.drawings(json.dumps(many * 10_000))
    with pytest.raises(given.HandError, match="too many lines"):
        given.drawings(" " * 500_001)
    assert len(given.drawings(json.dumps(many * MOST))) == MOST


def test_ones_own_networks_are_named_after_the_pages(tmp_path: Path) -> None:
    pretrained.save(Network(), tmp_path / "report-cnn", "")
    readers = NetworkStore(lambda: {"report-cnn": tmp_path / "report-cnn", "mine": tmp_path / "report-cnn"})
    assert given.own_networks(readers, "[]") == []
    assert given.own_networks(readers, '["report-cnn", "../x", "none"]') == [
        ("The report's CNN, your hand", "hand:report-cnn")
    ]
    for wrong in (None, 7, "x", "{}", "[1]", "[[]]", "[" * 5000, json.dumps(["mine"] * 9)):
        with pytest.raises(IncompleteEventError):
            given.own_networks(readers, wrong)
    # The server reads with the network that such a one goes on from, and no other name gets through by it.
    assert readers.weights("hand:report-cnn") == readers.weights("report-cnn")
    for name in ("hand:", "hand:none", "hand:hand:report-cnn", "hand:../report-cnn"):
        with pytest.raises(FontdemoError):
            readers.weights(name)
