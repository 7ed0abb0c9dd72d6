"""Pages of what the tests serve: a bare one of the live network, and that of one cell's panel."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.servers.live_server import serving
from tests.support.servers.panel_page import panels

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with serving({"/broken/model.safetensors": lambda: b"\0" * 20}) as url:
        page = browser.new_page(viewport={"width": 400, "height": 400})
        page.set_default_timeout(120_000)
        page.goto(url + "/")
        yield page
        page.close()


@pytest.fixture(scope="module")
def open_panel(browser: Browser) -> Iterator[Open]:
    with panels(browser) as opened:
        yield opened
