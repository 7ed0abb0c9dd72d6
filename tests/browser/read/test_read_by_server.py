"""The Read tab in a browser that can't run a network: the server reads what is drawn, and shows every stage."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import draw
from tests.browser.read.test_read import A


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page(by_server=True)


def test_a_drawing_is_read_by_the_server(page: Page) -> None:
    expect(page.locator("#answer .answer-sentence")).to_be_visible()
    expect(page.locator("#live-network")).to_be_hidden()
    draw(page, A)
    expect(page.locator("#saw")).to_contain_text("The path of the pen: 2 strokes.")
    expect(page.locator("#answer .answer-glyph")).to_have_text("A")
    stages = page.locator("#stages-view .stage h3").all_inner_texts()
    assert stages[0].startswith("Input") and "1×100×100" in stages[0] and stages[-1].startswith("Softmax")
    page.locator("#pad").get_by_role("button", name="Clear").click()
    expect(page.locator("#answer .answer-sentence")).to_have_text("The pad is empty. Draw one character.")


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
    viewer.get_by_label("Previous map").click()
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
