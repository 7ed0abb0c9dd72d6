"""What lies open over the Read page, Save's menu and the pad's keys: it closes at Escape and at a click elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import draw
from tests.browser.read.test_read import A, ink


@pytest.mark.parametrize("over", [".strip-save", ".pad-help"])
def test_what_lies_open_over_the_page_closes(page: Page, over: str) -> None:
    draw(page, A[:1])
    menu = page.locator(over)
    menu.locator("summary").click()
    expect(menu).to_have_attribute("open", "")
    page.locator("#pad canvas").focus()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    assert ink(page) > 0, "Escape at the pad clears it only when nothing lies over the page"
    menu.locator("summary").click()
    page.locator(".page-head h1").click()
    expect(menu).not_to_have_attribute("open", "")
