"""The tour and the tools beside one cell's panel, in Chromium: by keyboard, and by axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.live.conftest import Open
from tests.browser.live.test_cell_panel import letters, look, problems, shown


def test_the_tour_by_keyboard(open_panel: Open) -> None:
    page = open_panel("best52", letters(1)[0])
    page.locator(".tour-start button").focus()
    page.keyboard.press("Enter")
    stages, titles = [], []
    for step in range(1, 9):
        expect(page.locator(".tour-count")).to_have_text(f"{step} of 8")
        expect(page.locator(".tour-card h3")).to_be_focused()
        stages.append(page.evaluate("session.selection.stage"))
        titles.append(page.locator(".tour-card h3").inner_text())
        page.keyboard.press("ArrowRight")
    assert stages == ["input", "conv1", "conv1", "conv1", "conv1", "pool1", "flatten", "softmax"]
    assert titles[1].startswith("What Conv1 did to your ") and titles[5] == "Why Pool1 is half as large"
    page.keyboard.press("Escape")
    expect(page.locator(".tour-card")).to_be_hidden()
    expect(page.locator(".tour-start button")).to_be_focused()
    page.evaluate("tour.go(6, { focus: false })")  # as a link does
    expect(page.locator(".tour-card h3")).to_have_text("Why Pool1 is half as large")
    page.get_by_role("button", name="End tour").click()
    assert page.evaluate("steps") == [1, 2, 3, 4, 5, 6, 7, 8, None, 6, None]


@pytest.mark.parametrize("cell", [("conv2", 3, 10, 12), ("conv1", 3, 20, 20), ("pool2", 4, 5, 6)])
def test_ideas_plays_with_the_cell(open_panel: Open, cell: tuple[str, int, int, int]) -> None:
    page = open_panel("report-cnn", letters(3)[1])
    look(page, *cell)
    page.get_by_role("button", name="Play with this in Ideas").click()
    page.evaluate("runLab(document.querySelector('#lab'), { value: '' }, () => {})")
    found = page.evaluate(
        """async () => {
          const { stage, map, y, x } = session.selection;
          const cell = await session.net.cell(stage, map, y, x);
          const number = (name) => document.querySelector(`[data-part=${name}]`);
          const pooled = number('pool-sum').querySelectorAll('b')[0].textContent;
          return [cell.kind === 'pool' ? cell.value : cell.inputs[cell.order[0]].sum + cell.bias,
                  cell.kind === 'pool' ? Number(pooled.replace('−', '-')) : Number(number('sum').dataset.value)];
        }"""
    )
    assert found[1] == pytest.approx(found[0], abs=0.006 if cell[0] == "pool2" else 2e-3)
    expect(page.locator("[data-set=picture]")).to_have_value("network")


def test_a_map_shows_what_it_likes(open_panel: Open) -> None:
    page = open_panel("report-cnn", letters(1)[0])
    page.evaluate("session.select({ stage: 'conv1', map: 6 })")
    page.locator(".read-tool > summary", has_text="What a map responds to").click()
    expect(page.locator(".likes li")).to_have_count(9)
    values = [shown(text) for text in page.locator(".likes b").all_inner_texts()]
    assert values == sorted(values, reverse=True) and values[0] > 0
    assert page.locator(".likes canvas").first.evaluate("(canvas) => canvas.width") == 10, "cut as Conv1's cells see"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_part_has_a_violation(open_panel: Open, theme: str) -> None:
    page = open_panel("report-cnn", letters(3)[1], theme, 390 if theme == "dark" else 1280)
    for number in range(3):
        page.locator(".read-tool > summary").nth(number).click()
    expect(page.locator(".origin-row canvas")).to_have_count(2)
    found = {}
    page.evaluate("document.querySelector('#lab').remove()")
    for cell in (("conv2", 3, 10, 12), ("pool1", 2, 3, 4), ("fc1", 3, 0, 0), ("softmax", 3, 0, 0)):
        look(page, *cell)
        found[cell[0]] = problems(page)
    page.evaluate("tour.go(2)")
    found["tour"] = problems(page)
    assert {name: lines for name, lines in found.items() if lines} == {}
