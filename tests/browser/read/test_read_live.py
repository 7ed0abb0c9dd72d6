"""The Read page while the browser reads: one screen, alive; saved files; changes; all by keyboard."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SESSION, draw
from tests.browser.read.test_read import A, read, shown_maps

NETWORKS = ("best52", "best62", "budget52", "report-cnn", "report-crnn")

_NUMBER = itertools.count()


def opened(page: Page, url: str, link: str) -> None:
    """Open a link, and wait until its network is there."""
    page.goto(f"{url}?{next(_NUMBER)}{link}")  # another address each time, so that it is opened anew
    page.locator("#strip .strip-column").first.wait_for()


# Choose a network, and wait until it has read what is on the pad.
CHOOSE = f"""async (name) => {{
  const session = {SESSION};
  if (session.name === name && session.reading) return;
  await new Promise((done) => {{
    const end = session.on('reading', () => {{ if (session.name === name) {{ end(); done(); }} }});
    dispatchEvent(new CustomEvent('network-chosen', {{ detail: name }}));
  }});
}}"""

# How high the page is with each stage open, and how far it is from the pad to its maps: [stage, height, distance].
HEIGHTS = """async () => {
  const found = [];
  for (const column of document.querySelectorAll('#strip .strip-column')) {
    const shown = new Promise((done) => document.addEventListener('cellshown', done, { once: true }));
    column.querySelector('.strip-name').click();
    await shown;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const place = (part) => document.querySelector(part).getBoundingClientRect();
    const [pad, grid] = [place('#pad canvas'), place('.stage-grid')];
    found.push([column.dataset.stage, document.documentElement.scrollHeight, grid.top - pad.bottom]);
  }
  return found;
}"""


@pytest.mark.parametrize(("width", "most"), [(1280, 2500), (390, 4000)])
def test_the_page_is_short_whatever_network_and_the_first_screen_holds_it(
    open_page: Callable[..., Page], url: str, width: int, most: int
) -> None:
    page = open_page(width=width)
    draw(page, A)
    read(page, 2)
    for name in NETWORKS:
        page.evaluate(CHOOSE, name)
        heights = page.evaluate(HEIGHTS)
        assert len(heights) >= 8
        for stage, height, to_grid in heights:
            assert height < most, (name, stage)
            assert to_grid < 900, (name, stage)  # from any map to the pad it is at most one screen
        page.evaluate("scrollTo(0, 0)")
        if width == 1280:
            for part in ("#pad canvas", "#live-answer", ".strip-scroll"):
                box = page.locator(part).bounding_box()
                assert box and box["y"] >= 0 and box["y"] + box["height"] <= 900, (name, part)
            assert page.evaluate("document.querySelector('.strip-scroll').scrollWidth") <= 1216, name
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width > 390:
        return
    # On a phone pad and answer are in view at once, the strip begins below them, and the head takes one line.
    places = {part: page.locator(part).bounding_box() for part in (
        "#pad canvas", "#live-answer", ".strip-scroll", ".page-head h1", ".about-open", "#network")}  # fmt: skip
    boxes = {part: box for part, box in places.items() if box}
    assert len(boxes) == len(places)
    pad, answer, strip, title, about, chooser = boxes.values()
    assert pad["y"] > 0 and pad["y"] + pad["height"] < answer["y"] and answer["y"] + answer["height"] < 680
    assert answer["y"] + answer["height"] < strip["y"] < 720
    middles = [box["y"] + box["height"] / 2 for box in (title, about, chooser)]
    assert max(middles) - min(middles) < 8 and chooser["x"] > about["x"] > title["x"]
    # On its side all of the pad is in view.
    page.set_viewport_size({"width": 844, "height": 390})
    page.wait_for_function("document.querySelector('#pad canvas').getBoundingClientRect().height < 300")
    # Tabs that find no place scroll sideways: nothing is behind a menu.
    page.set_viewport_size({"width": 250, "height": 900})
    expect(page.locator("#tabs > .tab-wrapper .overflow-menu")).to_be_hidden()
    last = page.locator("#tabs > .tab-wrapper [role=tab]:visible").last
    last.scroll_into_view_if_needed()
    box = last.bounding_box()
    assert box and box["x"] + box["width"] <= 250


def test_what_is_changed_is_marked_in_the_strip_and_one_click_puts_it_back(page: Page) -> None:
    draw(page, A)
    read(page, 2)
    answer = page.locator("#live-answer .bars .bar-percent:visible").first
    plain, maps = answer.inner_text(), shown_maps(page)
    back, mark = page.locator("#put-back"), page.locator(".strip-column[data-stage=conv1] .strip-name i")
    expect(back).to_be_hidden()
    expect(mark).to_be_hidden()
    hidden = page.evaluate(
        f"""async () => {{ const s = {SESSION}, {{ values, shape: [maps] }} = s.output('conv1'); // the weakest map
          const each = values.length / maps, top = (m) => Math.max(...values.slice(m * each, m * each + each));
          return [...Array(maps).keys()].sort((a, b) => top(a) - top(b))[0]; }}"""
    )
    page.evaluate(
        f"""async (map) => {SESSION}.setEdits({{ kernels: [{{ stage: 'conv1', map, input: 0, weights: [[3, 4]] }}],
          biases: [{{ stage: 'conv1', layer: 'conv', map, scale: 9 }}] }})""",
        hidden,
    )
    expect(mark).to_have_text("2")
    expect(back).to_have_text("Put 2 changes back")
    orange = """() => { const c = document.querySelector('.strip-column[data-stage=conv1] canvas');
      const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
      for (let i = 0; i < d.length; i += 4) if (d[i] === 247 && d[i + 1] === 156 && d[i + 2] === 69) return true;
      return false; }"""
    page.wait_for_function(orange)
    back.click()
    expect(back).to_be_hidden()
    expect(mark).to_be_hidden()
    expect(answer).to_have_text(plain)
    page.wait_for_function(f"!({orange})()")
    assert len(shown_maps(page)) == len(maps)


def test_strip_and_stage_are_saved(page: Page, tmp_path: Path) -> None:
    draw(page, A)
    read(page, 2)
    page.locator(".strip-column[data-stage=pool1] .strip-name").click()
    values, shape = json.loads(page.evaluate(
        f"async () => {{ const o = {SESSION}.output('pool1'); return JSON.stringify([[...o.values], o.shape]); }}"
    ))  # fmt: skip
    files = {}
    for kind in ("strip", "stage", "csv", "npy"):
        page.locator(".strip-save summary").click()
        with page.expect_download() as download:
            page.locator(f"[data-save={kind}]").click()
        files[kind] = tmp_path / f"{kind}-{download.value.suggested_filename}"
        download.value.save_as(files[kind])
    expected = np.array(values, np.float32).reshape(shape)
    saved = np.load(files["npy"])
    assert saved.dtype == np.float32 and np.array_equal(saved, expected)
    table = np.loadtxt(files["csv"], delimiter=",", skiprows=1)
    assert np.allclose(table[:, 3], expected.ravel()) and table[-1, :3].tolist() == [side - 1 for side in shape]
    for kind in ("strip", "stage"):
        assert files[kind].read_bytes().startswith(b"\x89PNG") and files[kind].stat().st_size > 5000


def test_what_if_it_were_changed(page: Page) -> None:
    draw(page, A)
    read(page, 2)
    image = f"async () => JSON.stringify([...{SESSION}.reading.image])"
    plain = np.array(json.loads(page.evaluate(image))).reshape(100, 100)
    made = {}
    for name in ("negative", "mirrored", "shifted", "thicker", "thinner"):
        button = page.get_by_role("button", name=name, exact=True)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        page.wait_for_timeout(300)
        made[name] = np.array(json.loads(page.evaluate(image))).reshape(100, 100)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
    assert np.allclose(made["negative"], 1 - plain)
    assert np.abs(made["mirrored"] - plain[:, ::-1]).mean() < 0.01
    assert np.abs(made["shifted"][12:, 12:] - plain[:-12, :-12]).mean() < 0.01
    assert made["thinner"].sum() < 0.7 * plain.sum() < 0.7 / 1.2 * made["thicker"].sum()


def test_everything_by_keyboard_alone(page: Page) -> None:
    draw(page, A)
    read(page, 2)
    name = page.locator(".strip-column[data-stage=conv2] .strip-name")
    name.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".stage-all h2")).to_contain_text("Conv2")
    page.locator(".stage-grid").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "PageDown"):
        page.keyboard.press(key)
    expect(page.locator(".one-map h3")).to_have_text("Conv2, map 2")
    expect(page.locator(".one-value")).to_contain_text("row 2, column 2:")
    expect(page.locator(".pad-field")).to_be_visible()
    page.locator("#strip-tour").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tour-card h3")).to_be_focused()
    page.keyboard.press("Escape")
    page.get_by_label("Drawing of the digit 4").focus()
    page.keyboard.press("Enter")
    read(page, 1)
    page.locator("#pad canvas").focus()  # the keyboard's pen draws on
    for key in ("ArrowUp", "Space", "Shift+ArrowRight", "Space"):
        page.keyboard.press(key)
    read(page, 2)


def test_an_example_draws_itself_until_the_visitor_begins(open_page: Callable[..., Page]) -> None:
    page = open_page()
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read in your browser")
    expect(page.locator("#live-answer .answer-glyph")).to_have_text("h")
    draw(page, A[:1])
    expect(page.locator("#strip-note")).to_contain_text("1 stroke, read in your browser")


def test_nothing_below_the_answer_moves_while_the_pen_does(open_page: Callable[..., Page]) -> None:
    """An upright stroke is a letter that has look-alikes, which are shown in a bar of their own."""
    page = open_page()
    read(page, 2)  # the example
    expect(page.locator("#pad .pad-hint")).to_have_css("opacity", "1")  # that asks for a drawing
    tops = "[...document.querySelectorAll('#strip, #stage-open')].map((part) => part.getBoundingClientRect().top)"
    before = page.evaluate(tops)
    draw(page, [[(0.5, 0.15), (0.5, 0.82)]])
    expect(page.locator("#live-answer .alike")).to_be_visible()
    assert page.evaluate(tops) == before
    expect(page.locator("#pad .pad-hint")).to_have_css("opacity", "0")


def test_two_characters_on_the_pad_get_no_answer(open_page: Callable[..., Page]) -> None:
    """Of the network alone they would: it is more than half sure of one."""
    page = open_page()
    draw(page, [[(0.1, 0.2), (0.1, 0.8), (0.35, 0.8)], [(0.55, 0.2), (0.9, 0.2)], [(0.72, 0.2), (0.72, 0.8)]])
    read(page, 3)
    expect(page.locator("#live-answer .answer-sentence")).to_contain_text("That doesn't look like one character")
    expect(page.locator("#live-answer .answer-glyph")).not_to_have_text("L")
    expect(page.locator("#live-answer .answer-unsure, #live-answer.answer-unsure")).to_have_count(1)


def test_who_draws_before_the_network_is_here_is_told_so(open_page: Callable[..., Page], url: str) -> None:
    page = open_page()
    waiting: list[Route] = []
    released = False
    page.route("**/model.safetensors*", lambda route: route.continue_() if released else waiting.append(route))
    page.goto(f"{url}?slow")
    page.locator("#pad canvas").wait_for()
    draw(page, A)
    expect(page.locator("#live-answer .answer-sentence")).to_have_text("Loading the network ...")
    expect(page.locator("#strip-note")).to_have_text("Loading the network ...")
    # The network's worker asks after the page itself, maybe only now.
    released = True
    for route in waiting:
        route.continue_()
    expect(page.locator("#live-answer .answer-glyph")).to_have_text("A")


def test_a_line_that_begins_beside_the_pad_selects_no_words(page: Page) -> None:
    box = page.locator("#pad canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] - 8, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + box["height"] + 20, steps=5)
    page.mouse.up()
    assert page.evaluate("getSelection().toString()") == ""


def test_a_worker_that_dies_is_replaced_and_then_the_server_reads(page: Page) -> None:
    strip, answer = page.locator("#strip"), page.locator("#answer .answer-glyph")
    draw(page, A)
    read(page, 2)
    page.evaluate(f"async () => {SESSION}.setEdits({{ off: {{ conv1: [0] }} }})")
    page.workers[0].evaluate("setTimeout(() => { throw new Error('out of memory'); })")
    page.wait_for_function("document.querySelector('#live-network.loading')")
    page.wait_for_function("!document.querySelector('#live-network.loading')")
    draw(page, [[[0.2, 0.9], [0.8, 0.9]]])
    read(page, 3)
    expect(page.locator("#put-back")).to_have_text("Put 1 change back")
    page.workers[0].evaluate("setTimeout(() => { throw new Error('out of memory'); })")
    expect(strip).to_be_hidden()
    expect(page.locator(".pad-fallen")).to_be_visible()
    expect(page.locator(".pad-fallen")).to_have_text(
        "The network can't run in this browser. What you draw goes to the server, which reads it."
    )
    page.get_by_label("Drawing of capital A").click()
    expect(answer).to_have_text("A")
    page.evaluate(CHOOSE, "budget52")
    expect(strip).to_be_visible()
    expect(page.locator(".pad-fallen")).to_be_hidden()
