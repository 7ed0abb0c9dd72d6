"""fontdemo.ui.gate.headers: what a browser is told to do for safety's sake, and where the page may stand in a frame."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from fontdemo.ui.gate.headers import SafeHeaders, framed
from fontdemo.ui.page import middleware


@pytest.mark.parametrize(
    ("environment", "anyones"), [({}, False), ({"SPACE_ID": "a/b"}, True), ({"COLAB_RELEASE_TAG": "1"}, True)]
)
def test_only_a_space_or_a_notebook_stands_in_a_frame(environment: dict[str, str], anyones: bool) -> None:
    assert framed(environment) is anyones
    safe = Middleware(SafeHeaders, framed=framed(environment))
    page = Starlette(routes=[Route("/", lambda request: PlainTextResponse("x"))], middleware=[safe])
    for path in ("/", "/none"):
        headers = TestClient(page).get(path).headers
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"
        assert ("frame-ancestors 'self'" in headers.get("content-security-policy", "")) is not anyones


def test_it_stands_before_all_that_the_page_answers() -> None:
    assert middleware()[0].cls is SafeHeaders
