"""The Network tab as HTML."""

from __future__ import annotations

import pytest

from fontdemo.network.report_claims import CLAIMS
from fontdemo.network.what_if import design
from fontdemo.ui.network import view
from tests.support.outline import Outline


def test_the_bars_add_up_on_the_limits_scale() -> None:
    for claim in CLAIMS:
        found = design(claim.changes, "course52")
        widths = [
            float(attributes["style"].removeprefix("width:").removesuffix("%"))  # type: ignore[union-attr]
            for tag, attributes in Outline(view.verdict(found, "")).tags
            if tag == "i"
        ]
        assert sum(widths) == pytest.approx(100 * min(1, found.total / 1_200_000), abs=0.05)
