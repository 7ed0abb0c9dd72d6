"""The cell's panel and the tour where they stand: on the real page, with its grid, its address and its Ideas tab."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SESSION, draw
from tests.browser.read.test_read import A, read


def test_pointing_keys_and_the_way_to_ideas(open_page: Callable[..., Page]) -> None:
    page = open_page(link="#n=report-cnn&s=conv2&m=3&ok")
    draw(page, A)
    read(page, 2)
    heading, canvas = page.locator("#cell-panel h3"), page.locator(".one-map canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    cell = box["width"] / 24
    page.mouse.click(box["x"] + 12.5 * cell, box["y"] + 10.5 * cell)
    expect(heading).to_have_text("Conv2, map 4, row 11, column 13")
    page.mouse.move(box["x"] + 5.5 * cell, box["y"] + 7.5 * cell)
    expect(heading).to_have_text("Conv2, map 4, row 8, column 6")
    page.mouse.move(0, 0)
    expect(heading).to_have_text("Conv2, map 4, row 11, column 13")
    canvas.focus()
    page.keyboard.press("ArrowRight")
    expect(heading).to_have_text("Conv2, map 4, row 11, column 14")
    value = page.evaluate(f"async () => {SESSION}.output('conv2').values[(3 * 24 + 10) * 24 + 13]")
    shown = float(page.locator(".cell-value").inner_text().replace("−", "-"))
    assert shown == pytest.approx(value, rel=1e-6)
    page.get_by_role("button", name="Play with this in Ideas").click()
    expect(page.locator('.conv-lab [data-part="note"]')).to_contain_text("The kernel is the one that Conv2 lays on it")
    expect(page.locator('.conv-lab [data-set="picture"]')).to_be_focused()


def test_a_link_opens_a_step_of_the_tour(open_page: Callable[..., Page]) -> None:
    page = open_page(link="#n=report-cnn&ok")
    draw(page, A)
    read(page, 2)
    page.get_by_role("button", name="Take the tour").click()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("location.hash.includes('u=2')")
    page.goto(page.url.replace("#", "&again#"))
    expect(page.locator(".tour-card h3")).to_have_text("What Conv1 did to your A")
    expect(page.locator(".tour-count")).to_have_text("2 of 8")
    expect(page.locator("#cell-panel h3")).to_contain_text("Conv1, map ")
