"""Every network that ships has a title and a line about it, each of its own."""

from __future__ import annotations

from fontdemo.network.pretrained import shipped
from fontdemo.ui.network.names import ABOUT, TITLES


def test_every_network_that_ships_has_words() -> None:
    for words in (TITLES, ABOUT):
        assert set(shipped()) <= set(words) and len(set(words.values())) == len(words)
        assert all(text and text == text.strip() for text in words.values())
