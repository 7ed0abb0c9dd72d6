"""A real browser on a page whose queue is full: it waits its turn and says so; no error appears."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import draw

T = [[[0.25, 0.2], [0.75, 0.2]], [[0.5, 0.2], [0.5, 0.8]]]


def test_a_refused_drawing_is_sent_again_and_read(open_page: Callable[..., Page]) -> None:
    page = open_page(by_server=True)  # else nothing would be sent
    refusals = [503, 429, 429]
    joined: list[int] = []

    def answer(route: Route) -> None:
        if refusals and "[[" in (route.request.post_data or ""):
            joined.append(refusals.pop(0))
            route.fulfill(status=joined[-1], json={"detail": "Queue is full."})
        else:
            route.continue_()

    page.wait_for_timeout(1000)  # what opening the page sends is on its way
    page.route("**/gradio_api/queue/join*", answer)
    draw(page, T[:1])
    expect(page.locator("#crowd")).to_contain_text("Many people are using this page right now")
    expect(page.locator("#answer .bar-percent").first).to_contain_text("%")
    expect(page.locator("#crowd")).to_be_hidden()
    assert joined == [503, 429, 429]
    assert page.get_by_test_id("toast-body").count() == 0 and page.locator(".toast-body").count() == 0


def test_other_answers_are_handed_on_at_once(page: Page) -> None:
    found = page.evaluate(
        """async () => {
            const seen = [];
            for (const url of ['gradio_api/queue/join', 'gradio_api/nothing', 'config']) {
                const answer = await fetch(url, url === 'config' ? {} : { method: 'POST', body: '{}' });
                seen.push(answer.status);
            }
            return [...seen, document.querySelector('#crowd')?.hidden ?? true];
        }"""
    )
    assert found[0] in (400, 422) and found[1] in (404, 405) and found[2:] == [200, True]


def test_the_line_stands_on_a_phone(open_page: Callable[..., Page]) -> None:
    page = open_page(width=390)
    page.route("**/gradio_api/queue/join*", lambda route: route.fulfill(status=503, json={"detail": "full"}))
    page.evaluate("() => void fetch('gradio_api/queue/join', { method: 'POST', body: '{}' })")
    line = page.locator("#crowd")
    expect(line).to_be_visible()
    box = line.bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
    page.unroute_all()
