"""Teach it your hand, in a real browser: corrected, learned, read with, kept, taken away; by strangers in turn."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from fontdemo.glyph.glyph import from_drawing
from fontdemo.network import pretrained
from tests.browser.conftest import SESSION, draw
from tests.browser.test_accessibility import violations
from tests.support.servers.pageserver import serving_by

PATIENCE = 60_000  # milliseconds

T = [[(0.2, 0.18), (0.8, 0.18)], [(0.5, 0.18), (0.5, 0.84)]]
C = [[(0.7, 0.4), (0.5, 0.35), (0.35, 0.5), (0.35, 0.65), (0.5, 0.82), (0.7, 0.75)]]

Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole page with the report's CNN, whose lessons are those of tests/support/servers/teach_server.py."""
    folder = tmp_path_factory.mktemp("teach")
    shutil.copytree(pretrained.WEIGHTS / "report-cnn", folder / "weights" / "report-cnn")
    space = {"SPACE_ID": "ada/fontdemo"}
    with serving_by("tests.support.servers.teach_server", folder / "weights", folder / "runs", more=space) as url:
        yield url


@pytest.fixture
def visitor(browser: Browser, url: str) -> Iterator[Callable[..., BrowserContext]]:
    """A browser of its own for each visitor, for what is kept in one is no other's."""
    contexts: list[BrowserContext] = []

    def make(width: int = 1280, theme: str = "light") -> Page:
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{url}?__theme={theme}")
        ready(page)
        return page

    yield make  # type: ignore[misc]
    for context in contexts:
        context.close()


def ready(page: Page) -> None:
    page.locator("#strip .strip-column").first.wait_for(timeout=PATIENCE)
    page.locator(".hand-row").wait_for(state="attached", timeout=PATIENCE)


def name_it(page: Page, strokes: object, character: str) -> None:
    """Draw, and say what it was."""
    page.locator("#pad [data-do=clear]").evaluate("button => button.click()")
    draw(page, strokes)  # type: ignore[arg-type]
    page.locator(".hand-other").fill(character)
    expect(page.locator(".hand-said")).to_have_text(f"Kept as {character}.")


def learn(page: Page) -> None:
    page.locator(".hand-learn").click()
    expect(page.locator(".hand-message")).to_contain_text("The page reads with your network", timeout=PATIENCE)
    expect(page.locator("#strip-note")).to_contain_text("Your own network", timeout=PATIENCE)


def test_a_hand_is_learned_read_with_kept_and_taken_away(visitor: Opened, url: str, tmp_path: Path) -> None:
    page = visitor()
    draw(page, C)
    expect(page.locator("#live-answer .answer-sentence")).to_contain_text("small e")
    expect(page.locator("#hand")).to_be_hidden()
    page.get_by_role("button", name="That was a C c").click()  # one click among the likely ones
    expect(page.get_by_role("button", name="That was a C c")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#hand header p")).to_have_text("1 drawing of 1 character")
    name_it(page, T, "Q")
    name_it(page, T, "7")
    expect(page.locator("#hand header p")).to_have_text("3 drawings of 3 characters")
    page.get_by_role("button", name="Remove this 7").click()
    expect(page.locator("#hand header p")).to_have_text("2 drawings of 2 characters")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    learn(page)

    # What is shown of it: the curve, before and after, and what each drawing is read as now.
    expect(page.locator(".hand-curve svg")).to_have_attribute(
        "aria-label", "Step 30 of 30: these drawings 100.0 %, printed characters 98.0 %"
    )  # each character was drawn once: no other drawing tells whether the hand is learned
    first = page.locator(".hand-compared tbody tr").first
    assert first.inner_text().split("\t") == ["These drawings", "0 of 2", "2 of 2"]
    expect(page.locator(".hand-compared")).not_to_contain_text("had not learned")
    assert page.locator(".hand-thumbs span").all_inner_texts() == ["read as e, now C", "read as T, now Q"]
    # The browser reads with it, and says where the server does not.
    expect(page.locator("#live-answer .answer-sentence")).to_contain_text("capital Q", timeout=PATIENCE)
    expect(page.locator("#network input")).to_have_value("The report's CNN, your hand")
    expect(page.locator(".hand-note")).to_contain_text("read with the network it started from")
    page.wait_for_timeout(500)
    assert "n=report-cnn&" in page.evaluate("location.hash") and "hand" not in page.evaluate("location.hash")
    assert sum("strokes" in one for one in sent) == 1 and not any("hand%3A" in one for one in sent)
    # A key works once.
    [key] = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)"
                          ".filter((one) => one.endsWith('teach/model.safetensors'))")  # fmt: skip
    assert page.request.get(key).status == 404

    # The other way: the chooser goes back to the old network, which reads as before.
    with page.expect_download() as download:
        page.get_by_role("button", name="Download your network").click()
    assert download.value.suggested_filename == "report-cnn-your-hand.safetensors"
    folder = tmp_path / "mine"
    folder.mkdir()
    download.value.save_as(folder / "model.safetensors")
    shutil.copy(pretrained.WEIGHTS / "report-cnn" / "config.json", folder)
    with torch.inference_mode(False):
        mine, old = pretrained.load(folder), pretrained.load("report-cnn")
        image = torch.from_numpy(from_drawing([[list(point) for point in stroke] for stroke in T]).image)[None, None]
        shown = page.evaluate(f"async () => [...{SESSION}.reading.probabilities]")
        with torch.no_grad():
            probabilities = mine.probabilities(mine(image))[0].numpy()
            assert old.alphabet.classes[int(old(image).argmax())] == "T"
    assert mine.alphabet.classes[int(probabilities.argmax())] == "Q"
    np.testing.assert_allclose(shown, probabilities, atol=0.02)  # the browser's pen is drawn by the browser

    # Kept in this browser when wanted, and no other visitor's.
    page.get_by_label("Keep drawings and network").check()
    page.wait_for_timeout(500)
    page.reload()
    ready(page)
    expect(page.locator("#network input")).to_have_value("The report's CNN, your hand", timeout=PATIENCE)
    expect(page.locator("#strip-note")).to_contain_text("Your own network", timeout=PATIENCE)
    expect(page.locator("#live-answer .answer-sentence")).to_contain_text("capital Q", timeout=PATIENCE)
    other = visitor()
    other.locator("#network input").click()
    options = other.locator("ul[role=listbox] li")
    expect(options).to_have_count(1)
    assert "hand" not in options.first.inner_text()
    page.locator(".hand-row").get_by_role("button", name="Teach it your hand").click()
    expect(page.locator("#hand header p")).to_have_text("2 drawings of 2 characters")
    page.get_by_role("button", name="Forget all").click()
    expect(page.locator("#network input")).to_have_value("The report's CNN", timeout=PATIENCE)
    expect(page.locator("#strip-note")).not_to_contain_text("Your own network", timeout=PATIENCE)
    page.reload()
    ready(page)
    expect(page.locator("#live-answer .answer-sentence")).to_contain_text("capital T", timeout=PATIENCE)
    expect(page.locator("#network input")).to_have_value("The report's CNN")


def test_the_page_says_that_it_reads_with_a_network_only_once_it_does(visitor: Opened) -> None:
    page = visitor()
    name_it(page, T, "Q")
    held: list[Route] = []
    page.route("**/teach/model.safetensors", lambda route: held.append(route))
    page.locator(".hand-learn").click()
    message = page.locator(".hand-message")
    expect(message).to_contain_text("Loading your network", timeout=PATIENCE)
    expect(message).not_to_contain_text("reads with")
    while not held:
        page.wait_for_timeout(50)
    held[0].continue_()
    expect(message).to_contain_text("The page reads with your network now.", timeout=PATIENCE)


def test_who_comes_second_waits_and_a_lesson_is_stopped(visitor: Opened) -> None:
    first, second = visitor(), visitor()
    for page in (first, second):
        name_it(page, T, "Q")
    first.locator(".hand-learn").click()
    expect(first.locator(".hand-curve")).to_be_visible(timeout=PATIENCE)
    second.locator(".hand-learn").click()
    expect(second.locator(".hand-message")).to_contain_text("You are next, about")
    first.get_by_role("button", name="Stop", exact=True).click()
    expect(first.locator(".hand-message")).to_have_text("Stopped. Nothing was changed.")
    expect(first.locator(".hand-learn")).to_be_visible()
    expect(first.locator("#network input")).to_have_value("The report's CNN")
    expect(second.locator(".hand-message")).to_contain_text("The page reads with your network", timeout=PATIENCE)
    # A page that is not reloaded can learn again, and reads with the newer network at once.
    name_it(first, T, "7")
    expect(first.locator("#hand header p")).to_have_text("2 drawings of 2 characters")
    learn(first)


def test_what_forgets_printed_characters_is_not_kept(visitor: Opened) -> None:
    page = visitor()
    name_it(page, T, "Z")
    page.locator(".hand-learn").click()
    message = page.locator(".hand-message")
    expect(message).to_contain_text("Printed characters fell by 3.0 points, more than the 0.3", timeout=PATIENCE)
    expect(page.locator(".hand-compared thead")).to_contain_text("After, not kept")
    expect(page.get_by_role("button", name="Download your network")).to_be_hidden()
    expect(page.locator("#network input")).to_have_value("The report's CNN")
    expect(page.locator("#live-answer .answer-sentence")).to_contain_text("capital T")


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1280, "light")])
def test_by_keyboard_three_drawings_are_asked_for_and_axe_finds_nothing(
    visitor: Opened, width: int, theme: str
) -> None:
    page = visitor(width, theme)
    opener = page.locator(".hand-row").get_by_role("button", name="Teach it your hand")
    opener.focus()
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    letters = page.get_by_label("Draw 3 each of")
    letters.focus()
    page.keyboard.type("Té")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".hand-message")).to_have_text("This network doesn’t know é.")
    letters.fill("T")
    letters.press("Tab")
    page.keyboard.press("Enter")
    for number in (1, 2, 3):
        expect(page.locator(".hand-practice")).to_contain_text(f"{number} of 3")
        expect(page.locator("#pad canvas")).to_be_focused()
        for key in ("Space", "ArrowRight", "ArrowRight", "ArrowRight", "Space"):
            page.keyboard.press(key)
        page.locator(".hand-practice").get_by_role("button", name="Next").focus()
        page.keyboard.press("Enter")
    expect(page.locator("#hand header p")).to_have_text("3 drawings of 1 character")
    expect(page.locator(".hand-learn")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".hand-message")).to_contain_text("The page reads with your network", timeout=PATIENCE)
    expect(page.locator("#strip-note")).to_contain_text("Your own network", timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
