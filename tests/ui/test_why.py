"""Why an answer is what it is, and the closest typefaces, in a real browser: for an example and for a font's glyphs."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.letters import FONTS


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


def test_a_fonts_glyphs_are_read_and_one_is_put_through(page: Page, tmp_path: Path) -> None:
    page.get_by_role("tab", name="Font").click()
    upload = page.locator("#font-file input[type=file]")
    (tmp_path / "broken.ttf").write_bytes(b"\0\1\0\0" + bytes(50))
    upload.set_input_files(tmp_path / "broken.ttf")
    expect(page.locator("#font-sheet [role=alert]")).to_contain_text("damaged")
    page.locator("#font-file").get_by_label("Clear").or_(page.locator("#font-file button[title=Clear]")).first.click()
    expect(page.locator("#font-sheet")).to_contain_text("Give a font")
    upload.set_input_files(FONTS / "DejaVuSerif.ttf")
    expect(page.locator(".font-sheet h2")).to_have_text("DejaVu Serif Book")
    expect(page.locator(".font-tiles button")).to_have_count(2 * 62)
    expect(page.locator(".font-layout p").first).to_contain_text("read rightly")
    page.locator(".font-layout").nth(1).locator("[data-place='27']").click()
    expect(page.locator(".font-choice h2").first).to_contain_text("R, ")
    expect(page.locator(".font-choice .why-figures img")).to_have_count(3)
    page.get_by_role("button", name="Put it through the Read tab").click()
    expect(page.locator("#saw figcaption")).to_contain_text("cut to its ink")
    expect(page.locator("#answer .bar-share").first).to_contain_text("%")
