"""The Read tab as a visitor uses it: draw, undo, clear, upload, keyboard, phone, examples, maps, dark mode."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, expect

from fontdemo.glyph.layout import BASELINE_ROW, CAPITAL_ROW, SIDE, XHEIGHT_ROW
from fontdemo.glyph.strokes import PEN
from fontdemo.network import pretrained
from fontdemo.ui.read.examples import make_examples
from tests.browser.conftest import Strokes, between_lines, draw
from tests.fontdemo.glyph.test_interpretations import on_desk

A = json.loads(next(e.content for e in make_examples() if e.character == "A"))  # type: ignore[arg-type]
EMPTY = "The pad is empty. Draw one character."


def sentence(page: Page) -> str:
    return page.locator("#answer .answer-sentence").inner_text()


def ink(page: Page) -> float:
    """The share of the pad's canvas that is covered."""
    return page.evaluate(
        """() => { const c = document.querySelector('#pad canvas');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 127; return n / (c.width * c.height); }"""
    )


def shown_maps(page: Page) -> list[str]:
    """The sources of all pictures of the way."""
    return page.locator("#way img").evaluate_all("images => images.map((image) => image.src)")


def letter(file: Path, character: str = "K") -> Path:
    picture = Image.new("RGB", (160, 200), "#e8e2d4")
    ImageDraw.Draw(picture).text((80, 100), character, font=ImageFont.load_default(120), anchor="mm", fill="#223")
    picture.save(file)
    return file


def test_a_drawing_is_answered_and_followed_through_the_network(page: Page) -> None:
    expect(page.locator("#answer .answer-sentence")).to_have_text("Draw one character, or give a picture of one.")
    empty = shown_maps(page)
    draw(page, A)
    expect(page.locator("#answer .bars li")).to_have_count(5)
    expect(page.locator("#answer .answer-glyph")).not_to_have_text("")
    expect(page.locator("#saw")).to_contain_text("The path of the pen: 2 strokes.")
    stages = page.locator("#way .stage h3").all_inner_texts()
    assert stages[0].startswith("Input") and "1×100×100" in stages[0] and stages[-1].startswith("Softmax")
    assert re.fullmatch(r"Conv1\n\d+×\d+×\d+", stages[1])
    assert len(shown_maps(page)) > len(empty)
    assert set(shown_maps(page)).isdisjoint(empty)


def test_the_server_gets_the_line_that_the_pad_shows(page: Page) -> None:
    """The ink on the pad against the network's image: the same pen, the same places."""
    draw(page, A)
    expect(page.locator("#saw")).to_contain_text("2 strokes")
    difference = page.evaluate(
        """async () => {
          const image = document.querySelector('.saw-image img'); await image.decode();
          const read = (source, alpha) => {
            const c = document.createElement('canvas'); c.width = c.height = 100;
            const g = c.getContext('2d'); g.drawImage(source, 0, 0, 100, 100);
            const d = g.getImageData(0, 0, 100, 100).data;
            return Array.from({ length: 10000 }, (_, i) => alpha ? d[4 * i + 3] : 255 - d[4 * i]);
          };
          const drawn = read(document.querySelector('#pad canvas'), true), seen = read(image, false);
          return drawn.reduce((sum, v, i) => sum + Math.abs(v - seen[i]), 0) / seen.reduce((a, b) => a + b, 0);
        }"""
    )
    assert difference < 0.12, f"a pen of {PEN} pixels"


def test_undo_and_clear(page: Page) -> None:
    undo, clear = page.get_by_role("button", name="Undo"), page.get_by_role("button", name="Clear", exact=True)
    expect(undo).to_be_disabled()
    draw(page, A[:1])
    expect(page.locator("#saw")).to_contain_text("1 stroke.")
    first, one = ink(page), page.locator(".saw-image img").get_attribute("src")
    draw(page, A[1:])
    expect(page.locator("#saw")).to_contain_text("2 strokes")
    assert ink(page) > first
    undo.click()
    expect(page.locator("#saw")).to_contain_text("1 stroke.")
    assert ink(page) == pytest.approx(first, rel=0.02)
    assert page.locator(".saw-image img").get_attribute("src") == one
    clear.click()
    expect(page.locator("#answer .answer-sentence")).to_have_text(EMPTY)
    assert ink(page) == 0
    expect(clear).to_be_disabled()
    undo.click()
    expect(page.locator("#saw")).to_contain_text("1 stroke.")


def test_drawing_by_keyboard(page: Page) -> None:
    canvas = page.locator("#pad canvas")
    canvas.focus()
    for key in ("ArrowUp", "Space", *["Shift+ArrowDown"] * 4, "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#saw")).to_contain_text("1 stroke.")
    assert 0.02 < ink(page) < 0.06
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("#saw")).to_contain_text("2 strokes")
    page.keyboard.press("Control+z")
    expect(page.locator("#saw")).to_contain_text("1 stroke.")
    page.keyboard.press("Delete")
    expect(page.locator("#answer .answer-sentence")).to_have_text(EMPTY)


def test_a_tap_is_a_dot_and_a_finger_draws(open_page: Callable[..., Page]) -> None:
    page = open_page(width=390)
    canvas = page.locator("#pad canvas")
    box = canvas.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#saw")).to_contain_text("1 stroke.")
    assert 0.004 < ink(page) < 0.009  # a round dot as wide as the pen: pi (9/200)^2 = 0.0064
    # A finger's strokes go on where a mouse's would; Playwright has no gesture of its own for it.
    session = page.context.new_cdp_session(page)
    for kind, x, y in (("touchStart", 0.3, 0.2), ("touchMove", 0.3, 0.5), ("touchMove", 0.3, 0.8), ("touchEnd", 0, 0)):
        points = [] if kind == "touchEnd" else [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page.locator("#saw")).to_contain_text("2 strokes")
    assert page.evaluate("scrollY") == 0


def test_a_line_may_leave_the_pad_and_come_back(page: Page) -> None:
    draw(page, [[[0.5, 0.3], [1.1, 0.3], [1.1, 0.7], [0.5, 0.7]]])
    expect(page.locator("#saw")).to_contain_text("1 stroke.")
    covered = """(y) => { const c = document.querySelector('#pad canvas');
      return c.getContext('2d').getImageData(0.98 * c.width, y * c.height, 1, 1).data[3] > 0; }"""
    assert [page.evaluate(covered, y) for y in (0.3, 0.5, 0.7)] == [True, False, True]


def test_a_pen_takes_over_from_the_resting_hand(page: Page) -> None:
    page.evaluate(
        """() => { const c = document.querySelector('#pad canvas'), b = c.getBoundingClientRect();
        c.setPointerCapture = () => {};
        const fire = (type, pointerId, pointerType, x, y) => c.dispatchEvent(new PointerEvent(type, {
          pointerId, pointerType, clientX: b.left + x * b.width, clientY: b.top + y * b.height, bubbles: true }));
        fire('pointerdown', 7, 'touch', 0.9, 0.9);
        fire('pointerdown', 8, 'pen', 0.3, 0.2);
        fire('pointermove', 7, 'touch', 0.8, 0.9);
        fire('pointermove', 8, 'pen', 0.3, 0.7);
        fire('pointerup', 8, 'pen', 0.3, 0.7);
        fire('pointerup', 7, 'touch', 0.8, 0.9); }"""
    )
    expect(page.locator("#saw")).to_contain_text("1 stroke.")
    assert ink(page) == pytest.approx(0.5 * PEN / 100 + 3.14159 * (PEN / 200) ** 2, rel=0.05)


def test_what_people_draw_is_small_to_send(page: Page, people: dict[str, list[Strokes]]) -> None:
    sizes: list[int] = []
    page.on("request", lambda request: sizes.append(len(request.post_data or "")) if "join" in request.url else None)
    for character in "gR":
        strokes = between_lines(people[character][0], 0.15, 0.85)
        draw(page, strokes)
        expect(page.locator("#saw")).to_contain_text(f"{len(strokes)} stroke")
        page.keyboard.press("Delete")
        expect(page.locator("#answer .answer-sentence")).to_have_text(EMPTY)
    assert len(sizes) >= 4 and max(sizes) < 2000


def test_a_picture_is_uploaded_and_a_bad_one_is_told(page: Page, tmp_path: Path) -> None:
    page.get_by_role("tab", name="Picture").click()
    chooser = page.locator("#picture input[type=file]")
    chooser.set_input_files(letter(tmp_path / "K.png"))
    expect(page.locator("#saw .saw-steps li")).to_have_count(4)
    expect(page.locator("#saw")).to_contain_text("160 by 200 pixels")
    page.get_by_role("button", name="Remove Image").click()
    expect(page.locator("#answer .answer-sentence")).to_have_text("Draw one character, or give a picture of one.")
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"this is no picture")
    page.locator("#picture input[type=file]").set_input_files(bad)
    expect(page.locator("#answer .answer-sentence")).to_contain_text("is not a picture that can be read")
    expect(page.locator("#saw")).to_contain_text("Nothing yet.")
    expect(page.locator(".toast-body")).to_have_count(0)


def test_a_click_sees_the_picture_in_another_way_and_a_word_says_what_it_is(page: Page, tmp_path: Path) -> None:
    on_desk("R").save(tmp_path / "desk.png")
    page.get_by_role("tab", name="Picture").click()
    page.locator("#picture input[type=file]").set_input_files(tmp_path / "desk.png")
    sentence, ways = page.locator("#answer .answer-sentence"), page.locator("#saw .saw-way")
    expect(sentence).to_have_text("This is capital R.")
    expect(page.locator("#saw .saw-way[aria-pressed=true]")).to_contain_text("on the light sheet")
    ways.first.click()
    expect(ways.first).to_have_attribute("aria-pressed", "true")
    expect(sentence).not_to_have_text("This is capital R.")
    ways.last.click()
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


def test_examples_are_drawn_or_shown_and_read(page: Page) -> None:
    page.get_by_label("Drawing of the digit 4").click()
    expect(page.locator("#saw")).to_contain_text("1 stroke.")
    assert ink(page) > 0.05
    page.get_by_label("Picture of small g").click()
    expect(page.locator("#picture img")).to_be_visible()
    expect(page.locator("#saw .saw-steps li")).to_have_count(4)
    page.get_by_label("Drawing of capital A").click()
    expect(page.locator("#saw")).to_contain_text("2 strokes")
    expect(page.locator("#pad canvas")).to_be_visible()
    # What comes from the server can be drawn on and taken back.
    draw(page, [[[0.1, 0.1], [0.2, 0.1]]])
    expect(page.locator("#saw")).to_contain_text("3 strokes")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#saw")).to_contain_text("2 strokes")


def test_pad_and_answer_agree_whatever_was_tried_between(page: Page) -> None:
    draw(page, A)
    saw, answer = page.locator("#saw"), page.locator("#answer .bar-share").first
    strokes = f"{len(A)} stroke"
    expect(saw).to_contain_text(strokes)
    expect(answer).to_contain_text("%")
    page.locator(".chip-picture").first.click()
    expect(saw).to_contain_text("A picture of")
    page.get_by_role("tab", name="Draw", exact=True).click()
    assert ink(page) > 0
    expect(saw).to_contain_text(strokes)
    expect(answer).to_contain_text("%")
    page.get_by_role("tab", name="Picture", exact=True).click()
    expect(saw).to_contain_text("A picture of")
    page.get_by_role("tab", name="Draw", exact=True).click()
    expect(saw).to_contain_text(strokes)


def test_a_click_on_a_map_opens_it_large(page: Page) -> None:
    draw(page, A)
    sheet = page.locator(".sheet[data-stage=conv1]")
    expect(page.locator("#saw")).to_contain_text("2 strokes")
    box = sheet.locator("img").bounding_box()
    assert box
    # The second map of the second row: the tenth.
    side, gap, count = (int(sheet.get_attribute(f"data-{what}") or 0) for what in ("width", "gap", "count"))
    rows = -(-count // 8)
    sheet.click(position={"x": box["width"] * 1.5 / 8, "y": box["height"] * 1.5 / rows})
    viewer = page.locator(".map-viewer")
    expect(viewer).to_be_visible()
    expect(viewer.locator("h3")).to_have_text(f"Conv1, map 10 of {count}")
    same = page.evaluate(
        """([side, gap]) => {
          const large = document.querySelector('.map-viewer canvas');
          const image = document.querySelector('.sheet[data-stage=conv1] img');
          const c = document.createElement('canvas'); c.width = c.height = side;
          c.getContext('2d').drawImage(image, 2 * gap + side, 2 * gap + side, side, side, 0, 0, side, side);
          const small = c.getContext('2d').getImageData(0, 0, side, side).data;
          const zoom = large.width / side, g = large.getContext('2d');
          for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) {
            const p = g.getImageData((x + .5) * zoom, (y + .5) * zoom, 1, 1).data;
            for (let k = 0; k < 3; k++) if (p[k] !== small[4 * (side * y + x) + k]) return false;
          }
          return zoom >= 8 && Number.isInteger(zoom);
        }""",
        [side, gap],
    )
    assert same
    page.keyboard.press("ArrowRight")
    expect(viewer.locator("h3")).to_have_text(f"Conv1, map 11 of {count}")
    viewer.get_by_label("Map before").click()
    expect(viewer.locator("h3")).to_have_text(f"Conv1, map 10 of {count}")
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    # By keyboard: the stage's pictures take the focus, and give it back when the map closes.
    last = page.locator(".sheet[data-stage=pool3]").get_attribute("data-count")
    page.locator(".sheet[data-stage=pool3]").focus()
    page.keyboard.press("Enter")
    expect(viewer.locator("h3")).to_have_text(f"Pool3, map 1 of {last}")
    page.keyboard.press("ArrowLeft")
    expect(viewer.locator("h3")).to_have_text(f"Pool3, map {last} of {last}")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.stage") == "pool3"


def test_the_colour_scale_is_shared_or_each_maps_own(page: Page) -> None:
    draw(page, A)
    expect(page.locator("#saw")).to_contain_text("2 strokes")
    shared = shown_maps(page)
    page.get_by_label("Each map on its own scale").check()
    expect(page.locator("#way")).to_contain_text("each map on its own scale")
    assert shown_maps(page)[1] != shared[1]
    page.get_by_label("Each map on its own scale").uncheck()
    expect(page.locator("#way")).not_to_contain_text("each map on its own scale")
    assert shown_maps(page) == shared


def test_nothing_jumps_when_an_answer_comes(page: Page) -> None:
    places = """() => ['#answer', '#saw', '#examples', '.way-head', '.stage:nth-child(5)', '.stage:nth-child(12)']
      .map((name) => document.querySelector(name).getBoundingClientRect().top + scrollY)"""
    before = page.evaluate(places)
    draw(page, A)
    expect(page.locator("#saw")).to_contain_text("2 strokes")
    assert page.evaluate(places) == pytest.approx(before, abs=1)
    page.keyboard.press("Delete")
    expect(page.locator("#answer .answer-sentence")).to_have_text(EMPTY)
    assert page.evaluate(places) == pytest.approx(before, abs=1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_needs_no_sideways_scrolling(open_page: Callable[..., Page], theme: str) -> None:
    page = open_page(width=390, theme=theme)
    draw(page, A)
    expect(page.locator("#saw")).to_contain_text("2 strokes")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    out = page.evaluate(
        """() => [...document.querySelectorAll('#pad, #answer, #saw, #way *, #examples *')].filter(
          (e) => e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.className)"""
    )
    assert out == []
    page.locator(".sheet[data-stage=conv2]").click()
    box = page.locator(".map-viewer").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_dark_mode_has_light_ink_on_a_dark_pad(open_page: Callable[..., Page]) -> None:
    brightness = """(name) => { const e = document.querySelector(name); const s = getComputedStyle(e);
      const light = (c) => c.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0) / 765;
      return [light(s.color), light(s.backgroundColor)]; }"""
    for theme, dark in (("light", False), ("dark", True)):
        page = open_page(theme=theme)
        paper = page.evaluate(brightness, ".pad-sheet")[1]
        pen = page.evaluate(brightness, "#pad canvas")[0]
        text, card = page.evaluate(brightness, ".answer")
        assert (paper < 0.3, pen > 0.7, text > 0.7, card < 0.3) == (dark,) * 4


@pytest.fixture
def shipped() -> None:
    if "report-cnn" not in pretrained.shipped():
        pytest.fail("weights/report-cnn is missing: nothing can be read rightly without it")


def test_the_shipped_network_sees_the_examples(shipped: None, page: Page) -> None:
    for example in make_examples():
        kind = "Drawing" if isinstance(example.content, str) else "Picture"
        page.get_by_label(re.compile(f"^{kind} of .* {example.character}$")).click()
        expect(page.locator("#answer .answer-glyph")).to_have_text(re.compile(f"^{example.character}( .)?$"))


def test_the_shipped_network_sees_what_people_draw(shipped: None, page: Page, people: dict[str, list[Strokes]]) -> None:
    """Letters that it reads from all fifteen people."""
    for character, top in (("T", CAPITAL_ROW), ("3", CAPITAL_ROW), ("m", XHEIGHT_ROW)):
        draw(page, between_lines(people[character][0], top / SIDE, BASELINE_ROW / SIDE))
        expect(page.locator("#answer .answer-glyph")).to_have_text(character)
        page.keyboard.press("Delete")
        expect(page.locator("#answer .answer-sentence")).to_have_text(EMPTY)
