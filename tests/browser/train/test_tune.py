"""The Tune tab in a real browser: a search is started, seen, stopped, and begun anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.train.test_data import serving
from tests.support.training import packed

pytest.importorskip("optuna")

PATIENCE = 90_000  # milliseconds; the search's process imports torch first


def test_a_search_is_started_seen_and_stopped(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    packed(tmp_path / "data")
    with serving(tmp_path) as url:
        page = browser.new_page(viewport={"width": 390, "height": 900})
        page.set_default_timeout(PATIENCE)
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(url)
        page.locator("#pad canvas").wait_for()
        # On a narrow page the last tabs are behind the button that shows all.
        tab = page.get_by_role("tab", name="Tune")
        if not tab.is_visible():
            page.locator("#tabs .overflow-menu > button").first.click()
            page.locator("#tabs .overflow-dropdown").get_by_text("Tune").click()
        else:
            tab.click()
        expect(page.locator("#tune-above")).to_contain_text("No trial has finished yet")
        expect(page.locator("#tune-stop")).to_be_disabled()
        # The sample comes first; the small set is done sooner.
        page.locator("#tune-data input").click()
        page.get_by_role("option").nth(1).click()
        page.locator("#tune-start").click()
        expect(page.locator("#tune-above .pill-running")).to_be_visible(timeout=PATIENCE)
        expect(page.locator("#tune-start")).to_be_disabled()
        expect(page.locator("#tune-table tbody tr").first).to_be_visible(timeout=PATIENCE)
        page.locator("#tune-stop").click()
        expect(page.locator("#tune-above .pill")).to_have_text("stopped", timeout=PATIENCE)
        page.locator("#tune-over").click()
        page.locator("#tune-delete").click()
        expect(page.locator("#tune-table tbody tr")).to_have_count(0, timeout=PATIENCE)
        page.close()
        assert not troubles
