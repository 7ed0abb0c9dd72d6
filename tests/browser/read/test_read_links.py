"""Links of the Read page: they open network, stage, cell, changes and drawing, or say what is left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SESSION, draw, open_tab
from tests.browser.read.test_read import A, read
from tests.browser.read.test_read_live import opened
from tests.support.servers.pageserver import ROOT


def test_a_link_opens_network_stage_map_cell_edits_and_drawing(open_page: Callable[..., Page], url: str) -> None:
    page = open_page(link="#n=report-cnn&ok")
    draw(page, A)
    read(page, 2)
    page.locator(".strip-column[data-stage=conv2] .strip-name").click()
    page.evaluate(f"async () => {SESSION}.select({{ stage: 'conv2', map: 3, y: 10, x: 12 }})")
    edits = {
        "off": {"conv1": [0, 5]},
        "kernels": [{"stage": "conv2", "map": 3, "input": 2, "weights": [[4, 0.25], [0, -1.5]]},
                    {"stage": "fc1", "layer": "fc", "map": 7, "input": 100, "weights": [[0, 2]]}],
        "biases": [{"stage": "conv1", "layer": "norm", "map": 1, "scale": 3}],
    }  # fmt: skip
    page.evaluate(f"async (edits) => {SESSION}.setEdits(edits)", edits)
    page.get_by_role("button", name="mirrored").click()
    page.get_by_label("A capital", exact=True).check()
    state = f"""async () => {{ const s = {SESSION}; return JSON.stringify([s.name, s.selection, s.edits, s.strokes,
      s.reading.answer.character, s.variant, s.among]) }}"""
    page.wait_for_function("location.hash.includes('a=capital')")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    before = json.loads(page.evaluate(state))
    page.goto(link.replace("#", "&again#"))
    read(page, 2)
    after = json.loads(page.evaluate(state))
    assert after[:3] == before[:3] and after[4:5] == before[4:5]
    assert before[5:] == after[5:] == ["mirrored", "capital"]
    expect(page.get_by_label("A capital", exact=True)).to_be_checked()
    # The cell is in view, with all of its arithmetic, and what it sees is lit on the drawing.
    page.wait_for_function("Math.abs(document.querySelector('.stage-all').getBoundingClientRect().top) < 40")
    expect(page.locator(".pad-field")).to_be_visible()
    less = "(bar) => { bar.className = 'term-less'; return getComputedStyle(bar).backgroundColor; }"
    assert page.locator("#cell-panel .term-bar i").first.evaluate(less) == "rgb(60, 136, 219)"
    for one, other in zip(before[3], after[3], strict=True):
        assert np.abs(np.array(one[0]) - other[0]).max() < 0.002 and np.abs(np.array(one[-1]) - other[-1]).max() < 0.002
    expect(page.locator("#live-answer .answer-glyph")).to_have_text("A")
    page.reload()
    read(page, 2)
    assert json.loads(page.evaluate(state)) == after
    page.evaluate(f"async () => {SESSION}.select({{ stage: 'softmax', map: 10, y: 0, x: 0 }})")
    expect(page.locator("#cell-panel h3")).to_have_text("Probability of A")
    expect(page.locator(".one-map canvas")).to_be_hidden()  # a row of values has no map
    # A link that lost its end says so, and opens what there is.
    opened(page, url, link[link.index("#") : -20])
    expect(page.locator("#link-note")).to_contain_text("This link was cut")
    assert json.loads(page.evaluate(f"async () => JSON.stringify({SESSION}.selection)"))["stage"] == "conv2"
    opened(page, url, "#n=gone&ok")
    expect(page.locator("#link-note")).to_contain_text("gone, isn't here any more")
    opened(page, url, "#n=report-cnn&k=conv9*conv*0*0*0*1&ok")
    expect(page.locator("#link-note")).to_contain_text("don’t fit this network")
    # Another link put into the same page's address opens all of itself, its network too.
    page.evaluate("location.hash = '#n=report-crnn&s=pool2&ok'")
    page.wait_for_function("""document.documentElement.dataset.network === 'report-crnn'
      && document.querySelector('.strip-column.chosen')?.dataset.stage === 'pool2'""")


def test_back_goes_to_the_tab_before_and_keeps_the_drawing(page: Page) -> None:
    draw(page, A)
    read(page, 2)

    def at(tab: str) -> None:
        expect(page.get_by_role("tab", name=tab, exact=True)).to_have_attribute("aria-selected", "true")
        page.wait_for_function("(tab) => (/[#&]t=(\\w+)/.exec(location.hash)?.[1] ?? 'Read') === tab", arg=tab)

    for tab in ("Ideas", "Network"):
        open_tab(page, tab)
        at(tab)
    page.evaluate("window.same = true")  # gone if the page is loaded again
    steps = ((page.go_back, "Ideas"), (page.go_back, "Read"), (page.go_forward, "Ideas"), (page.go_back, "Read"))
    for step, tab in steps:
        step()
        at(tab)
    expect(page.locator("#live-answer .answer-glyph")).to_have_text("A")
    assert page.evaluate("window.same")


def test_copying_a_link_says_what_is_not_in_it(page: Page) -> None:
    page.get_by_label("Picture of small g").click()
    expect(page.locator("#strip-note")).to_contain_text("A picture, read")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#link-note")).to_contain_text("A picture can’t be in a link")
    assert "d=" not in page.url
    page.get_by_label("Drawing of capital A").click()
    read(page, 2)
    many = [{"stage": "conv1", "map": n, "input": 0, "weights": [[i, 0.5] for i in range(25)]} for n in range(9)]
    page.evaluate(f"async (kernels) => {SESSION}.setEdits({{ kernels }})", many)
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#link-note")).to_contain_text("of your changes didn’t fit in the link")
    link = page.evaluate("navigator.clipboard.readText()")
    assert len(link[link.index("#") :]) < 1500 and link.endswith("&ok")


def test_a_link_with_edits_that_no_network_can_have_is_opened_without_them(
    open_page: Callable[..., Page], url: str
) -> None:
    page = open_page()
    draw(page, A)
    page.wait_for_function("location.hash.includes('&d=')")
    drawing = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('d')")
    for edits in ("o=__proto__.1_constructor.2", "b=conv1*conv*99999999*2&e=[[[[", "k=conv1*conv*0*-1*1*1"):
        opened(page, url, f"#n=report-cnn&{edits}&d={drawing}&ok")
        expect(page.locator("#live-answer .answer-glyph")).to_have_text("A")
        held = json.loads(page.evaluate(f"async () => JSON.stringify({SESSION}.edits)"))
        assert held == {"off": {}, "kernels": [], "biases": []}
    opened(page, url, f"#n={quote('<b>' + 'x' * 500)}&ok")
    expect(page.locator("#link-note")).to_contain_text("isn't here any more")
    assert len(page.locator("#link-note").inner_text()) < 120 and page.locator("#link-note b").count() == 0


def test_any_drawing_fits_into_a_link(page: Page) -> None:
    """Every drawing that we have of people, and what cannot be a drawing at all."""
    folder = ROOT.parent / "shared" / "data" / "strokes"
    files = sorted(folder.glob("*.json"))
    if not files:
        pytest.skip("no strokes of people here (../shared/data)")
    longest, worst = 0, 0.0
    for file in files:
        drawings = [one for ones in _lists(json.loads(file.read_text())) for one in ones]
        # As one text: a list with a million numbers takes Playwright ten seconds.
        length, differs, lost = page.evaluate(
            """async (text) => {
              const { decode, encode } = await import(new URL('fontdemo/read/link.js', location.href));
              const { Pen } = await import(new URL('fontdemo/live/pen.js', location.href));
              const ink = (strokes) => new Pen(100, 8.5).draw(strokes);
              const found = JSON.parse(text).map((strokes, number) => {
                const xs = strokes.flat();
                const low = [0, 1].map((i) => Math.min(...xs.map((p) => p[i])));
                const size = Math.max(...[0, 1].map((i) => Math.max(...xs.map((p) => p[i])) - low[i]), 1e-9);
                const put = (v, i) => Math.round(1000 * (0.15 + 0.7 * (v - low[i]) / size)) / 1000;
                const drawn = strokes.map((stroke) => stroke.map((p) => p.map(put)));
                const hash = encode({ network: 'best52', stage: 'conv2', map: 3, y: 1, x: 1, strokes: drawn });
                const back = decode(hash);
                let differs = 0;
                if (number % 20 === 0) {
                  const [one, other] = [ink(drawn), ink(back.strokes)];
                  differs = one.reduce((sum, v, i) => sum + Math.abs(v - other[i]), 0) / one.reduce((a, b) => a + b, 0);
                }
                return [hash.length, differs, back.cut || back.strokes.length !== drawn.length];
              });
              const column = (index) => found.map((one) => one[index]);
              return [Math.max(...column(0)), Math.max(...column(1)), column(2).some(Boolean)];
            }""",
            json.dumps(drawings),
        )
        longest, worst = max(longest, length), max(worst, differs)
        assert drawings and not lost, file.name
    print(f"\nthe longest link has {longest} characters; ink differs by at most {100 * worst:.1f} %")
    assert longest < 1500 and worst < 0.06


def _lists(data: Any) -> Iterator[list[Any]]:
    """The lists of drawings in a file: {character: [drawing, ...]}, or deeper."""
    if isinstance(data, dict):
        for value in data.values():
            yield from _lists(value)
    elif isinstance(data, list) and data and isinstance(data[0], dict):
        for value in data:
            yield from _lists(value)
    elif _is_drawing(data):
        yield [data]
    elif isinstance(data, list):
        for value in data:
            yield from _lists(value)


def _is_drawing(data: Any) -> bool:
    try:
        return isinstance(data[0][0][0], (int, float))
    except (IndexError, KeyError, TypeError):
        return False
