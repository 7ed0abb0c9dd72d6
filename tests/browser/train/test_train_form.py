"""The Train tab's form in a real browser: what fills it, what shows as edited, and the estimate that follows it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import open_tab
from tests.browser.train.test_data import serving
from tests.support.servers.pageserver import ROOT

PATIENCE = 90_000  # milliseconds


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("form")
    with serving(folder) as url:
        for name in ("metrics.jsonl", "training.json"):  # what a recording is played from
            shutil.copy(ROOT / "weights" / "report-cnn" / name, folder / "weights" / "report-cnn")
        yield url


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    page.locator("#pad canvas").wait_for()
    open_tab(page, "Train")
    page.get_by_role("button", name="All settings").click()
    yield page
    page.close()


def test_only_a_real_choice_fills_the_form_and_edited_fields_say_so(page: Page) -> None:
    epochs, label = page.locator("#set-epochs input"), page.locator("#set-epochs [data-testid=block-info]")
    menu, edited = page.locator("#recipe input"), page.locator("#settings [data-testid=block-info]", has_text="edited")
    expect(epochs).to_have_value("2")
    epochs.fill("7")
    expect(label).to_have_text("Epochs (edited)", timeout=PATIENCE)
    expect(edited).to_have_count(1)
    menu.click()
    expect(page.locator("ul[role=listbox]")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("ul[role=listbox]")).to_have_count(0)
    page.wait_for_timeout(2000)  # a form that fills itself does so by now
    expect(epochs).to_have_value("7")
    menu.click()  # the same recipe once more is a choice as well
    page.get_by_role("option", name="quick", exact=True).click()
    expect(epochs).to_have_value("2", timeout=PATIENCE)
    expect(edited).to_have_count(0, timeout=PATIENCE)
    menu.fill("augmented")  # and so is one made by keyboard
    page.keyboard.press("Enter")
    expect(page.locator("#set-augmentation input")).to_have_value("affine", timeout=PATIENCE)
    expect(edited).to_have_count(0)
    page.get_by_role("radio", name="The report's run").check()  # a card fills it all
    expect(menu).to_have_value("report", timeout=PATIENCE)
    expect(epochs).to_have_value("15", timeout=PATIENCE)
    expect(page.locator("#data-kind").get_by_label("The fonts of this machine")).to_be_checked()


def test_a_design_of_the_network_tab_is_what_is_trained(page: Page) -> None:
    open_tab(page, "Network")
    page.locator('#design-form [data-path="channels.0"]').fill("8")
    page.locator("#design-train").click()
    expect(page.locator("#designed")).to_contain_text("tab: last maps 32×6×6, 695,724 param", timeout=PATIENCE)
    expect(page.locator(".choice input:checked")).to_have_count(0, timeout=PATIENCE)
    given = page.locator("#settings [data-testid=block-info]", has_text="(from the Network tab)")
    expect(given).to_have_count(4, timeout=PATIENCE)
    expect(page.locator("#estimate .estimate")).to_contain_text("2 epochs would take about", timeout=PATIENCE)
    page.get_by_role("radio", name="Best").check()
    expect(page.locator("#designed")).to_be_empty(timeout=PATIENCE)
    expect(page.locator(".choice input:checked")).to_have_value("best")
    expect(given).to_have_count(0, timeout=PATIENCE)


def test_a_recorded_letter_is_learned_before_anyone_presses_start(page: Page) -> None:
    page.locator("#recordings button", has_text="Quick try").click()
    cells = page.locator("#follow-strip li")
    expect(cells.first).to_be_visible(timeout=PATIENCE)
    expect(cells.last).to_be_hidden()  # its time has not come yet
    expect(cells.last).to_be_visible(timeout=PATIENCE)
    expect(cells.last).to_contain_text("R")
    cells.last.get_by_role("button").click()
    expect(page.locator("#follow-maps")).to_contain_text("The maps of the letter after epoch 2", timeout=PATIENCE)
    expect(page.locator("#follow-stages [data-stage=conv1]")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Back to your runs").click()
    expect(cells).to_have_count(0, timeout=PATIENCE)


def test_a_recording_plays_and_curves_are_saved(page: Page) -> None:
    page.locator("#recordings button", has_text="The report's CNN").click()
    expect(page.locator("#run-card .pill")).to_have_text("recording", timeout=PATIENCE)
    clock = page.locator("#curves .charts-clock")
    page.wait_for_function(
        """() => {
          const told = document.querySelector('#curves .charts-clock')?.innerText ?? '';
          const newest = /^Recording: epoch ([0-9.]+):/.exec(told);
          window.told = [...(window.told ?? []), ...(newest ? [Number(newest[1])] : [])];
          const bar = document.querySelector('#run-card .run-recording .run-bar')?.getAttribute('aria-valuenow');
          if (newest) window.bars = [...(window.bars ?? []), [Number(bar), Number(newest[1])]];
          return newest && Number(newest[1]) === 15;
        }"""
    )
    epochs = page.evaluate("window.told")
    assert epochs == sorted(epochs) and epochs[0] < 8  # it came bit by bit
    # The bar is where the newest point is, between it and the next one.
    assert all(epoch - 0.1 <= bar * 15 / 100 <= epoch + 1.1 for bar, epoch in page.evaluate("window.bars"))
    expect(page.locator("#run-card .run-progress")).to_have_text("100.0 %", timeout=PATIENCE)
    expect(clock).to_contain_text("Recording: epoch 15:")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save CSV").click()
    rows = download.value.path().read_text().splitlines()
    assert rows[0].startswith("run,epoch,") and rows[1].startswith('"report')
    with page.expect_download() as download:
        page.get_by_role("button", name="Save PNG").click()
    with Image.open(download.value.path()) as picture:
        assert picture.width > 1000 and len(picture.convert("RGB").getcolors(1 << 24) or []) > 10
    page.get_by_role("button", name="Linear scale").click()
    expect(page.locator("#curves .chart").first).to_contain_text("60 %", timeout=PATIENCE)
    page.get_by_role("button", name="Back to your runs").click()
    expect(page.locator("#run-card .pill")).to_have_count(0, timeout=PATIENCE)


def test_the_estimate_is_never_older_than_the_form(page: Page) -> None:
    note = page.locator("#estimate .estimate")
    page.locator("#set-epochs input").fill("5")  # what is not edited has its time on its card
    expect(note).to_contain_text("5 epochs", timeout=PATIENCE)
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
