"""The Read page below a prefix and in a frame of another page, as hosts show it; and with reduced motion."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from fontdemo.network import pretrained
from tests.browser.conftest import draw
from tests.browser.read.test_read import A
from tests.support.servers.pageserver import serving
from tests.support.servers.prefix_proxy import Proxy, below

PREFIX = "/spaces/someone/page"


@pytest.fixture(scope="module")
def hosted(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy that has the page below a prefix."""
    weights = tmp_path_factory.mktemp("weights")
    shutil.copytree(pretrained.WEIGHTS / "report-cnn", weights / "report-cnn")
    with below(PREFIX) as proxy:
        with serving(weights, {"GRADIO_ROOT_PATH": PREFIX, "SPACE_ID": "ada/page"}) as proxy.target:
            yield proxy


def test_below_a_prefix_and_in_a_frame_the_browser_reads(browser: Browser, hosted: Proxy) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(60_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(f'<iframe src="{hosted.address}" style="width: 1240px; height: 860px" title="Page"></iframe>')
    frame = page.frame_locator("iframe")
    note = frame.locator("#strip-note")
    expect(note).to_contain_text("read in your browser", timeout=60_000)
    frame.get_by_label("Drawing of capital A").click()
    expect(note).to_contain_text("2 strokes, read in your browser")
    expect(frame.locator("#live-answer .answer-glyph")).to_have_text("A")
    # What the server makes: a picture is sent, and comes back as one.
    frame.get_by_label("Picture of small g").click()
    expect(frame.locator("#saw .saw-steps li")).to_have_count(4)
    expect(note).to_contain_text("A picture, read in your browser")
    page.close()
    assert [url for url in asked if url.startswith("http") and not url.startswith(hosted.address)] == []
    assert set(hosted.strays) <= {"/favicon.ico"}  # which every browser asks for by itself


def test_with_reduced_motion_nothing_moves_by_itself(browser: Browser, url: str) -> None:
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.add_init_script(
        """window.shown = [];
        document.addEventListener('pad-show', ({ detail }) => window.shown.push(detail.strokes.length), true);"""
    )
    page.goto(url)
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read in your browser")
    assert page.evaluate("shown") == [2], "the example is there at once, whole"
    draw(page, A)
    expect(page.locator("#live-answer .answer-glyph")).to_have_text("A")
    assert _moving(page) == []
    page.locator("#strip-tour").click()
    expect(page.locator(".tour-card")).to_be_visible()
    page.locator("#why > button").click()
    assert _moving(page) == []
    context.close()


def _moving(page: Page) -> list[str]:
    """What is animated or in transition on the page."""
    found: list[str] = page.evaluate(
        "document.getAnimations().map(({ effect }) => effect.target?.outerHTML.slice(0, 120))"
    )
    return found
