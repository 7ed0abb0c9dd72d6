"""/card: a network's model card, its own and no other file."""

from __future__ import annotations

from fontdemo.ui.api.card import make_card
from fontdemo.ui.context import NetworkStore
from tests.fontdemo.ui.api.refused import refused


def test_the_card_is_the_networks_own(networks: NetworkStore) -> None:
    card = make_card(networks)
    assert card() == card("report-cnn") == "# The card of report-cnn\n"
    assert card("report-crnn") == "# The card of report-crnn\n"
    for name in ("../report-cnn", "", 7):
        assert "no such network" in refused(card, name)
