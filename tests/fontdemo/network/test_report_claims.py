"""fontdemo.network.report_claims against arithmetic and the report's own words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fontdemo.network.architectures import PARAMETER_LIMIT
from fontdemo.network.report_claims import CLAIMS, around_the_limit, claim_of
from tests.fontdemo.network.test_what_if import BY_TITLE
from tests.support import reporttables


def test_the_claims_quote_the_report() -> None:
    quotes = [reporttables.plain(line) for line in reporttables.quoted("claims")]
    for claim in CLAIMS[:-1]:
        assert claim.says.strip("“”") in quotes
    assert re.search(r"kernel_size=(\d+)", quotes[-1])[1] == str(CLAIMS[-1].settings["kernels"][0])  # type: ignore[index]


def by_hand(channels: list[int], kernels: list[int], paddings: list[int], widths: list[int]) -> int:
    """Parameters of a network of the report's strides, counted with plain arithmetic."""
    total, size, inputs = 0, 100, 1
    for maps, kernel, stride, padding in zip(channels, kernels, (2, 1, 1), paddings, strict=True):
        total += (kernel * kernel * inputs + 1) * maps + 2 * maps
        size, inputs = ((size + 2 * padding - kernel) // stride + 1) // 2, maps
    inputs *= size * size
    for width in (*widths, 52):
        total, inputs = total + (inputs + 1) * width, width
    return total


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.title)
def test_each_claim_is_what_arithmetic_says(claim: Any) -> None:
    s = claim.settings
    found = BY_TITLE[claim.title]
    assert found.total == by_hand(s["channels"], s["kernels"], s["paddings"], s["widths"])
    assert found.fits == (found.total <= PARAMETER_LIMIT)
    assert claim_of(s) is claim


def test_where_the_report_is_right_about_the_limit_and_where_not() -> None:
    assert {title for title, found in BY_TITLE.items() if not found.fits} == {
        "Maps of 9×9", "Twice the maps", "Twice FC1",
    }  # fmt: skip
    fitting, larger = around_the_limit("course52")
    assert fitting == BY_TITLE["Maps of 8×8"] and larger == BY_TITLE["Maps of 9×9"]
