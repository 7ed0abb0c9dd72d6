"""Two networks compared on the Read tab: what is shown of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fontdemo.glyph.glyph import Glyph, from_drawing
from fontdemo.ui.context import NetworkStore, UnknownNetworkError
from fontdemo.ui.read.compare import compared
from fontdemo.ui.read.tab import read_drawing
from tests.support.letters import STROKES
from tests.support.outline import Outline
from tests.support.untrained import save_untrained


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return save_untrained(tmp_path_factory.mktemp("weights"), seed=1)


@pytest.fixture(scope="module")
def networks(folders: dict[str, Path]) -> NetworkStore:
    return NetworkStore(lambda: folders)


@pytest.fixture(scope="module")
def glyph() -> Glyph:
    return from_drawing(STROKES)


def test_cards_and_the_second_way(networks: NetworkStore, glyph: Glyph) -> None:
    cards, shown = compared(networks, glyph, "report-cnn", "report-crnn")
    text = Outline(cards).text
    assert "702,948" in text and "1,052,420" in text and text.count(" ms") == 2
    assert cards.count("<li>") == 2 * 5
    assert "Conv1 → Pool1 → Conv2 → Pool2 → GRU → FC" in text
    assert "32×4×4 → 1×512 → 256" in Outline(shown).text and "report&#39;s CRNN" in shown


def test_what_both_find_is_said(folders: dict[str, Path], glyph: Glyph) -> None:
    twins = {"one": folders["report-cnn"], "two": folders["report-cnn"], "other": folders["report-crnn"]}
    networks = NetworkStore(lambda: twins)
    titles = {}
    for name in twins:
        reader = networks.get(name).reader
        titles[name] = reader.alphabet.title(reader.read(glyph).label)
    assert f"Both networks find {titles['one']} the likeliest." in compared(networks, glyph, "one", "two")[0]
    assert titles["one"] != titles["other"]
    words = f"They disagree: {titles['one']} for one, {titles['other']} for other."
    assert words in compared(networks, glyph, "one", "other")[0]


def test_nothing_and_the_same_network_are_not_compared(networks: NetworkStore, glyph: Glyph) -> None:
    assert compared(networks, glyph, "report-cnn", "") == ("", "")
    cards, shown = compared(networks, glyph, "report-cnn", "report-cnn")
    assert "compare it with another" in cards and shown == ""
    with pytest.raises(UnknownNetworkError):
        compared(networks, glyph, "report-cnn", "../report-crnn")


def test_before_anything_is_drawn_both_networks_are_shown(networks: NetworkStore) -> None:
    glyph = read_drawing(networks, json.dumps([]), "report-cnn", "")[0]
    cards, shown = compared(networks, glyph, "report-cnn", "report-crnn")
    assert "Draw a character" in Outline(cards).text and " ms" not in cards
    assert "values from" not in shown
