"""The Read page on a phone: nothing covers another, what is tapped is large enough, and About has its text."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import draw
from tests.browser.read.test_read import A


def test_a_phone_shows_all_and_fingers_hit_it(open_page: Callable[..., Page]) -> None:
    page = open_page(width=390)
    draw(page, A)
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read")
    # All in the head and the pad's bar is beside each other, none over another; and what is tapped is 24 pixels high.
    for parts in ((".page-head .about-open", "#network input"), ("[data-do=clear]", ".pad-help")):
        boxes = [page.locator(part).bounding_box() for part in parts]
        for left, right in zip(boxes, boxes[1:], strict=False):
            assert left and right and left["x"] + left["width"] <= right["x"] and right["x"] + right["width"] <= 390
            assert abs(left["y"] + left["height"] / 2 - right["y"] - right["height"] / 2) < 4
    bars = "all => all.map((button) => button.getBoundingClientRect()).map(({ y, height }) => [y, height])"
    places = page.locator("#live-result .bars button:visible").evaluate_all(bars)
    assert all(height >= 24 for _, height in places)
    assert all(low - high >= 24 for (high, _), (low, _) in zip(places, places[1:], strict=False))
    page.locator(".about-open").tap()
    text = page.locator(".about p").first
    assert text.evaluate("(p) => [parseFloat(getComputedStyle(p).fontSize), p.scrollWidth - p.clientWidth]") == [14, 0]
