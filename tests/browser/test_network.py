"""The Network tab as a visitor uses it: settings typed, the report's argument clicked, another network chosen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from fontdemo.network.report_claims import CLAIMS
from fontdemo.ui.network.names import TITLES


def open_tab(page: Page) -> None:
    page.get_by_role("tab", name="Network").click()
    expect(page.locator("#design-verdict")).to_be_visible()


def choose(page: Page, name: str, dropdown: str = "#network") -> None:
    """Choose a network by its name; the other dropdown's list may still be open, so only this one's is looked at."""
    name = TITLES.get(name, name)
    page.locator(f"{dropdown} input").click()
    page.locator(dropdown).get_by_role("option", name=name, exact=True).click()
    expect(page.locator(f"{dropdown} input")).to_have_value(name)


def test_what_is_typed_is_followed_and_what_is_impossible_is_reported(page: Page) -> None:
    open_tab(page)
    choose(page, "report-cnn")
    verdict, tables = page.locator(".verdict"), page.locator("#design-tables")
    expect(verdict).to_contain_text("702,948 parameters")
    page.get_by_label("Padding of Conv3").fill("3")
    expect(tables).to_contain_text("32×7×7 → 1,568")
    expect(verdict).to_contain_text("915,940 parameters")
    kernel = page.get_by_label("Kernel of Conv1")
    kernel.fill("200")
    expect(verdict).to_contain_text("The 1st convolution's kernel must be a whole number from 1 to 100.")
    kernel.fill("")
    expect(verdict).to_contain_text("kernel must be a whole number")
    kernel.fill("100")
    expect(verdict).to_contain_text("These settings make no network. Pool2: a window of 2×2")
    kernel.fill("9")
    expect(tables).to_contain_text("(9×9×1+1)×16=1,312")
    # Nothing that was typed before is lost, and the field that is typed in keeps the focus.
    expect(tables).to_contain_text("32×7×7 → 1,568")
    assert page.evaluate("document.activeElement.ariaLabel") == "Kernel of Conv1"
    page.get_by_label("Activation of FC2").select_option("relu")
    page.get_by_label("One FC layer more").click()
    expect(tables).to_contain_text("4th FC Layer")
    expect(page.get_by_label("Activation of FC2")).to_have_value("relu")
    page.get_by_label("One convolutional layer less").click()
    expect(tables).not_to_contain_text("3rd Convolutional Layer")
    expect(page.locator(".toast-body")).to_have_count(0)


def test_the_reports_argument_is_a_click_each(page: Page) -> None:
    open_tab(page)
    choose(page, "report-cnn")
    verdict = page.locator(".verdict")
    for title, words in (
        ("Maps of 7×7", "915,940 parameters, 284,060 below"),
        ("Twice the maps", "1,318,468 parameters, 118,468 over"),
        ("Twice FC1", "1,358,820 parameters, 158,820 over"),
        ("First kernel of 9", "702,644 parameters"),
    ):
        page.get_by_role("button", name=title).click()
        expect(verdict).to_contain_text(words)
        expect(verdict.locator("h2")).to_have_text(title)
        expect(verdict).to_be_in_viewport()
    expect(page.get_by_label("Kernel of Conv1")).to_have_value("9")
    page.get_by_label("Kernel of Conv1").fill("12")
    page.get_by_role("button", name="First kernel of 9").click()
    expect(page.get_by_label("Kernel of Conv1")).to_have_value("9")


def test_what_is_shown_says_that_it_is_changing_until_the_answer_is_here(page: Page) -> None:
    open_tab(page)
    choose(page, "report-cnn")
    expect(page.locator(".verdict")).to_contain_text("702,948 parameters")
    page.route("**/queue/join", lambda route: (page.wait_for_timeout(1500), route.continue_()))
    page.get_by_role("button", name="Twice FC1").click()
    for part in ("#design-verdict", "#design-tables"):
        expect(page.locator(part)).to_have_attribute("aria-busy", "true", timeout=1000)
    expect(page.locator(".verdict h2")).to_have_text("Twice FC1")
    for part in ("#design-verdict", "#design-tables"):
        expect(page.locator(part)).not_to_have_attribute("aria-busy", "true")


def test_what_is_clicked_before_all_tabs_have_followed_is_not_undone(page: Page) -> None:
    open_tab(page)
    # Gradio tells the tabs of a chosen network one after another: here it takes seconds, as it does far from a Space.
    page.route("**/queue/join", lambda route: (page.wait_for_timeout(100), route.continue_()))
    choose(page, "report-cnn")
    page.get_by_role("button", name="Twice FC1").click()
    expect(page.locator(".verdict h2")).to_have_text("Twice FC1")
    page.wait_for_timeout(3000)
    expect(page.locator(".verdict h2")).to_have_text("Twice FC1")


def test_another_architecture_shows_its_tables_beside_the_reports_form(page: Page) -> None:
    open_tab(page)
    choose(page, "report-crnn")
    expect(page.locator(".verdict")).to_contain_text("1,052,420 parameters")
    # Whatever is chosen, a design begins with the report's CNN, and the form says so.
    expect(page.locator("#design-form")).to_contain_text("These are the settings of the report's CNN. Change one")
    expect(page.get_by_label("Kernel of Conv1")).to_have_value("10")
    expect(page.locator(".claim")).to_have_count(len(CLAIMS))
    choose(page, "report-cnn")
    expect(page.get_by_label("Kernel of Conv1")).to_have_value("10")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_tables_fit_a_phone(open_page: Callable[..., Page], theme: str) -> None:
    page = open_page(width=390, theme=theme)
    open_tab(page)
    choose(page, "report-cnn")
    expect(page.locator(".verdict")).to_contain_text("702,948")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    out = page.evaluate(
        """() => [...document.querySelectorAll('.verdict *, .layers *, .claims *, .design-edit *, .kernels *')].filter(
          (e) => e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.className)"""
    )
    assert out == []
