"""Why an answer is what it is, and the closest typefaces, in a real browser: for an example and for a font's glyphs."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.letters import FONTS


def read_with(page: Page, network: str) -> None:
    """Choose a network, unless it is chosen."""
    chooser = page.get_by_label("Network")
    if chooser.input_value() != network:
        chooser.click()
        page.get_by_role("option", name=network).click()


def test_an_example_has_closest_typefaces_and_reasons(page: Page) -> None:
    read_with(page, "report-cnn")  # which ships with its index
    expect(page.locator(".closest-row li")).to_have_count(5)
    before = page.locator("#closest").bounding_box()
    page.locator(".chip").nth(4).click()
    expect(page.locator(".closest-picture img")).to_have_count(5)
    expect(page.locator(".closest > p")).to_contain_text("Your R is closest to")
    after = page.locator("#closest").bounding_box()
    assert before and after and abs(before["height"] - after["height"]) < 2
    page.get_by_role("button", name="Why this answer?").click()
    expect(page.locator(".why-figures figcaption").first).to_contain_text("For R")
    expect(page.locator(".why-figures img")).to_have_count(3)
    page.locator(".chip").nth(5).click()  # while it is open it follows what is read
    expect(page.locator(".why-figures figcaption").first).to_contain_text("For 7")


def test_a_cell_of_a_map_shows_what_it_sees_of_the_input(page: Page) -> None:
    read_with(page, "report-cnn")
    page.locator(".chip").nth(4).click()
    page.locator(".sheet[data-stage=conv2]").click(position={"x": 20, "y": 20})
    viewer = page.locator(".map-viewer")
    caption = viewer.locator("figcaption")
    expect(caption).to_contain_text("Point at a cell")
    before = viewer.bounding_box()
    box = viewer.locator(".map-large canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 10.5 / 24, box["y"] + box["height"] * 4.5 / 24)
    # By hand: 28 pixels from -10 + 4 x 4 and from -10 + 4 x 10 on.
    expect(caption).to_have_text("Row 5, column 11 sees 28 by 28 pixels of the input.")
    pixels = """([x, y]) => [...document.querySelector('.map-field canvas').getContext('2d')
      .getImageData(x, y, 1, 1).data].slice(0, 3)"""
    assert page.evaluate(pixels, [90, 40]) in ([0, 0, 0], [255, 255, 255])  # ink or paper within, grey without
    assert page.evaluate(pixels, [10, 190]) not in ([0, 0, 0], [255, 255, 255])
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    expect(caption).to_have_text("Row 1, column 1 sees 18 by 18 pixels of the input.")
    after = viewer.bounding_box()
    assert before and after and before["height"] == after["height"]


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
    page.locator(".font-layout").nth(1).locator("[data-place='27']").click()
    expect(page.locator(".font-choice h2").first).to_contain_text("R, ")
    expect(page.locator(".font-choice .why-figures img")).to_have_count(3)
    page.get_by_role("button", name="Open in the Read tab").click()
    expect(page.locator("#saw figcaption")).to_contain_text("cut to its ink")
    expect(page.locator("#answer .bar-share").first).to_contain_text("%")
