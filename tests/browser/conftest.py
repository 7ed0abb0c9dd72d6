"""A real browser on the real page. Without a browser these tests are skipped, but on CI they fail."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable, Iterator, Sequence

import pytest
import torch
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.servers.pageserver import ROOT, serving

# A loaded machine answers in seconds what an idle one answers in a tenth of one.
expect.set_options(timeout=30_000)

# Without a GPU, as machines that run tests are: to imitate one (SwiftShader) takes 24 ms of CPU for a frame of the
# Read page, to do without takes 3.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

#: What the page's scripts share: of the module that the page itself fetched.
SESSION = """(await import(document.querySelector("link[href$='/read/session.js']").href)).session"""

Strokes = Sequence[Sequence[Sequence[float]]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser on a busy machine is late now and then: a test here may be run twice more before it has failed."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.flaky(reruns=2))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Why a test was run again: what is told only now and then must be told at all."""
    for report in terminalreporter.stats.get("rerun", []):
        wrong = [line for line in report.longreprtext.splitlines() if line.startswith("E  ")]
        terminalreporter.write_line(f"{report.nodeid} was run again: {' '.join(''.join(wrong[:3]).split())[:300]}")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # Debian's browser without a window is the lighter one: it draws no tabs and no address line.
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    path = os.environ.get("CHROMIUM", found or "/usr/bin/chromium")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        except Error as error:
            reason = f"no browser at {path} (set CHROMIUM): {error.message.splitlines()[0]}"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def url(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page with the networks that ship, and untrained ones for those of the report's two that do not."""
    weights = tmp_path_factory.mktemp("weights")
    if pretrained.WEIGHTS.is_dir():
        shutil.copytree(pretrained.WEIGHTS, weights, dirs_exist_ok=True)
    for name in {"report-cnn", "report-crnn"} - set(pretrained.shipped()):
        torch.manual_seed(0)
        pretrained.save(Network(name), weights / name, "")
    with serving(weights) as url:
        yield url


@pytest.fixture(scope="package")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all tests: its cache holds Gradio's scripts, which are most of what opening a page costs."""
    context = browser.new_context(has_touch=True, permissions=["clipboard-read", "clipboard-write"])
    # What one test chose (the page keeps the network) is nothing to the next one.
    context.add_init_script("localStorage.clear()")
    yield context
    context.close()


@pytest.fixture
def open_page(context: BrowserContext, url: str) -> Iterator[Callable[..., Page]]:
    """Opens the page: width in pixels, theme light or dark; a script error in the page fails the test.

    by_server: in a browser that can't run a network, so that the server reads what is drawn. link: as the page makes
    them, from its "#" on.
    """
    pages: list[Page] = []
    troubles: list[str] = []

    def open_(width: int = 1280, theme: str = "light", by_server: bool = False, link: str = "") -> Page:
        page = context.new_page()
        if by_server:
            page.add_init_script("delete window.Worker")
        pages.append(page)
        page.set_viewport_size({"width": width, "height": 900})
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(f"{url}?__theme={theme}{link}")
        page.locator("#stages-view .stage" if by_server else "#strip .strip-column").first.wait_for()
        return page

    yield open_
    for page in pages:
        page.close()
    assert not troubles


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


@pytest.fixture(scope="session")
def people() -> dict[str, list[Strokes]]:
    """What people drew for each character, scaled to stand between the pad's guide lines."""
    file = ROOT.parent / "shared" / "data" / "strokes" / "chars74k-hnd-dev.json"
    if not file.is_file():
        pytest.skip("no strokes of people here (../shared/data)")
    return json.loads(file.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def draw(page: Page, strokes: Strokes) -> None:
    """Draw with the mouse; points are in units of the pad's side."""
    canvas = page.locator("#pad canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        last = points[0]
        for point in points[1:]:
            # Every move costs a round trip; those that nobody could see are spared.
            if math.dist(point, last) > 4 or point == points[-1]:
                page.mouse.move(*point)
                last = point
        page.mouse.up()


def between_lines(strokes: Strokes, top: float, bottom: float) -> Strokes:
    """Strokes of any scale moved and scaled (aspect kept) so that they reach from `top` to `bottom` of the pad."""
    xs = [x for stroke in strokes for x, _ in stroke]
    ys = [y for stroke in strokes for _, y in stroke]
    scale = min((bottom - top) / max(1e-9, max(ys) - min(ys)), 0.8 / max(1e-9, max(xs) - min(xs)))
    middle, low = (min(xs) + max(xs)) / 2, max(ys)
    return [[[0.5 + scale * (x - middle), bottom + scale * (y - low)] for x, y in stroke] for stroke in strokes]


def open_tab(page: Page, name: str) -> None:
    """Open a tab; on a narrow screen those that find no place in the row are in the menu at its end."""
    tab = page.get_by_role("tab", name=name, exact=True)
    menu = page.locator("#tabs > .tab-wrapper .overflow-menu > button")
    expect(tab.or_(menu).first).to_be_visible()
    if tab.is_visible():
        tab.click()
    else:
        menu.click()
        page.locator("#tabs > .tab-wrapper .overflow-dropdown button", has_text=name).click()
