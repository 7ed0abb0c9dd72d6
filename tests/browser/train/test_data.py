"""The Data tab in a real browser: the sample, a set of one's own, the fonts counted; and for visitors only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, expect

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.browser.conftest import open_tab
from tests.support.servers.pageserver import serving_by
from tests.support.training import small_set


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[str]:
    """A page whose runs and data lie in `folder`, and where no font but matplotlib's is found."""
    pretrained.save(Network(), folder / "weights" / "report-cnn", "")
    nowhere = str(folder / "none")
    more = {"HOME": str(folder), "XDG_DATA_HOME": nowhere, "XDG_DATA_DIRS": nowhere, **environment}
    with serving_by("tests.support.servers.train_server", folder / "weights", folder / "runs", more=more) as url:
        yield url


def opened(browser: Browser, url: str, width: int = 1280) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(30_000)
    page.goto(url)
    page.locator("#pad canvas").wait_for()
    open_tab(page, "Data")
    return page


def test_from_nothing_to_a_set_and_through_it(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        page = opened(browser, url)
        # The sample is there from the beginning.
        expect(page.locator("#data-facts")).to_contain_text("print(len(train_data))10,400")
        expect(page.locator("#data-sheet")).to_contain_text("260 images of “T”, page 1 of")
        page.get_by_role("button", name="Build a small data set").click()
        expect(page.locator("#data-make")).to_have_count(0)
        page.locator("#data-set input").click()
        page.get_by_role("option", name=re.compile(r"^Fonts of this machine: \d+ faces, [\d,]+ images$")).click()
        expect(page.locator("#data-facts")).to_contain_text("print(image.shape)")
        expect(page.locator("#data-facts .data-same").first).to_contain_text("as in the report")
        expect(page.locator("#data-sheet")).to_contain_text(re.compile(r"\d+ images of “T”, page 1 of 1"))
        family = page.locator("#data-sheet li span").first.inner_text()
        page.get_by_label("Family").fill(family.upper())
        # The first one bears the name from the beginning: the others must go.
        expect(page.locator("#data-sheet li span").filter(has_not_text=family)).to_have_count(0)
        expect(page.locator("#data-sheet li").nth(0)).to_contain_text(family)
        page.get_by_label("Character").fill("c")
        expect(page.locator("#data-sheet")).to_contain_text("images of “C c”")
        page.get_by_label("Character").fill("!")
        expect(page.locator("#data-sheet")).to_contain_text("“!” is not a character of the alphabet")
        page.get_by_role("button", name="Scan this machine").click()
        expect(page.locator("#data-refused")).to_contain_text("can be used")
        expect(page.locator("#data-refused tbody tr").first).to_be_visible()
        page.locator("#data-search input, #data-search textarea").fill("no such font")
        expect(page.locator("#data-refused")).to_contain_text("0 refused faces")
        # Counted once for the process, and there for others.
        other = opened(browser, url, width=390)
        expect(other.locator("#data-refused")).to_contain_text("can be used")
        assert other.evaluate("document.documentElement.scrollWidth") == 390
        parts = other.locator(".data-scroll:has(.data-parts)")
        assert parts.evaluate("(box) => box.scrollWidth <= box.clientWidth")
        other.close()
        page.close()


def test_visitors_of_a_space_look_but_start_nothing(browser: Browser, tmp_path: Path) -> None:
    data = small_set(train=52 * 3, valid=52)
    data.save(tmp_path / "data" / "first.npz")
    with serving(tmp_path, SPACE_ID="ada/fonts") as url:
        page = opened(browser, url)
        expect(page.locator("#data-facts")).to_contain_text("10,400")
        page.locator("#data-set input").click()
        page.get_by_role("option", name="first").click()
        expect(page.locator("#data-sheet li")).to_have_count(4)
        expect(page.locator("#data-facts")).to_contain_text("156")
        expect(page.get_by_role("button", name="Scan this machine")).to_have_count(0)
        page.locator("#data-part input").click()
        page.get_by_role("option", name="validation").click()
        expect(page.locator("#data-sheet li")).to_have_count(1)
        small_set(train=52, valid=52 * 80).save(tmp_path / "data" / "second.npz")
        page.get_by_role("tab", name="Read").click()
        page.get_by_role("tab", name="Data").click()
        page.locator("#data-set input").click()
        page.get_by_role("option", name="second").click()
        expect(page.locator("#data-sheet")).to_contain_text("80 images of “T”, page 1 of 2")
        page.get_by_role("button", name="Next page").click()
        expect(page.locator("#data-sheet li")).to_have_count(20)
        page.close()
        check_that_a_strangers_request_starts_nothing(url)


def check_that_a_strangers_request_starts_nothing(url: str) -> None:
    """A hidden button's event sent by hand: the handler itself refuses."""
    config = httpx.get(f"{url}config", timeout=30).json()
    for name in ("begin_survey", "begin_building"):
        event = next(d for d in config["dependencies"] if d["api_name"].startswith(name))
        assert len(event["inputs"]) == 3  # the two that seek among the refused faces, and who it is
        job = {"data": ["", "", {}], "fn_index": event["id"], "session_hash": name}
        httpx.post(f"{url}gradio_api/queue/join", json=job, timeout=30).raise_for_status()
        with httpx.stream("GET", f"{url}gradio_api/queue/data", params={"session_hash": name}, timeout=30) as stream:
            done = next(line for line in stream.iter_lines() if "process_completed" in line)
        assert '"success":false' in done.replace(" ", "") and "This page has only the sample" in done
