"""A picture of a word on the page: its characters in a row, one of them chosen."""

from __future__ import annotations

from pathlib import Path

from PIL import ImageFont
from playwright.sync_api import Page, expect

from tests.support.letters import FONTS
from tests.support.words import word_picture


def test_a_click_chooses_which_character_of_a_word_is_shown(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "word.png"
    word_picture("Bike", ImageFont.truetype(str(FONTS / "DejaVuSans.ttf"), 80)).save(file)
    expect(page.locator("#letters .letter")).to_have_count(0)
    page.get_by_role("tab", name="Picture").click()
    page.locator("#picture input[type=file]").set_input_files(file)
    tiles = page.locator("#letters .letter")
    expect(tiles).to_have_count(4)
    expect(page.locator("#letters .letters-word strong")).to_have_text("Bike")
    expect(tiles.nth(0)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#saw")).to_contain_text("character 1 of 4")
    tiles.nth(2).click()
    expect(page.locator("#saw")).to_contain_text("character 3 of 4")
    expect(tiles.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#live-answer .answer-glyph")).to_contain_text(tiles.nth(2).locator("b").inner_text())
    page.get_by_role("button", name="Remove Image").click()
    expect(tiles).to_have_count(0)
