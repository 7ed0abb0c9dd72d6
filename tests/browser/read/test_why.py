"""Why an answer is what it is, and the closest typefaces, in a real browser: for an example and for a font's glyphs."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from fontdemo.ui.network.names import TITLES
from tests.browser.test_network import choose
from tests.support.letters import FONTS


def read_with(page: Page, network: str) -> None:
    """Choose a network, unless it is chosen."""
    if page.locator("#network input").input_value() != TITLES[network]:
        choose(page, network)


def test_an_example_has_closest_typefaces_and_reasons(page: Page) -> None:
    read_with(page, "report-cnn")  # which ships with its index
    page.locator(".chip").nth(4).click()
    expect(page.locator("#strip-note")).to_contain_text("A picture, read")
    page.get_by_role("button", name="Closest typefaces").click()
    expect(page.locator(".closest-picture img")).to_have_count(5)
    expect(page.locator(".closest > p")).to_contain_text("Your R is closest to")
    page.get_by_role("button", name="Why this answer?").click()
    expect(page.locator(".why-figures figcaption").first).to_contain_text("For R")
    expect(page.locator(".why-figures img")).to_have_count(3)
    page.locator(".chip").nth(5).click()  # while it is open it follows what is read
    expect(page.locator(".why-figures figcaption").first).to_contain_text("For 7")
    page.locator(".chip").nth(1).click()  # a drawing too
    expect(page.locator(".why-figures figcaption").first).to_contain_text("For 4")


def test_a_cell_of_a_map_shows_what_it_sees_of_the_drawing(page: Page) -> None:
    read_with(page, "report-cnn")
    page.locator(".chip").nth(1).click()
    expect(page.locator("#strip-note")).to_contain_text("702,948 parameters. 1 stroke, read")
    page.locator(".strip-column[data-stage=conv2] .strip-name").click()
    field, cell = page.locator(".pad-field"), page.locator(".one-map canvas")
    expect(field).to_be_hidden()
    # By hand: 28 pixels from -10 + 4 x 4 and from -10 + 4 x 10 on; at the corner 18 of them are on the image.
    cell.scroll_into_view_if_needed()
    for column, row, left, top, side in ((10, 4, 30, 6, 28), (0, 0, 0, 0, 18)):
        box = cell.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] * (column + 0.5) / 24, box["y"] + box["height"] * (row + 0.5) / 24)
        expect(page.locator(".one-value")).to_contain_text(f"row {row + 1}, column {column + 1}:")
        expect(field).to_be_visible()
        found = field.evaluate("(e) => [e.style.left, e.style.top, e.style.width, e.style.height].map(parseFloat)")
        assert found == [left, top, side, side]


def test_a_fonts_glyphs_are_read_and_one_is_put_through(page: Page, tmp_path: Path) -> None:
    page.get_by_role("tab", name="Font").click()
    upload = page.locator("#font-file input[type=file]")
    (tmp_path / "broken.ttf").write_bytes(b"\0\1\0\0" + bytes(50))
    upload.set_input_files(tmp_path / "broken.ttf")
    expect(page.locator("#font-sheet [role=alert]")).to_contain_text("damaged")
    page.locator("#font-file").get_by_label("Clear").or_(page.locator("#font-file button[title=Clear]")).first.click()
    expect(page.locator("#font-sheet")).to_contain_text("Upload a font")
    upload.set_input_files(FONTS / "DejaVuSerif.ttf")
    expect(page.locator(".font-sheet h2")).to_have_text("DejaVu Serif Book")
    expect(page.locator(".font-tiles button")).to_have_count(2 * 62)
    expect(page.locator(".font-layout p").first).to_contain_text("read correctly")
    page.locator(".font-layout").nth(1).locator("[data-index='27']").click()
    expect(page.locator(".font-choice h2").first).to_contain_text("R, ")
    expect(page.locator(".font-choice .why-figures img")).to_have_count(3)
    page.get_by_role("button", name="Open in the Read tab").click()
    expect(page.locator("#saw figcaption")).to_contain_text("cropped to its ink")
    expect(page.locator("#live-answer .bar-percent").first).to_contain_text("%")
