"""Two networks side by side in the Read tab."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.read.test_read import A, draw
from tests.browser.test_network import choose


def compare_with(page: Page, name: str) -> None:
    part = page.get_by_role("button", name="Compare with another network")
    if "open" not in (part.get_attribute("class") or "").split():
        part.click()
    # In the middle of the screen: Gradio's list opens downwards, and below the screen nobody reaches it.
    page.locator("#compare-with").evaluate("(e) => e.scrollIntoView({ block: 'center' })")
    choose(page, name, "#compare-with")


def test_a_second_network_reads_the_same_drawing(page: Page) -> None:
    page.locator("#pad [data-do=clear]").click()  # before the example letter has drawn itself
    choose(page, "report-cnn")
    compare_with(page, "report-crnn")
    cards, other = page.locator("#compare"), page.locator("#stages-other")
    expect(cards).to_contain_text("Draw a character, and both networks read it.")
    draw(page, A)
    expect(cards.locator(".bars li")).to_have_count(10)
    expect(cards.locator(".answer-glyph").nth(1)).not_to_have_text("")
    for text in ("702,948", "1,052,420", "ms"):
        expect(cards).to_contain_text(text)
    # The cards' first answer is that of the chosen network, and the second one's stages stand below them.
    first = page.locator("#live-answer .answer-glyph").inner_text()
    expect(cards.locator(".answer-glyph").first).to_have_text(first)
    expect(other.locator(".stage h3").nth(5)).to_contain_text("GRU")
    # A map of the second network opens large.
    other.locator(".sheet[data-stage=conv2]").click()
    expect(page.locator(".map-viewer h3")).to_contain_text("Conv2, map")
    page.keyboard.press("Escape")
    expect(page.locator(".map-viewer")).to_be_hidden()
    compare_with(page, "nothing")
    expect(other).to_be_hidden()
    expect(cards).to_have_text("")


def test_on_a_phone_they_stand_one_below_the_other(open_page: Callable[..., Page]) -> None:
    page = open_page(width=390, theme="dark")
    choose(page, "report-cnn")
    page.get_by_label("Drawing of capital A").click()
    compare_with(page, "report-crnn")
    expect(page.locator("#stages-other .compare-name")).to_be_visible()
    expect(page.locator("#compare .bars li")).to_have_count(10)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
