"""Training in a real browser: a run outlives its tab, its page and its server, and what it learned is used."""

from __future__ import annotations

import os
import shutil
import signal
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from fontdemo.network import pretrained
from tests.browser.train.conftest import PATIENCE, Server
from tests.support.training import letter_set
from train.data import course_files


def state(page: Page, text: str) -> None:
    expect(page.locator("#run-card .pill")).to_have_text(text, timeout=PATIENCE)


def buttons(page: Page, start: bool, stop: bool, resume: bool) -> None:
    for name, enabled in (("start", start), ("stop", stop), ("resume", resume)):
        expect(page.locator(f"#{name}")).to_be_enabled(enabled=enabled, timeout=PATIENCE)


def points(page: Page) -> int:
    """Points of the validation curve in the first chart."""
    path = page.locator("#curves .chart").first.locator("path.dots-valid")
    return (path.get_attribute("d") or "").count("M") if path.count() else 0


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.2)


def fill(page: Page, server: Server, name: str, epochs: int) -> None:
    page.get_by_role("button", name="All settings").click()
    page.get_by_label("A packed file").check()
    page.locator("#data-path textarea, #data-path input").fill(str(server.data))
    page.locator("#set-epochs input").fill(str(epochs))
    page.locator("#set-learning-rate input").fill("0.001")
    page.locator("#set-batch input").fill("20")
    page.locator("#run-name textarea, #run-name input").fill(name)


def draw(page: Page, wait: bool = True) -> None:
    """A T on the pad of the Read tab; wait: until it is read."""
    page.get_by_role("tab", name="Read").click()
    box = page.locator("#pad canvas").bounding_box()
    assert box is not None
    for stroke in (((0.2, 0.18), (0.8, 0.18)), ((0.5, 0.18), (0.5, 0.84))):
        (x0, y0), (x1, y1) = ((box["x"] + u * box["width"], box["y"] + v * box["height"]) for u, v in stroke)
        page.mouse.move(x0, y0)
        page.mouse.down()
        page.mouse.move(x1, y1, steps=8)
        page.mouse.up()
    if wait:
        expect(page.locator("#live-answer .bar-percent").first).to_contain_text("%")


def test_a_run_outlives_its_tab_and_its_server(server: Server, visit: Callable[..., Page]) -> None:
    page = visit()
    buttons(page, start=True, stop=False, resume=False)
    expect(page.locator(".choice").first).to_contain_text("on the CPU", timeout=PATIENCE)
    fill(page, server, "first", 500)
    page.locator("#start").click()
    state(page, "training")
    buttons(page, start=False, stop=True, resume=False)
    until(lambda: points(page) > 2, "the curve grows")
    page.locator("#log-fold button").first.click()
    expect(page.locator("#log")).to_contain_text("Train Accuracy")

    page.close()  # the tab is closed, and opened anew
    before = server.trained("first")
    until(lambda: server.trained("first") > before, "training goes on without a page")
    page = visit()
    state(page, "training")
    buttons(page, start=False, stop=True, resume=False)
    seen = points(page)
    until(lambda: points(page) > seen, "the curve still grows")
    page.reload()
    page.get_by_role("tab", name="Train").click()
    state(page, "training")

    server.end()  # the server goes, the run stays
    before = server.trained("first")
    until(lambda: server.trained("first") > before, "training goes on without a server")
    server.start()
    page.close()
    page = visit()
    state(page, "training")
    seen = points(page)
    until(lambda: points(page) > seen, "the curve grows after a restart")

    draw(page)  # a drawing is pinned while it trains
    page.get_by_role("tab", name="Train").click()
    page.locator("#pin").click()
    expect(page.locator("#follow-strip li b").first).to_be_visible(timeout=PATIENCE)

    until(lambda: server.accuracy("first") >= 0.9, "it learned enough to read the T that is drawn below")
    page.locator("#stop").click()
    state(page, "stopped")
    buttons(page, start=True, stop=False, resume=True)
    expect(page.locator("#use")).to_be_enabled()
    assert (server.runs / "first" / "best" / "model.safetensors").is_file()


def test_a_killed_trainer_is_reported_and_resumed(server: Server, visit: Callable[..., Page]) -> None:
    page = visit()
    state(page, "stopped")
    before = server.trained("first")
    page.locator("#resume").click()
    state(page, "training")
    until(lambda: server.trained("first") > before, "it goes on from where it stood")
    os.kill(server.trainer("first"), signal.SIGKILL)
    state(page, "crashed")
    expect(page.locator("#run-card [role=alert]")).to_contain_text("killed")
    expect(page.locator("#run-card pre")).to_contain_text("Epoch")  # the last lines of its log
    buttons(page, start=True, stop=False, resume=True)
    page.locator("#resume").click()
    state(page, "training")
    page.locator("#stop").click()
    state(page, "stopped")


def test_what_it_learned_is_used(server: Server, visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit()
    draw(page)
    untrained = page.locator("#live-answer").inner_text()
    page.get_by_role("tab", name="Train").click()
    page.locator("#use").click()
    expect(page.locator("#network input")).to_have_value("trained: first")
    page.wait_for_function("scrollY === 0")  # the answer is in view, however far down the button was
    expect(page.locator("#live-answer .answer-glyph")).to_have_text("T", timeout=PATIENCE)
    assert page.locator("#live-answer").inner_text() != untrained
    page.reload()  # from then on: the browser remembers
    expect(page.locator("#network input")).to_have_value("trained: first", timeout=PATIENCE)

    page.get_by_role("tab", name="Train").click()
    with page.expect_download() as download:
        page.locator("#download").click()
    assert download.value.suggested_filename == "first.zip"
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(tmp_path / "first")
    assert pretrained.load(tmp_path / "first").parameter_count == 702_948
    page.locator("#test-run").click()
    expect(page.locator("#mistakes")).to_contain_text("read correctly", timeout=PATIENCE)


def test_deleting_asks(server: Server, visit: Callable[..., Page]) -> None:
    page = visit()
    page.get_by_role("button", name="Rename first").click()
    page.get_by_label("New name").fill("second")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(page.locator("#runs .run-name")).to_have_text("second", timeout=PATIENCE)
    page.get_by_role("button", name="Delete second").click()
    page.get_by_role("button", name="Keep as it is").click()
    assert (server.runs / "second").is_dir()
    page.get_by_role("button", name="Delete second").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#runs")).to_contain_text("No runs yet", timeout=PATIENCE)
    # The list knows at once; the files go one after the other.
    deadline = time.monotonic() + PATIENCE / 1000
    while (server.runs / "second").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not (server.runs / "second").exists()
    buttons(page, start=True, stop=False, resume=False)


def test_the_tab_asks_for_news_only_while_it_is_open(visit: Callable[..., Page]) -> None:
    page = visit()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/queue/join" in request.url else None)

    def within(seconds: float) -> int:
        asked.clear()
        page.wait_for_timeout(1000 * seconds)
        return len(asked)

    page.wait_for_timeout(3000)
    assert within(6) >= 2
    for name in ("Read", "Data"):
        page.get_by_role("tab", name=name, exact=True).click()
        page.wait_for_timeout(4000)
        assert within(5) == 0
    page.get_by_role("tab", name="Train", exact=True).click()
    page.wait_for_timeout(2000)
    assert within(6) >= 2


def test_an_uploaded_archive_is_trained_on_and_one_that_means_harm_is_told_as_text(
    server: Server, visit: Callable[..., Page], tmp_path: Path
) -> None:
    harm = "<img src=x onerror='window.harmed=1'>.exe"
    with zipfile.ZipFile(tmp_path / "harm.zip", "w") as archive:
        archive.writestr(harm, "")
    course_files.write(letter_set(), tmp_path / "given")
    shutil.make_archive(str(tmp_path / "given"), "zip", tmp_path / "given")
    page = visit()
    page.get_by_role("button", name="All settings").click()
    page.get_by_label("Upload a .zip").check()
    page.locator("#set-epochs input").fill("1")
    page.locator("#run-name textarea, #run-name input").fill("uploaded")
    for name in ("harm.zip", "given.zip"):
        page.locator("#data-zip input[type=file]").set_input_files(tmp_path / name)
        expect(page.locator("#data-zip")).to_contain_text(name.split(".")[0], timeout=PATIENCE)
        page.locator("#start").click()
        if name == "harm.zip":
            expect(page.locator("#run-card")).to_contain_text("not in the report's layout", timeout=PATIENCE)
            assert page.evaluate("window.harmed") is None and page.locator("#run-card img").count() == 0
            page.locator("#data-zip").get_by_label("Clear").click()
    until(lambda: (server.runs / "uploaded" / "best").is_dir(), "an epoch of the uploaded archive")
    state(page, "finished")
