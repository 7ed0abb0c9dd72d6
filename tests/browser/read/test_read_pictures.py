"""The Read tab given a picture or an example: upload, paste, another way to see it; what the shipped network sees."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, expect

from fontdemo.glyph.layout import BASELINE_ROW, CAPITAL_ROW, SIDE, XHEIGHT_ROW
from fontdemo.network import pretrained
from fontdemo.ui.read.examples import make_examples
from tests.browser.conftest import Strokes, between_lines, draw
from tests.browser.read.test_read import EMPTY, A, ink, seen
from tests.fontdemo.glyph.test_interpretations import on_desk


def letter(file: Path, character: str = "K") -> Path:
    picture = Image.new("RGB", (160, 200), "#e8e2d4")
    ImageDraw.Draw(picture).text((80, 100), character, font=ImageFont.load_default(120), anchor="mm", fill="#223")
    picture.save(file)
    return file


def test_a_picture_is_uploaded_and_a_bad_one_is_reported(page: Page, tmp_path: Path) -> None:
    page.get_by_role("tab", name="Picture").click()
    chooser = page.locator("#picture input[type=file]")
    chooser.set_input_files(letter(tmp_path / "K.png"))
    expect(page.locator("#saw .saw-steps li")).to_have_count(4)
    expect(page.locator("#saw")).to_contain_text("160 by 200 pixels")
    page.get_by_role("button", name="Remove Image").click()
    expect(page.locator("#live-answer .answer-sentence")).to_have_text("Draw one character or upload a picture of one.")
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"this is no picture")
    page.locator("#picture input[type=file]").set_input_files(bad)
    expect(page.locator("#live-answer .answer-sentence")).to_contain_text("can't be opened. Use PNG or JPEG")
    expect(page.locator(".strip-column[data-stage=input] canvas")).to_be_visible()
    assert not any(seen(page))
    expect(page.locator(".toast-body")).to_have_count(0)


def test_a_click_sees_the_picture_in_another_way_and_a_word_says_what_it_is(page: Page, tmp_path: Path) -> None:
    on_desk("R").save(tmp_path / "desk.png")
    page.get_by_role("tab", name="Picture").click()
    page.locator("#picture input[type=file]").set_input_files(tmp_path / "desk.png")
    sentence, ways = page.locator("#answer .answer-sentence"), page.locator("#saw .saw-interpretation")
    expect(sentence).to_have_text("This is capital R.")
    expect(page.locator("#saw .saw-interpretation[aria-pressed=true]")).to_contain_text("on the light sheet")
    ways.first.click()
    expect(ways.first).to_have_attribute("aria-pressed", "true")
    expect(sentence).not_to_have_text("This is capital R.")
    ways.filter(has_text="on the light sheet").click()
    expect(sentence).to_have_text("This is capital R.")
    page.get_by_label("A small letter").check()
    expect(sentence).to_contain_text("small")


def test_a_picture_is_pasted(page: Page, tmp_path: Path) -> None:
    page.get_by_role("tab", name="Picture").click()
    png = base64.b64encode(letter(tmp_path / "K.png").read_bytes()).decode()
    page.evaluate(
        """async (text) => {
          const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          const blob = new Blob([bytes], { type: 'image/png' });
          await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
        }""",
        png,
    )
    page.get_by_label("Paste from clipboard").click()
    expect(page.locator("#saw .saw-steps li")).to_have_count(4)


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_a_picture_is_pasted_or_dropped_anywhere_on_the_tab(page: Page, tmp_path: Path, how: str) -> None:
    draw(page, A)
    png = base64.b64encode(letter(tmp_path / "K.png").read_bytes()).decode()
    kept = page.evaluate(
        """([text, how]) => {
          const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          const given = new DataTransfer();
          given.items.add(new File([bytes], 'K.png', { type: 'image/png' }));
          const init = { bubbles: true, cancelable: true, clipboardData: given, dataTransfer: given };
          const target = document.querySelector('#pad canvas');
          const over = how === 'paste' || !target.dispatchEvent(new DragEvent('dragover', init));
          return [over, !target.dispatchEvent(new (how === 'paste' ? ClipboardEvent : DragEvent)(how, init))];
        }""",
        [png, how],
    )
    assert kept == [True, True], "the browser would do something else with it"
    expect(page.locator("#live-answer .answer-sentence")).to_have_text("This is capital K or small k.")
    expect(page.get_by_role("tab", name="Picture")).to_have_attribute("aria-selected", "true")


def test_examples_are_drawn_or_shown_and_read(page: Page) -> None:
    page.get_by_label("Drawing of the digit 4").click()
    expect(page.locator("#strip-note")).to_contain_text("1 stroke, read")
    assert ink(page) > 0.05
    page.get_by_label("Picture of small g").click()
    expect(page.locator("#picture img")).to_be_visible()
    expect(page.locator("#saw .saw-steps li")).to_have_count(4)
    page.get_by_label("Drawing of capital A").click()
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read")
    expect(page.locator("#pad canvas")).to_be_visible()
    # What comes from the server can be drawn on and taken back.
    draw(page, [[[0.1, 0.1], [0.2, 0.1]]])
    expect(page.locator("#strip-note")).to_contain_text("3 strokes, read")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read")


def test_pad_and_answer_agree_whatever_was_tried_between(page: Page) -> None:
    draw(page, A)
    saw, answer = page.locator("#saw"), page.locator("#live-answer .bar-percent").first
    note, strokes = page.locator("#strip-note"), f"{len(A)} stroke"
    expect(note).to_contain_text(strokes)
    expect(answer).to_contain_text("%")
    page.locator(".chip-picture").first.click()
    expect(saw).to_contain_text("A picture of")
    expect(note).to_contain_text("A picture, read")
    page.get_by_role("tab", name="Draw", exact=True).click()
    assert ink(page) > 0
    expect(note).to_contain_text(strokes)
    expect(answer).to_contain_text("%")
    page.get_by_role("tab", name="Picture", exact=True).click()
    expect(saw).to_contain_text("A picture of")
    expect(note).to_contain_text("A picture, read")
    page.get_by_role("tab", name="Draw", exact=True).click()
    expect(note).to_contain_text(strokes)


@pytest.fixture
def shipped() -> None:
    if "report-cnn" not in pretrained.shipped():
        pytest.fail("weights/report-cnn is missing: nothing can be read rightly without it")


def test_the_shipped_network_sees_the_examples(shipped: None, page: Page) -> None:
    for example in make_examples():
        kind = "Drawing" if isinstance(example.content, str) else "Picture"
        page.get_by_label(re.compile(f"^{kind} of .* {example.character}$")).click()
        expect(page.locator("#live-answer .answer-glyph")).to_have_text(re.compile(f"^{example.character}( .)?$"))


def test_the_shipped_network_sees_what_people_draw(shipped: None, page: Page, people: dict[str, list[Strokes]]) -> None:
    """Letters that it reads from all fifteen people."""
    for character, top in (("T", CAPITAL_ROW), ("3", CAPITAL_ROW), ("m", XHEIGHT_ROW)):
        draw(page, between_lines(people[character][0], top / SIDE, BASELINE_ROW / SIDE))
        expect(page.locator("#live-answer .answer-glyph")).to_have_text(character)
        page.keyboard.press("Delete")
        expect(page.locator("#live-answer .answer-sentence")).to_have_text(EMPTY)
