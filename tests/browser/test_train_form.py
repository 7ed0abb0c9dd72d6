"""The Train tab's form in a real browser: what fills it, what shows as edited, and the estimate that follows it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import open_tab
from tests.browser.test_data import serving

PATIENCE = 90_000  # milliseconds


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("form")) as url:
        yield url


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    page.locator("#pad canvas").wait_for()
    open_tab(page, "Train")
    yield page
    page.close()


def test_only_a_real_choice_fills_the_form_and_edited_fields_say_so(page: Page) -> None:
    epochs, label = page.locator("#set-epochs input"), page.locator("#set-epochs [data-testid=block-info]")
    menu, edited = page.locator("#recipe input"), page.locator("#settings [data-testid=block-info]", has_text="edited")
    expect(epochs).to_have_value("15")
    epochs.fill("3")
    expect(label).to_have_text("Epochs (edited)", timeout=PATIENCE)
    expect(edited).to_have_count(1)
    menu.click()
    expect(page.locator("ul[role=listbox]")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("ul[role=listbox]")).to_have_count(0)
    page.wait_for_timeout(2000)  # a form that fills itself does so by now
    expect(epochs).to_have_value("3")
    menu.click()  # the same recipe once more is a choice as well
    page.get_by_role("option", name="report", exact=True).click()
    expect(epochs).to_have_value("15", timeout=PATIENCE)
    expect(edited).to_have_count(0, timeout=PATIENCE)
    menu.fill("augmented")  # and so is one made by keyboard
    page.keyboard.press("Enter")
    expect(page.locator("#set-augmentation input")).to_have_value("affine", timeout=PATIENCE)
    expect(edited).to_have_count(0)


def test_the_estimate_is_never_older_than_the_form(page: Page) -> None:
    note = page.locator("#estimate .estimate")
    expect(note).to_contain_text("15 epochs", timeout=PATIENCE)
    page.evaluate(
        """() => {
          window.seen = [];
          const epochs = document.querySelector('#set-epochs input'), note = document.querySelector('#estimate');
          new MutationObserver(() => window.seen.push([epochs.value, note.innerText]))
            .observe(note, { subtree: true, childList: true, characterData: true });
        }"""
    )
    for number in ("7", "8", "9"):
        page.locator("#set-epochs input").fill(number)
        expect(note).to_have_text("Estimating ...", timeout=5000)
    expect(note).to_contain_text("9 epochs", timeout=PATIENCE)
    seen = page.evaluate("window.seen")
    assert all(f"{epochs} epoch" in text or text == "Estimating ..." for epochs, text in seen), seen
