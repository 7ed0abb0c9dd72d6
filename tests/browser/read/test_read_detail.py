"""The cell's panel, the tour, what if it were: on the real page, with its grid, its address and its Ideas tab."""

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


@pytest.mark.parametrize(
    ("value", "written"),
    [(10.02, "10.0"), (-20.04, "−20.0"), (0.5, ".50"), (-0.25, "−.25"), (9.999, "10.00"), (1.05, "1.05"),
     (100.4, "100"), (0.001, "0")],
)  # fmt: skip
def test_a_small_cells_number_keeps_its_digits(page: Page, value: float, written: str) -> None:
    script = "new URL('numbers.js', document.querySelector(\"link[href$='/read/session.js']\").href).href"
    assert page.evaluate(f"async (value) => (await import({script})).short(value)", value) == written


def test_the_panel_speaks_of_the_map_that_is_large(open_page: Callable[..., Page]) -> None:
    """Until one is chosen: while a drawing grows, and when the pad has been cleared, other maps may be stronger."""
    page = open_page(link="#n=best52&s=conv1&ok")
    same = """() => document.querySelector('#cell-panel h3').textContent
      .startsWith(`${document.querySelector('.one-map h3').textContent},`)"""
    draw(page, A)
    read(page, 2)
    page.wait_for_function(same)
    page.evaluate("""() => new Promise((done) => {
      document.querySelector('#cell-panel').scrollIntoView();
      document.addEventListener('cellshown', done, { once: true });
      document.querySelector('[data-do=clear]').click();
    })""")
    assert page.evaluate(same)


def test_escape_ends_the_tour_wherever_the_focus_is(page: Page) -> None:
    card = page.locator(".tour-card")
    page.get_by_label("Drawing of capital A").click()
    page.locator("#strip-tour").click()
    expect(card.locator("h3")).to_have_text("Your A as numbers")
    page.locator("#strip-scale").focus()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


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


def test_what_if_it_were_shows_on_the_pad_what_is_read(page: Page) -> None:
    """Of an empty pad it is nothing; of a drawing the pad shows what the network gets instead, and then the drawing."""
    thicker = page.locator("#live-what-if").get_by_role("button", name="thicker")
    ghost = page.locator("#pad .pad-ghost")
    draw(page, A[:1])
    page.locator("[data-do=clear]").click()
    expect(thicker).to_be_disabled()
    draw(page, A)
    read(page, 2)
    seen = f"{SESSION}.reading.image.filter((ink) => ink > 0.5).length"
    plain = page.evaluate(f"async () => {seen}")
    thicker.click()
    page.wait_for_function(f"async (plain) => {seen} > plain", arg=plain)
    expect(ghost).to_be_visible()
    inked = """async () => {
      const shown = document.querySelector('#pad .pad-ghost');
      await shown.decode();
      const pen = Object.assign(document.createElement('canvas'), { width: 100, height: 100 }).getContext('2d');
      pen.drawImage(shown, 0, 0);
      return pen.getImageData(0, 0, 100, 100).data.filter((alpha, i) => i % 4 === 3 && alpha > 75).length;
    }"""
    assert page.evaluate(inked) == pytest.approx(page.evaluate(f"async () => {seen}"), rel=0.02)
    thicker.click()
    expect(ghost).to_be_hidden()
