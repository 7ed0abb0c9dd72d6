"""One cell's panel in Chromium: what it shows against torch, and what is changed in it by keyboard."""

from __future__ import annotations

import copy
import re
import statistics
from typing import Any

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from fontdemo.glyph.strokes import draw
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.reading.description import describe
from tests.browser.live.conftest import Open
from tests.browser.live.test_live_cells import random_cells
from tests.browser.live.test_live_stages import drawings
from tests.support.servers.live_server import network

torch.set_num_threads(1)


def letters(count: int) -> list[Any]:
    found = drawings()
    return found[:: max(1, len(found) // count)][:count]


def shown(text: str) -> float:
    return float(text.replace("−", "-"))


def look(page: Page, stage: str, *cell: int) -> dict[str, Any]:
    """Choose a cell; its kind, how long it took in ms until the panel stood there, and what it says."""
    found: dict[str, Any] = page.evaluate(
        """async ([stage, map, y, x]) => {
          const panel = document.querySelector('#cell-panel'), began = performance.now();
          const { cell } = await look({ stage, map, y, x });
          panel.getBoundingClientRect(); // laid out
          const ms = performance.now() - began;
          const { highlight } = await import('/read/cell_panel.js');
          return { ms, kind: cell.kind, value: panel.querySelector('.cell-value').textContent, agrees: cell.agrees,
                   check: panel.querySelector('.cell-check')?.innerText, lit: highlight({}, cell),
                   lines: [...panel.querySelectorAll('.sum-value')].map((line) => line.textContent) };
        }""",
        [stage, *cell],
    )
    return found


def probabilities(net: Network, image: Any, off: dict[str, list[int]] | None = None) -> Any:
    """What torch says of an image with maps set to 0 behind their stages."""
    with torch.inference_mode():
        values = torch.from_numpy(image)[None, None]
        for name, stage in net.stages.items():
            values = stage(values)
            values[:, (off or {}).get(name, [])] = 0
        return net.probabilities(values)[0].numpy()


def in_browser(page: Page) -> Any:
    return np.array(page.evaluate("[...session.reading.probabilities]"))


def problems(page: Page) -> list[str]:
    page.wait_for_timeout(200)
    rules = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:140]}" for rule in rules for node in rule["nodes"]]


@pytest.mark.alone
@pytest.mark.parametrize("name", pretrained.shipped())
def test_the_panel_shows_torchs_values(open_panel: Open, name: str) -> None:
    chosen = letters(5)
    page = open_panel(name, chosen[0])
    net = copy.deepcopy(network(name)).double()
    times: dict[str, list[float]] = {}
    for number, strokes in enumerate(chosen):
        page.evaluate("(strokes) => session.setStrokes(strokes)", strokes)
        with torch.inference_mode():
            outputs = net.trace(torch.from_numpy(draw(strokes).astype(np.float64))[None, None])
        for stage, *cell in random_cells(name, number):
            output = outputs[stage][0]
            true, largest = float(output[tuple(cell[: output.dim()])]), float(output.abs().max())
            found = look(page, stage, *cell)
            assert shown(found["value"]) == pytest.approx(true, rel=1e-5, abs=1e-4 * largest), (stage, cell)
            assert found["agrees"] and "✓" in found["check"], (stage, cell)
            assert found["lit"]["input"]["height"] > 0 and found["lit"]["before"]["stage"], (stage, cell)
            times.setdefault(found["kind"], []).append(found["ms"])
        for stage in ("input", "softmax"):
            for map_ in range(4) if stage == "softmax" else (0,):
                found = look(page, stage, map_, 0, 0)
                times.setdefault(found["kind"], []).append(found["ms"])
    medians = {kind: statistics.median(all_) for kind, all_ in times.items()}
    print(f"\n{name}: ms until a cell's panel is there (median of each kind; slowest):",
          ", ".join(f"{kind} {medians[kind]:.0f} ({max(all_):.0f})" for kind, all_ in times.items()))  # fmt: skip
    assert medians.keys() == {"input", "softmax", *(stage["kind"] for stage in describe(network(name))["stages"])}
    assert {kind: ms for kind, ms in medians.items() if ms >= 50} == {}


def test_a_class_shows_its_share(open_panel: Open) -> None:
    (strokes,) = letters(1)
    page = open_panel("best52", strokes)
    true = probabilities(network("best52"), draw(strokes))
    label = int(true.argmax())
    found = look(page, "softmax", label, 0, 0)
    assert shown(found["value"]) == pytest.approx(float(true[label]), abs=1e-5) and found["agrees"]
    expect(page.locator("#cell-panel h3")).to_contain_text(network("best52").alphabet.title(label))


def test_links_in_the_panel_lead_back_to_the_pen(open_panel: Open) -> None:
    """FC to Flatten to Pool to Conv to the drawing, by keyboard alone."""
    page = open_panel("report-cnn", letters(1)[0])
    look(page, "fc1", 3, 0, 0)
    way = []
    for _ in range(3):
        page.locator("#cell-panel .cell-link").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        way.append(page.evaluate("session.selection.stage"))
    assert way == ["flatten", "pool3", "conv3"]
    look(page, "conv1", 3, 20, 20)
    page.locator("#cell-panel .num-grid").first.locator("[data-cell='0']").click()
    expect(page.locator("#cell-panel h3")).to_have_text("Your drawing, row 39, column 39")


def test_maps_are_switched_off_and_put_back(open_panel: Open) -> None:
    strokes = letters(3)[1]
    page, net, image = open_panel("report-cnn", strokes), network("report-cnn"), draw(strokes)
    page.evaluate("session.select({ stage: 'conv2', map: 5 })")
    page.locator(".read-tool > summary").first.click()
    page.get_by_role("button", name="Rank Conv2 by effect").click()
    expect(page.locator(".ranked li")).to_have_count(8)
    plain = probabilities(net, image)
    label = int(plain.argmax())
    drops = [probabilities(net, image, {"conv2": [m]})[label] for m in range(32)]
    rows = page.locator(".ranked li").all_inner_texts()
    first = int(rows[0].split("map ")[1].split(" ")[0]) - 1
    assert drops[first] == pytest.approx(min(drops), abs=1e-3), "the first one is needed most"
    page.locator(".ranked input").first.check()
    page.get_by_role("button", name="Switch it off").click()
    expect(page.locator(".changes-bar b")).to_have_text("2 changes")
    page.wait_for_timeout(300)
    np.testing.assert_allclose(in_browser(page), probabilities(net, image, {"conv2": [first, 5]}), atol=1e-4)
    look(page, "conv2", 5, 3, 3)
    assert shown(page.locator(".cell-value").inner_text()) == 0
    expect(page.locator("#cell-panel .changed").first).to_contain_text("Switched off")
    page.get_by_role("button", name="Put all back").click()
    expect(page.locator(".changes-bar")).to_be_hidden()
    page.wait_for_timeout(300)
    np.testing.assert_allclose(in_browser(page), plain, atol=1e-4)


def test_a_kernel_and_a_bias_are_changed_by_keyboard(open_panel: Open) -> None:
    strokes = letters(3)[1]
    page, image = open_panel("report-cnn", strokes), draw(strokes)
    look(page, "conv1", 3, 20, 20)
    page.locator("[data-key=kernel]").focus()
    for key in ("ArrowLeft", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    field = page.locator("[data-key=weight]")
    expect(field).to_be_focused()
    row, column = (int(number) - 1 for number in re.findall(r"\d+", field.get_attribute("aria-label") or ""))
    page.keyboard.press("Control+A")
    page.keyboard.type("2.5")
    page.keyboard.press("Enter")
    expect(page.locator(".kernel-head .changed")).to_have_text("kernel changed")
    page.locator(".read-tool > summary").first.click()
    page.get_by_role("slider", name="Bias").fill("3")
    expect(page.locator(".changes-bar b")).to_have_text("2 changes")
    page.wait_for_timeout(300)
    changed: Any = copy.deepcopy(network("report-cnn"))
    with torch.no_grad():
        changed.stages["conv1"].conv.weight[3, 0, row, column] = 2.5
        changed.stages["conv1"].conv.bias[3] *= 3
    np.testing.assert_allclose(in_browser(page), probabilities(changed, image), atol=1e-4)
    page.locator("[data-key=kernel-back]").click()
    expect(page.locator(".changes-bar b")).to_have_text("1 change")


def test_a_weight_of_a_fully_connected_stage_is_changed_by_keyboard(open_panel: Open) -> None:
    strokes = letters(3)[1]
    page, image = open_panel("report-cnn", strokes), draw(strokes)
    look(page, "fc1", 3, 0, 0)
    plain = in_browser(page)
    third = page.locator("#cell-panel .term-how button").nth(2)
    third.focus()
    page.keyboard.press("Enter")
    field = page.locator("[data-key=weight]")
    expect(field).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("-0.75")
    page.keyboard.press("Enter")
    expect(page.locator(".changes-bar li")).to_contain_text("FC1, value 4: weight of input ")
    expect(page.locator("#cell-panel .weight-line .changed")).to_contain_text("was ")
    index = page.evaluate("session.edits.kernels[0].input")
    changed: Any = copy.deepcopy(network("report-cnn"))
    with torch.no_grad():
        changed.stages["fc1"].fc.weight[3, index] = -0.75
    page.wait_for_timeout(300)
    np.testing.assert_allclose(in_browser(page), probabilities(changed, image), atol=1e-4)
    assert np.abs(in_browser(page) - plain).max() > 0
    assert problems(page) == []
    page.locator("[data-key=kernel-back]").click()
    expect(page.locator(".changes-bar")).to_be_hidden()
    page.wait_for_timeout(300)
    np.testing.assert_allclose(in_browser(page), plain, atol=1e-6)
