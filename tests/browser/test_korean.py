"""The page in Korean: every tab holds no English but names; what changes is translated too; English comes back."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from fontdemo.network import pretrained
from fontdemo.ui.network.names import TITLES
from tests.browser.conftest import draw
from tests.browser.test_accessibility import T, with_something_to_show
from tests.support.fontmaker import source
from tests.support.servers.pageserver import serving_by
from train.loop.recipe import AUGMENTATIONS, RECIPES, SCHEDULES

PATIENCE = 90_000  # milliseconds

C = [[(0.7, 0.4), (0.5, 0.35), (0.35, 0.5), (0.35, 0.65), (0.5, 0.82), (0.7, 0.75)]]

# Names: of networks and recipes, of settings' values as JSON has them, of what is the same in every language.
NAMES = sorted(
    {
        *TITLES.values(), *RECIPES, *AUGMENTATIONS, *SCHEDULES, "English", "report-cnn", "report-crnn", "residual",
        "best52", "best62", "budget52", "course52", "letters52", "alnum62", "auto", "cpu", "cuda", "silu", "relu",
        "elu", "leaky_relu", "sigmoid", "none", "small", "first", "second",
        "trained: first", "trained: second", "FONTDEMO_HOST_SECRET", "Hugging Face", "Gradio", "torchsummary",
    },
    key=len, reverse=True,
)  # fmt: skip
TERMS = re.compile(
    r"torch\.Size|^DejaVuSans(\.ttf)?$|^fontdemo \d.*|^course$|^hand:|: .*(?=에 가장 가깝습니다)"
    r"|\b(Conv|Pool|Flatten|Res|Stage|Softmax|GRU|CRNN|CNN|FC|Fold)\d*(-\d+)?\b|\b(Leaky)?ReLU\b|\bSiLU\b|\bELU\b"
    r"|\b(Conv2d|BatchNorm2d|MaxPool2d|Linear|Dropout|Sigmoid|Identity|Flatten)-?\d*\b|\bGrad-CAM\b|\b(PNG|CSV|JSON|GIF"
    r"|JPEG|TIFF|WebP|BMP|API|CPU|GPU|PRO|Hub|MCP)\b|\bTesla T4\b|\.?\b(npy|zip|ttf|otf|ttc|woff2?)\b"
    r"|\b(tanh|sigmoid|max)\b|\b(Ctrl|Shift|Delete|Esc)\b|\b(train|valid)/\S+|\bZeroGPU\b|\btorch\b|huggingface\.co\S*"
    r"|\bada/font-reader\b|\bbatch norm (?=\d)",
    re.ASCII,
)

# What is on the screen, a text a line, but what is marked as a name or code; and what is said of it.
TEXTS = """() => {
  const found = [];
  const left = '[translate=no], code, pre, script, style, noscript';
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const parent = node.parentElement;
    if (!/[A-Za-z]{3}/.test(node.nodeValue) || parent.closest(left)) continue;
    if (parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) found.push(node.nodeValue.trim());
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) {
    if (element.closest('[translate=no], .closest-row, .data-sheet, .likes') || !element.checkVisibility()) continue;
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
      const text = element.getAttribute(name);
      if (text && /[A-Za-z]{3}/.test(text)) found.push(`${name}: ${text.trim()}`);
    }
  }
  return [...new Set(found)];
}"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole page with a data set, runs, a search, and quick lessons."""
    folder = tmp_path_factory.mktemp("korean")
    with_something_to_show(folder)
    shutil.copytree(pretrained.WEIGHTS / "report-cnn", folder / "weights" / "report-cnn")
    none = str(folder / "none")
    home = {"HOME": str(folder), "XDG_DATA_HOME": none, "XDG_DATA_DIRS": none}
    with serving_by("tests.support.servers.teach_server", folder / "weights", folder / "runs", more=home) as url:
        yield url


def opened(browser: Browser, url: str, **context: Any) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, **context)
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    page.locator("#strip .strip-column").first.wait_for()
    return page


def english(page: Page) -> list[str]:
    """What is on the screen with three Latin letters or more, but names."""
    page.wait_for_timeout(400)
    return [text for text in page.evaluate(TEXTS) if re.search("[A-Za-z]{3}", _without_names(text))]


def _without_names(text: str) -> str:
    text = re.sub("^(aria-label|title|placeholder|alt): ", "", text)
    for name in NAMES:
        text = re.sub(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", "", text)
    return TERMS.sub("", text)


def open_tab(page: Page, name: str) -> None:
    page.locator(f"#tabs > .tab-wrapper [role=tab][data-tab-id={name}]:visible").first.click()


def everywhere(page: Page) -> dict[str, list[str]]:
    """What is left of English in every tab, with something to show."""
    found: dict[str, list[str]] = {}
    page.locator("#pad [data-do=clear]").click()
    found["Read, empty"] = english(page)
    draw(page, T)
    expect(page.locator("#strip-note")).to_contain_text("2획을 브라우저에서")
    found["Read"] = english(page)
    draw(page, [[(0.1 + 0.08 * n, 0.2 + 0.6 * (n % 2)) for n in range(10)]])
    found["Read, a scribble"] = english(page)
    page.locator("#pad [data-do=clear]").click()
    draw(page, C)
    found["Read, alike"] = english(page)
    for stage in page.locator("#strip .strip-column").evaluate_all("all => all.map((one) => one.dataset.stage)"):
        page.locator(f".strip-column[data-stage={stage}] .strip-name").click()
        found[f"Read, {stage}"] = english(page)
    page.locator(".strip-column[data-stage=conv2] .strip-name").click()
    page.locator(".stage-grid").click(position={"x": 20, "y": 20})
    for summary in page.locator("#live-stage details > summary, .strip-save > summary, .pad-help > summary").all():
        summary.click()
    page.locator("[data-key=switch]").click()
    page.locator("[data-key=rank]").click()
    found["Read, tools"] = english(page)
    page.locator("[data-key=all-back]").click()
    for fold in ("why", "comparing"):
        page.locator(f"#{fold} > button").click()
    page.locator("#why img").first.wait_for()
    found["Read, sections"] = english(page)
    page.locator(".tour-start button").click()
    for step in range(1, 9):
        found[f"Tour, {step}"] = english(page)
        page.locator(".tour-next").click()
    page.locator(".hand-other").fill("G")
    page.locator(".hand-other").press("Enter")
    page.locator(".hand-learn").click()
    expect(page.locator(".hand-compared")).to_be_visible()
    found["Teach"] = english(page)
    open_tab(page, "Ideas")
    page.locator("#norm-view img").first.wait_for()
    page.locator("#drop-view img").first.wait_for()
    found["Ideas, a drawing"] = english(page)
    open_tab(page, "Read")
    page.locator("#source [role=tab][data-tab-id=picture]").click()
    found["Picture"] = english(page)
    page.locator(".about-open").click()
    found["About"] = english(page)
    page.keyboard.press("Escape")
    open_tab(page, "Network")
    page.wait_for_timeout(1000)
    found["Network"] = english(page)
    page.locator(".claim").nth(3).click()
    page.locator("details.summary > summary").click()
    found["Network, a claim"] = english(page)
    open_tab(page, "Font")
    found["Font, empty"] = english(page)
    page.locator("#font-file input[type=file]").set_input_files(source())
    page.locator("#font-sheet button").first.click()
    page.locator("#font-why img").first.wait_for()
    found["Font"] = english(page)
    open_tab(page, "Data")
    expect(page.locator(".data-parts")).to_be_visible()
    part = page.locator("#data-part input")
    expect(part).to_have_value("양쪽")  # no text, but what a closed menu shows
    part.click()
    page.get_by_role("option", name="검증").click()
    part.blur()
    expect(part).to_have_value("검증")
    expect(page.locator(".data-pages")).to_contain_text("이미지")
    found["Data"] = english(page)
    open_tab(page, "Train")
    expect(page.locator("#runs .run-name").first).to_be_visible()
    expect(page.locator("#start")).to_be_enabled()
    found["Train"] = english(page)
    page.locator("#settings > button").click()
    # No run has a network to share yet: the section's texts are looked at all the same.
    page.add_style_tag(content=".train-part { display: flex !important; }")
    page.locator("#hub > button").click()
    page.locator("#data-kind label").nth(1).click()
    found["Train, all settings"] = english(page)
    open_tab(page, "Tune")
    expect(page.locator("#tune-table tbody tr").first).to_be_visible()
    found["Tune"] = english(page)
    return found


def test_the_switch_is_remembered_and_english_comes_back(browser: Browser, url: str) -> None:
    page = opened(browser, url)
    draw(page, T)
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read in your browser")
    page.wait_for_timeout(1000)
    before = sorted(page.evaluate(TEXTS))
    assert "This is capital T." in before
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="한국어").click()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    expect(page.locator("#live-answer .answer-sentence")).to_have_text("대문자 T입니다.")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("tab", name="Read", exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert sorted(page.evaluate(TEXTS)) == before
    assert not page.evaluate("document.body.innerText.replace('한국어', '').match(/[가-힣]/)")
    page.locator("#pad [data-do=undo]").click()
    expect(page.locator("#strip-note")).to_contain_text("1 stroke, read in your browser")  # it is left alone now
    page.get_by_role("button", name="한국어").click()
    expect(page.get_by_role("tab", name="신경망", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("tab", name="신경망", exact=True)).to_be_visible(timeout=PATIENCE)
    page.close()


def test_an_english_browser_gets_nothing_of_it(browser: Browser, url: str) -> None:
    page = opened(browser, url, locale="en-US")
    draw(page, T)
    expect(page.locator("#strip-note")).to_contain_text("2 strokes, read in your browser")
    fetched = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert not [name for name in fetched if "/i18n/" in name]  # neither the script, whose observer costs, nor the texts
    page.close()


def test_names_and_what_visitors_type_stay_and_errors_are_told_in_korean(browser: Browser, url: str) -> None:
    page = opened(browser, f"{url}?lang=ko")
    open_tab(page, "Train")
    row = page.locator("#runs tr[data-run=second]")
    row.get_by_role("button", name="이름 바꾸기").click()
    field = page.locator(".runs-dialog input")
    field.fill("Start")  # a word that the page has too
    page.locator(".runs-dialog button", has_text="이름 바꾸기").click()
    expect(page.locator("#runs .run-name", has_text="Start")).to_be_visible()
    expect(page.locator("#start")).to_have_text("시작")
    page.locator("#runs tr[data-run=Start]").get_by_role("button", name="이름 바꾸기").click()
    field.fill("second")  # as other tests know it
    page.locator(".runs-dialog button", has_text="이름 바꾸기").click()
    expect(page.locator("#runs .run-name", has_text="second")).to_be_visible()
    open_tab(page, "Data")
    page.locator("#data-family input, #data-family textarea").fill("Search")
    expect(page.locator("#data-family input, #data-family textarea")).to_have_value("Search")
    open_tab(page, "Font")
    page.locator("#font-file input[type=file]").set_input_files(
        {"name": "x.ttf", "mimeType": "font/ttf", "buffer": b"no font"}
    )
    expect(page.locator("#font-sheet")).to_contain_text("글꼴 파일이 아닙니다")
    open_tab(page, "Tune")
    page.locator("#tune-trials input").fill("2.5")
    page.locator("#tune-start").click()
    expect(page.get_by_test_id("toast-body")).to_contain_text("시도는 1부터 1,000까지")
    expect(page.get_by_test_id("toast-body")).to_contain_text("오류")
    page.close()


# The last one: the fonts that it asks about are looked at by the server for a while after it.
def test_a_korean_browser_gets_korean_and_no_english_is_left_in_any_tab(browser: Browser, url: str) -> None:
    page = opened(browser, url, locale="ko-KR")
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    expect(page.get_by_role("tab", name="읽기", exact=True)).to_be_visible()
    # Lines break between words, and Korean doesn't lean.
    expect(page.locator("#pad .pad-hint")).to_have_css("font-style", "normal")
    expect(page.locator(".answer-sentence").first).to_have_css("word-break", "keep-all")
    found = everywhere(page)
    page.close()
    assert {name: lines for name, lines in found.items() if lines} == {}
