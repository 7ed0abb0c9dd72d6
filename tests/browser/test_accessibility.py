"""Every tab without a violation that axe-core finds, in light and dark and with something to show; and by keyboard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SESSION, draw, open_tab
from tests.browser.train.test_data import serving
from tests.support.fontmaker import source
from tests.support.training import packed, small_recipe
from train.runs.folder import RunFolder
from train.tune import study as tune

optuna = pytest.importorskip("optuna")

PATIENCE = 90_000  # milliseconds

T = [[(0.2, 0.18), (0.8, 0.18)], [(0.5, 0.18), (0.5, 0.84)]]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page with a data set, a run that has ended, one that crashed, and a search with trials."""
    folder = tmp_path_factory.mktemp("access")
    with_something_to_show(folder)
    with serving(folder) as url:
        yield url


def with_something_to_show(folder: Path) -> None:
    """A data set, runs and a search in `folder`."""
    (folder / "data").mkdir()
    data, runs = packed(folder / "data"), folder / "runs"
    for name, status in (("first", "finished"), ("second", "failed")):
        RunFolder.create(runs / name, small_recipe(), data)
        rows = [
            {"kind": "epoch", "at": n, "epoch": n, "train_error": 2 / n, "train_accuracy": 0.3 * n,
             "valid_error": 2 / n, "valid_accuracy": 0.25 * n, "previous_best": None, "improved": True,
             "seconds": 9.0 * n, "device": "the CPU", "memory": 5e8} for n in (1, 2, 3)
        ]  # fmt: skip
        (runs / name / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        (runs / name / "log.txt").write_text("Training on the CPU\nEpoch: 3\n")
        RunFolder(runs / name).write_state(status, message="the disk is full")
    study = tune.open_study(tune.default_storage(runs))
    batch = optuna.distributions.IntDistribution(25, 100)
    for value in (0.4, 0.6, 0.5):
        study.add_trial(optuna.trial.create_trial(params={"batch": 50}, distributions={"batch": batch}, value=value))


def opened(browser: Browser, url: str, theme: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{url}?__theme={theme}")
    page.locator("#pad canvas").wait_for()
    return page


def violations(page: Page) -> list[str]:
    """What axe finds, a line a node: rule, element, what is wrong."""
    expect(page.locator(".tabitem .pending:visible")).to_have_count(0, timeout=PATIENCE)  # Gradio dims what is at work
    page.wait_for_timeout(600)  # what fades in has its colours
    # That the name of a control holds the text that it shows is a rule that axe has off by default. What passed need
    # not be told element by element, which costs as much as the rules do.
    options = {"rules": {"label-content-name-mismatch": {"enabled": True}}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:120]} | {(node['any'] + node['all'] + node['none'])[0]['message']}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_tab_has_a_violation(browser: Browser, url: str, theme: str) -> None:
    page = opened(browser, url, theme)
    found = {"Read, empty": violations(page)}
    draw(page, T)
    expect(page.locator("#live-answer .bar-percent").first).to_contain_text("%", timeout=PATIENCE)
    found["Read"] = violations(page)
    page.evaluate(f"async () => {SESSION}.setEdits({{ off: {{ conv1: [1] }} }})")
    expect(page.locator("#put-back")).to_be_visible()
    found["Read, changed"] = violations(page)
    page.locator("#put-back").click()
    draw(page, [[(0.1 + 0.08 * n, 0.2 + 0.6 * (n % 2)) for n in range(10)]])
    found["Read, a scribble"] = violations(page)
    page.get_by_role("tab", name="Picture", exact=True).click()
    found["Picture"] = violations(page)
    for name in ("Network", "Ideas"):
        open_tab(page, name)
        found[name] = violations(page)
    open_tab(page, "Font")
    found["Font, empty"] = violations(page)
    page.locator("#font-file input[type=file]").set_input_files(source())
    expect(page.locator("#font-sheet button").first).to_be_visible(timeout=PATIENCE)
    page.locator("#font-sheet button").first.click()
    expect(page.locator("#font-why img").first).to_be_visible(timeout=PATIENCE)
    found["Font"] = violations(page)
    open_tab(page, "Data")
    expect(page.locator(".data-parts")).to_be_visible(timeout=PATIENCE)
    found["Data"] = violations(page)
    open_tab(page, "Train")
    expect(page.locator("#runs .run-name").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#start")).to_be_enabled(timeout=PATIENCE)
    found["Train"] = violations(page)
    page.get_by_role("button", name="All settings").click()
    expect(page.get_by_label("Upload a .zip")).to_be_visible(timeout=PATIENCE)
    found["Train, all settings"] = violations(page)
    page.get_by_label("Upload a .zip").check()
    expect(page.locator("#data-zip button").first).to_be_visible(timeout=PATIENCE)
    found["Train, upload"] = violations(page)
    open_tab(page, "Tune")
    expect(page.locator("#tune-table tbody tr").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#tune-start")).to_be_enabled(timeout=PATIENCE)
    found["Tune"] = violations(page)
    page.close()
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_a_menu_closes_when_tab_leaves_it(browser: Browser, url: str) -> None:
    page = opened(browser, url, "light")
    chooser, menu = page.locator("#network input"), page.locator("ul[role=listbox]")
    page.keyboard.press("Tab")
    expect(page.locator(".about-open")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="한국어")).to_be_focused()
    page.keyboard.press("Tab")
    expect(chooser).to_be_focused()
    expect(menu).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("tab", name="Read")).to_be_focused()
    page.wait_for_timeout(500)  # Gradio's own menu opens again after it has closed
    expect(menu).to_have_count(0)
    page.keyboard.press("Shift+Tab")
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    page.close()


def test_a_click_opens_a_menu_again_that_escape_closed(browser: Browser, url: str) -> None:
    page = opened(browser, url, "light")
    chooser, menu = page.locator("#network input"), page.locator("ul[role=listbox]")
    chooser.click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(chooser).to_be_focused()
    chooser.click()
    expect(menu).to_be_visible()
    page.close()


def test_ticked_runs_show_their_tick(browser: Browser, url: str) -> None:
    page = opened(browser, url, "light")
    open_tab(page, "Train")
    ticks = page.locator("#runs input")
    for index in (0, 1):
        ticks.nth(index).check(timeout=PATIENCE)
        expect(ticks.nth(index)).to_have_css("background-color", "rgb(193, 77, 9)")  # --accent; its tick is white
    page.close()


def test_on_a_phone_all_of_a_run_is_in_sight(browser: Browser, url: str) -> None:
    page = opened(browser, url, "light")
    page.set_viewport_size({"width": 390, "height": 844})
    open_tab(page, "Train")
    expect(page.get_by_role("button", name="Delete first")).to_be_visible(timeout=PATIENCE)
    assert page.locator(".runs-scroll").evaluate("(box) => box.scrollWidth <= box.clientWidth")
    page.close()


def test_with_the_systems_own_colours_what_is_chosen_and_how_long_a_bar_is_can_be_seen(
    browser: Browser, url: str
) -> None:
    page = opened(browser, url, "light")
    page.emulate_media(forced_colors="active")
    draw(page, T)
    expect(page.locator("#live-answer .bar-percent").first).to_contain_text("%", timeout=PATIENCE)
    ground = "(element) => getComputedStyle(element).backgroundColor"
    bar = page.locator("#live-answer .bar").first
    assert bar.locator("i").evaluate(ground) != bar.evaluate(ground)
    expect(page.locator("#among input").first).to_have_css("appearance", "auto")
    expect(page.get_by_role("tab", name="Read", exact=True)).to_have_css("outline-style", "solid")
    open_tab(page, "Train")
    expect(page.locator("#start")).to_have_css("border-top-style", "solid", timeout=PATIENCE)
    page.close()
