"""The Ideas tab in a real browser: what its scripts compute, against torch; the keyboard, a finger, a narrow screen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect
from torch.nn import functional

from fontdemo.glyph.strokes import draw as drawn
from fontdemo.glyph.strokes import parse_strokes
from fontdemo.network import formulas
from fontdemo.ui.ideas import view
from fontdemo.ui.ideas.tab import TITLE
from fontdemo.ui.read.examples import make_examples
from tests.browser.conftest import draw, open_tab
from tests.browser.test_network import choose as choose_network

A = next(e.content for e in make_examples() if e.character == "A")
FIVE = torch.tensor(view.example_picture())


@pytest.fixture
def ideas_page(page: Page) -> Page:
    return opened(page)


def opened(page: Page) -> Page:
    open_tab(page, TITLE)
    page.locator('[data-part="min"] i').first.wait_for()
    return page


def grid(page: Page, part: str) -> torch.Tensor:
    """The values of a grid of cells, as the page computed them."""
    cells = page.locator(f'[data-part="{part}"] i').evaluate_all(
        "cells => cells.map((cell) => [cell.dataset.row, cell.dataset.column, cell.dataset.value].map(Number))"
    )
    values = torch.zeros(int(cells[-1][0]) + 1, int(cells[-1][1]) + 1, dtype=torch.float64)
    for row, column, value in cells:
        values[int(row), int(column)] = value
    return values


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f'select[data-set="{name}"]').select_option(value)


def number(page: Page, part: str) -> float:
    """The number that ends a sentence of the page."""
    return float(re.findall(r"−?[\d.]+", page.locator(f'[data-part="{part}"]').inner_text())[-1].replace("−", "-"))


def convolved(picture: torch.Tensor, kernel: object, bias: float, stride: int, padding: int) -> torch.Tensor:
    weights = torch.tensor(kernel, dtype=torch.float64)[None, None]
    wide = picture.double()[None, None]
    return functional.conv2d(wide, weights, torch.tensor([bias]).double(), stride, padding)[0, 0]


def check_pools(page: Page, result: torch.Tensor) -> None:
    wide = result[None, None]
    oracles = {
        "max": functional.max_pool2d(wide, 2), "average": functional.avg_pool2d(wide, 2),
        "min": -functional.max_pool2d(-wide, 2),
    }  # fmt: skip
    for part, expected in oracles.items():
        torch.testing.assert_close(grid(page, part), expected[0, 0])


def test_convolution_and_pooling_are_torchs(ideas_page: Page) -> None:
    page = ideas_page
    # The report's sizes.
    assert grid(page, "picture").shape == (17, 8)
    assert grid(page, "result").shape == (15, 6)
    expect(page.locator('[data-part="result-size"]')).to_have_text("Result 15×6")
    choose(page, "padding", "1")
    assert grid(page, "result").shape == (17, 8)
    expect(page.locator('[data-part="max-size"]')).to_have_text("Max 8×4")
    settings = zip(view.KERNELS.items(), (1, 2, 3, 1, 2, 1), (0, 1, 2, 2, 0, 1), (0, 0.5, -1, 2, 0, 0.3), strict=True)
    for (name, kernel), stride, padding, bias in settings:
        choose(page, "preset", name)
        choose(page, "stride", str(stride))
        choose(page, "padding", str(padding))
        page.locator('[data-set="bias"]').fill(str(bias))
        expected = convolved(FIVE, kernel, bias, stride, padding)
        torch.testing.assert_close(grid(page, "result"), expected)
        check_pools(page, expected)
        sizes = page.locator('[data-part="sizes"] dd').all_inner_texts()
        assert sizes == [formulas.sliding(size, 3, stride, padding) for size in view.PICTURE]


def test_a_kernel_of_ones_own_on_ones_own_drawing(page: Page) -> None:
    draw(page, json.loads(A))
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read")
    opened(page)
    expect(page.locator("#norm-view")).to_contain_text("Map 1")  # what the server sends has come
    choose(page, "picture", "drawing")
    kernel = np.random.default_rng(0).integers(-3, 4, (3, 3)) / 2
    for index, weight in enumerate(kernel.ravel()):
        page.locator(f'[data-weight="{index}"]').fill(str(weight))
    assert page.locator('[data-set="preset"]').input_value() == "own"
    picture = grid(page, "picture")
    seen = torch.tensor(view.shrunk(drawn(parse_strokes(str(A))), *view.DRAWING))
    # The pad thins a stroke's points out, which may move its edge by a hundredth.
    assert picture.shape == (16, 16) and (picture - seen).abs().max() < 0.11 and picture.max() > 0.5
    expected = convolved(picture, kernel.tolist(), 0, 1, 0)
    torch.testing.assert_close(grid(page, "result"), expected)
    check_pools(page, expected)


def test_stepping_playing_and_the_sum_under_the_kernel(ideas_page: Page) -> None:
    page = ideas_page
    page.locator('[data-set="bias"]').fill("0.5")
    expected = convolved(FIVE, view.KERNELS["vertical edges"], 0.5, 1, 0)
    page.get_by_role("button", name="Start over").click()
    assert page.locator('[data-part="result"] .grid-blank').count() == 15 * 6 - 1
    for _ in range(7):
        page.get_by_role("button", name="Step", exact=True).click()
    assert page.locator('[data-part="result"] .grid-blank').count() == 15 * 6 - 8
    window = FIVE[1:4, 1:4].double() * torch.tensor(view.KERNELS["vertical edges"])
    products = page.locator('[data-part="products"] i').evaluate_all("all => all.map((i) => Number(i.dataset.value))")
    torch.testing.assert_close(torch.tensor(products).double(), window.ravel(), check_dtype=False)
    assert number(page, "sum") == pytest.approx(float(expected[1, 1]), abs=0.005)
    page.get_by_role("button", name="Back").click()
    expect(page.locator('[data-part="sum"]')).to_contain_text("Row 2, column 1:")
    page.get_by_role("button", name="Play").click()
    expect(page.locator('[data-part="sum"]')).to_contain_text(re.compile(r"Row (3|4|5|6|7|8|9|1\d), "))
    page.get_by_role("button", name="Pause").click()
    assert page.get_by_role("button", name="Play").is_visible()
    page.get_by_role("button", name="Back").click()
    row, column = (int(page.locator('[data-part="sum"]').get_attribute(f"data-{n}") or "") for n in ("row", "column"))
    assert page.locator(".grid-blank").count() == 15 * 6 - (6 * row + column) - 1
    # The mouse shows any cell, and then all of the result.
    page.locator('[data-part="result"] i').nth(6 * 9 + 4).click()
    assert number(page, "sum") == pytest.approx(float(expected[9, 4]), abs=0.005)
    assert page.locator(".grid-blank").count() == 0
    page.locator('[data-part="result"]').focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator('[data-part="sum"]')).to_contain_text("Row 8, column 6:")
    page.locator('[data-part="average"]').focus()
    page.keyboard.press("ArrowDown")
    result = grid(page, "result")
    assert number(page, "pool-sum") == pytest.approx(float(result[2:4, 0:2].min()), abs=0.005)


TORCH: dict[str, Callable[[torch.Tensor, float], torch.Tensor]] = {
    "silu": lambda x, _: functional.silu(x),
    "elu": lambda x, alpha: functional.elu(x, alpha),
    "relu": lambda x, _: functional.relu(x),
    "leaky_relu": lambda x, alpha: functional.leaky_relu(x, alpha),
    "sigmoid": lambda x, _: torch.sigmoid(x),
}


def curve(page: Page, kind: str, axis: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """The points (x, y) of the strong line of a plot, from its path and the labels of its axes."""
    labels = page.locator(f'[data-chart="{kind}"] text').evaluate_all(
        "all => all.map((t) => [t.textContent.replace('−', '-'), t.getAttribute('x'), t.getAttribute('y'),"
        " t.getAttribute('text-anchor')])"
    )
    along = [(float(t), float(x)) for t, x, _, anchor in labels if anchor == "middle"]
    up = [(float(t), float(y) - 4) for t, _, y, anchor in labels if anchor == "end"]

    def scale(marks: list[tuple[float, float]], index: float) -> float:
        (low, at), (high, to) = marks[0], marks[-1]
        return low + (index - at) / (to - at) * (high - low)

    path = page.locator(f".plot-{kind}").get_attribute("d") or ""
    for x, y in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", path):
        value = scale(up, float(y))
        if axis[0] <= value <= axis[1]:
            yield scale(along, float(x)), value


def test_activations_and_derivatives_are_torchs(ideas_page: Page) -> None:
    for name in view.ACTIVATIONS:
        check_activation(ideas_page, name)
    check_moving_on_the_plot(ideas_page)


def check_activation(page: Page, name: str) -> None:
    lab = page.locator("#ideas-activations .lab")
    lab.locator(f'[data-function="{name}"]').click()
    alphas = [0.3, 1.5] if name == "elu" else [0.2] if name == "leaky_relu" else [None]
    for alpha in alphas:
        if alpha is not None:
            lab.locator('[data-set="alpha"]').fill(str(alpha))
        for x in (-5.5, -1.25, -0.05, 0, 0.05, 2.4):
            lab.locator('[data-set="x"]').fill(str(x))
            state = lab.evaluate("lab => ({ ...lab.dataset })")
            at = torch.tensor(float(state["x"]), dtype=torch.float64, requires_grad=True)
            assert at.item() == pytest.approx(x)
            value = TORCH[name](at, float(state["alpha"]))
            value.backward()  # type: ignore[no-untyped-call]
            assert float(state["value"]) == pytest.approx(value.item(), abs=1e-12)
            assert float(state["slope"]) == pytest.approx(float(at.grad or 0), abs=1e-12)
            assert number(page, "value") == pytest.approx(value.item(), abs=6e-4)
            assert number(page, "slope") == pytest.approx(float(at.grad or 0), abs=6e-4)
        drawn_points = list(curve(page, "value", (-2, 6)))
        assert len(drawn_points) > 100
        xs = torch.tensor([x for x, _ in drawn_points], dtype=torch.float64, requires_grad=True)
        ys = TORCH[name](xs, alpha or 0)
        assert torch.allclose(ys, torch.tensor([y for _, y in drawn_points]).double(), atol=0.03)
        ys.sum().backward()  # type: ignore[no-untyped-call]
        slopes = list(curve(page, "slope", (-1, 3)))
        assert xs.grad is not None
        by_x = {round(x, 2): s for x, s in zip(xs.tolist(), xs.grad.tolist(), strict=True) if abs(x) > 0.02}
        pairs = [(by_x[round(x, 2)], y) for x, y in slopes if round(x, 2) in by_x]
        assert len(pairs) > 100 and max(abs(a - b) for a, b in pairs) < 0.02


def check_moving_on_the_plot(page: Page) -> None:
    chart = page.locator('[data-chart="value"]')
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 50)
    page.mouse.up()
    x = float(page.locator("#ideas-activations .lab").get_attribute("data-x") or "")
    assert 2.5 < x < 4


def test_softmax_is_torchs(ideas_page: Page) -> None:
    page = ideas_page
    rows = page.locator("#ideas-softmax [data-class]")

    def probabilities() -> torch.Tensor:
        return torch.tensor(rows.evaluate_all("rows => rows.map((row) => Number(row.dataset.probability))")).double()

    scores = torch.tensor(list(view.SCORES.values())).double()
    torch.testing.assert_close(probabilities(), torch.softmax(scores, 0), check_dtype=False, atol=1e-6, rtol=0)
    before = probabilities()
    page.get_by_role("button", name="Add 1 to all").click()
    torch.testing.assert_close(probabilities(), before, atol=1e-9, rtol=0)
    rows.nth(2).locator("input").fill("7.3")
    scores = scores + 1
    scores[2] = 7.3
    torch.testing.assert_close(probabilities(), torch.softmax(scores, 0), atol=1e-6, rtol=0)
    expect(rows.nth(2)).to_have_class("scores-best")


def test_normalisation_and_dropout_of_the_drawing(page: Page) -> None:
    choose_network(page, "report-cnn")
    draw(page, json.loads(A))
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read")
    opened(page)
    expect(page.locator("#norm-view .histogram")).to_have_count(2)
    expect(page.locator("#drop-view")).to_contain_text("values set to 0")
    before = page.locator("#drop-view img").nth(1).get_attribute("src")
    page.locator("#drop-again").click()
    expect(page.locator("#drop-view img").nth(1)).not_to_have_attribute("src", before or "")
    page.locator("#norm-map input[type=number]").fill("3")
    expect(page.locator("#norm-view")).to_contain_text("Map 3 y =")
    expect(page.locator("#norm-view .sheet").first).to_have_attribute("data-count", "16")
    page.locator("#norm-stage input").click()
    page.get_by_role("option", name="Conv2").click()
    expect(page.locator("#norm-view .sheet").first).to_have_attribute("data-count", "32")
    page.locator("#norm-view .sheet").first.click()
    expect(page.locator(".map-viewer[open] h3")).to_contain_text("Before, map")


def test_on_a_phone(open_page: Callable[..., Page]) -> None:
    page = opened(open_page(width=390))
    choose(page, "picture", "drawing")
    expect(page.locator('[data-part="note"]')).to_contain_text("Draw a character in the Read tab first")
    assert grid(page, "picture").shape == (17, 8)
    choose(page, "padding", "1")
    page.locator('[data-part="result"] i').nth(8 * 3 + 2).tap()
    expect(page.locator('[data-part="sum"]')).to_contain_text("Row 4, column 3:")
    page.locator('[data-part="max"] i').nth(5).tap()
    expect(page.locator('[data-part="pool-sum"]')).to_contain_text("Row 2, column 2:")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
