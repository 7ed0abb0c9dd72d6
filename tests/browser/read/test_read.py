"""The Read tab as a visitor uses it: draw, undo, clear, keyboard, phone, the maps' colours, dark mode."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from fontdemo.glyph.strokes import PEN
from fontdemo.ui.read.examples import make_examples
from tests.browser.conftest import SESSION, Strokes, between_lines, draw

A = json.loads(next(e.content for e in make_examples() if e.character == "A"))  # type: ignore[arg-type]
EMPTY = "The pad is empty. Draw one character."


def touch(page: Page) -> None:
    """Begin, so that the example that draws itself is gone, and leave the pad empty."""
    draw(page, [[[0.5, 0.5]]])
    page.keyboard.press("Delete")
    expect(page.locator("#live-answer .answer-sentence")).to_have_text(EMPTY)
    page.evaluate("document.querySelector('[data-do=undo]').blur()")


def sentence(page: Page) -> str:
    return page.locator("#live-answer .answer-sentence").inner_text()


def ink(page: Page) -> float:
    """The share of the pad's canvas that is covered."""
    covered: float = page.evaluate(
        """() => { const c = document.querySelector('#pad canvas');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 127; return n / (c.width * c.height); }"""
    )
    return covered


def shown_maps(page: Page) -> list[str]:
    """What all canvases of the strip show."""
    canvases = page.locator("#strip canvas")
    shown: list[str] = canvases.evaluate_all("canvases => canvases.map((canvas) => canvas.toDataURL())")
    return shown


def read(page: Page, strokes: int) -> None:
    """Wait until a drawing of so many strokes has been read and its maps are shown."""
    count = "1 stroke," if strokes == 1 else f"{strokes} strokes,"
    expect(page.locator("#strip-note")).to_contain_text(f"{count} read in your browser")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def seen(page: Page) -> list[float]:
    """The image that the network was given last."""
    image: list[float] = page.evaluate(f"async () => [...{SESSION}.reading.image]")
    return image


def test_a_drawing_is_answered_and_followed_through_the_network(page: Page) -> None:
    draw(page, A)
    read(page, 2)
    first = shown_maps(page)
    page.keyboard.press("Delete")
    expect(page.locator("#live-answer .answer-sentence")).to_have_text(EMPTY)
    draw(page, A[:1])
    read(page, 1)
    expect(page.locator("#live-answer .bars li:visible")).to_have_count(5)
    stages = page.locator("#strip .strip-name").all_inner_texts()
    assert stages[0].startswith("In") and "1×100×100" in stages[0] and stages[-1].startswith("Classes")
    assert re.fullmatch(r"Conv1\s+\d+×\d+×\d+", stages[1])
    assert len(shown_maps(page)) == len(stages) == len(first)
    assert set(shown_maps(page)).isdisjoint(first)


def test_the_network_gets_the_line_that_the_pad_shows(page: Page) -> None:
    """The ink on the pad against the network's image: the same pen, the same places."""
    draw(page, A)
    read(page, 2)
    drawn = page.evaluate(
        """() => { const c = document.createElement('canvas'); c.width = c.height = 100;
          const g = c.getContext('2d'); g.drawImage(document.querySelector('#pad canvas'), 0, 0, 100, 100);
          const d = g.getImageData(0, 0, 100, 100).data;
          return Array.from({ length: 10000 }, (_, i) => d[4 * i + 3] / 255); }"""
    )
    image = seen(page)
    difference = sum(abs(one - other) for one, other in zip(drawn, image, strict=True)) / sum(image)
    assert difference < 0.12, f"a pen of {PEN} pixels"


def test_undo_and_clear(page: Page) -> None:
    undo, clear = page.get_by_role("button", name="Undo"), page.get_by_role("button", name="Clear", exact=True)
    expect(undo).to_be_disabled()
    draw(page, A[:1])
    expect(page.locator("#strip-note")).to_contain_text("1 stroke, read")
    first, one = ink(page), seen(page)
    draw(page, A[1:])
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read")
    assert ink(page) > first
    undo.click()
    expect(page.locator("#strip-note")).to_contain_text("1 stroke, read")
    assert ink(page) == pytest.approx(first, rel=0.02)
    assert seen(page) == one
    clear.click()
    expect(page.locator("#live-answer .answer-sentence")).to_have_text(EMPTY)
    assert ink(page) == 0
    expect(clear).to_be_disabled()
    undo.click()
    expect(page.locator("#strip-note")).to_contain_text("1 stroke, read")
    # What was undone comes back, until something else is drawn.
    page.keyboard.press("Control+z")
    expect(page.locator("#live-answer .answer-sentence")).to_have_text(EMPTY)
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator("#strip-note")).to_contain_text("1 stroke, read")
    page.keyboard.press("Control+y")
    expect(page.locator("#live-answer .answer-sentence")).to_have_text(EMPTY)
    undo.click()
    expect(page.locator("#strip-note")).to_contain_text("1 stroke, read")
    draw(page, A[1:])
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read")
    page.keyboard.press("Control+y")
    page.wait_for_timeout(200)
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read")
    # Under the pen: another finger taps Clear while one draws.
    box = page.locator("#pad canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 90)
    page.evaluate("document.querySelector('[data-do=clear]').click()")
    page.mouse.move(box["x"] + 120, box["y"] + 60)
    page.mouse.up()
    expect(page.locator("#live-answer .answer-sentence")).to_have_text(EMPTY)
    assert ink(page) == 0


def test_drawing_by_keyboard(page: Page) -> None:
    canvas = page.locator("#pad canvas")
    canvas.focus()
    for key in ("ArrowUp", "Space", *["Shift+ArrowDown"] * 4, "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#strip-note")).to_contain_text("1 stroke, read")
    assert 0.02 < ink(page) < 0.06
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read")
    page.keyboard.press("Control+z")
    expect(page.locator("#strip-note")).to_contain_text("1 stroke, read")
    page.keyboard.press("Delete")
    expect(page.locator("#live-answer .answer-sentence")).to_have_text(EMPTY)


def test_a_tap_is_a_dot_and_a_finger_draws(open_page: Callable[..., Page]) -> None:
    page = open_page(width=390)
    canvas = page.locator("#pad canvas")
    box = canvas.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#strip-note")).to_contain_text("1 stroke, read")
    assert 0.004 < ink(page) < 0.009  # a round dot as wide as the pen: pi (9/200)^2 = 0.0064
    # A finger's strokes go on where a mouse's would; Playwright has no gesture of its own for it.
    session = page.context.new_cdp_session(page)
    for kind, x, y in (("touchStart", 0.3, 0.2), ("touchMove", 0.3, 0.5), ("touchMove", 0.3, 0.8), ("touchEnd", 0, 0)):
        points = [] if kind == "touchEnd" else [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read")
    assert page.evaluate("scrollY") == 0


def test_a_line_may_leave_the_pad_and_come_back(page: Page) -> None:
    draw(page, [[[0.5, 0.3], [1.1, 0.3], [1.1, 0.7], [0.5, 0.7]]])
    expect(page.locator("#strip-note")).to_contain_text("1 stroke, read")
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
    expect(page.locator("#strip-note")).to_contain_text("1 stroke, read")
    assert ink(page) == pytest.approx(0.5 * PEN / 100 + 3.14159 * (PEN / 200) ** 2, rel=0.05)


def test_what_people_draw_stays_in_the_browser_until_they_ask(page: Page, people: dict[str, list[Strokes]]) -> None:
    sizes: list[int] = []
    draw(page, A)
    read(page, 2)
    page.on("request", lambda request: sizes.append(len(request.post_data or "")) if request.post_data else None)
    for character in "gR":
        strokes = between_lines(people[character][0], 0.15, 0.85)
        draw(page, strokes)
        read(page, len(strokes) + 2 * (character == "g"))
        page.keyboard.press("Delete")
        expect(page.locator("#live-answer .answer-sentence")).to_have_text(EMPTY)
    assert sizes == []
    draw(page, strokes)
    page.get_by_role("button", name="Why this answer?").click()
    expect(page.locator(".why-figures img").first).to_be_visible()
    assert sizes and max(sizes) < 2000
    page.keyboard.press("Escape")


def test_the_colour_scale_is_shared_by_stage_by_all_or_by_map(page: Page) -> None:
    draw(page, A)
    read(page, 2)
    legend, shown = page.locator(".stage-legend"), shown_maps(page)
    expect(legend).to_contain_text("one scale for the stage")
    for value, text in (("map", "each map on its own scale"), ("all", "one scale for all stages")):
        page.locator("#strip-scale").select_option(value)
        expect(legend).to_contain_text(text)
        assert shown_maps(page) != shown
    page.locator("#strip-scale").select_option("stage")
    expect(legend).to_contain_text("one scale for the stage")
    assert shown_maps(page) == shown


def test_nothing_jumps_when_an_answer_comes(page: Page) -> None:
    touch(page)
    tops = """() => ['#live-answer', '#examples', '.strip', '.strip-column:last-child', '.stage-open', '#why']
      .map((name) => document.querySelector(name).getBoundingClientRect().top + scrollY)"""
    before = page.evaluate(tops)
    draw(page, A)
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read")
    assert page.evaluate(tops) == pytest.approx(before, abs=1)
    page.keyboard.press("Delete")
    expect(page.locator("#live-answer .answer-sentence")).to_have_text(EMPTY)
    assert page.evaluate(tops) == pytest.approx(before, abs=1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_needs_no_sideways_scrolling(open_page: Callable[..., Page], theme: str) -> None:
    page = open_page(width=390, theme=theme)
    draw(page, A)
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    out = page.evaluate(
        """() => [...document.querySelectorAll('#pad *, #live-result *, #live-stage *, #examples *')].filter(
          (e) => e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.className)"""
    )
    assert out == []
    page.locator(".strip-column[data-stage=conv2] canvas").tap()
    expect(page.locator(".stage-all h2")).to_contain_text("Conv2")
    box = page.locator(".one-map canvas").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    # The letter and the three likeliest classes lie in the corner of the pad.
    expect(page.locator(".pad-answer b")).to_have_text("A")
    expect(page.locator(".pad-answer span")).to_have_count(3)


def test_dark_mode_has_light_ink_on_a_dark_pad(open_page: Callable[..., Page]) -> None:
    brightness = """(name) => { const e = document.querySelector(name); const s = getComputedStyle(e);
      const light = (c) => c.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0) / 765;
      return [light(s.color), light(s.backgroundColor)]; }"""
    for theme, dark in (("light", False), ("dark", True)):
        page = open_page(theme=theme)
        paper = page.evaluate(brightness, ".pad-sheet")[1]
        pen = page.evaluate(brightness, "#pad canvas")[0]
        text, card = page.evaluate(brightness, "#live-answer")
        assert (paper < 0.3, pen > 0.7, text > 0.7, card < 0.3) == (dark,) * 4
