"""fontdemo.ui.gate.headers: what a browser is told to do for safety's sake, where the page may stand in a frame, and
whose cookies count.
"""

from __future__ import annotations

import time

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from fontdemo.ui.gate.headers import OwnCookies, SafeHeaders, framed, install, own_hosts
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


def test_no_cache_on_the_way_keeps_the_page_for_others() -> None:
    """It has the name in it by which it was asked for, which its asker may make up."""
    own = {"Cache-Control": "max-age=9"}
    page = Starlette(
        routes=[
            Route("/", lambda request: HTMLResponse("x")), Route("/config", lambda request: JSONResponse({})),
            Route("/own", lambda request: JSONResponse({}, headers=own)),
            Route("/a.js", lambda request: PlainTextResponse("x")),
        ],
        middleware=[Middleware(SafeHeaders, framed=True)],
    )  # fmt: skip
    kept = [TestClient(page).get(path).headers.get("cache-control") for path in ("/", "/config", "/own", "/a.js")]
    assert kept == ["private, no-cache", "private, no-cache", "max-age=9", None]


def test_it_stands_before_all_that_the_page_answers() -> None:
    assert middleware()[0].cls is SafeHeaders


OWN, OTHERS = "https://page.example", "https://evil.example"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({}, True),  # a program, or a person who opens the page
        ({"origin": OWN}, True),
        ({"origin": "https://a-b.hf.space"}, True),  # a Space behind a name of one's own
        ({"origin": OTHERS}, False),
        ({"origin": "null"}, False),
        ({"origin": f"{OTHERS}//page.example.evil"}, False),
        ({"origin": OTHERS, "x-forwarded-host": "evil.example"}, False),  # which a script may say
        ({"origin": "https://elsewhere.example", "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}, True),
        ({"origin": OWN, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}, False),
        ({"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"}, False),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, True),  # who comes back from signing in
        ({"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}, True),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_websites_page_is_not_whoever_is_signed_in_here(
    said: dict[str, str], kept: bool, method: str
) -> None:
    came = said.get("sec-fetch-site") == "cross-site" and said.get("sec-fetch-mode") == "navigate"

    def known(request: Request) -> JSONResponse:
        return JSONResponse([request.cookies, dict(request.session)])

    # As Gradio has it: what reads the cookie of who is signed in stands before all that the page brings.
    page = Starlette(
        routes=[Route("/", known, methods=["GET", "POST"])],
        middleware=[Middleware(SignedIn), Middleware(OwnCookies, hosts=own_hosts({"SPACE_HOST": "a-b.hf.space"}))],
    )
    answer = TestClient(page, base_url=OWN).request(method, "/", headers={"cookie": "session=x", **said})
    seen = kept and (method == "GET" or not came)
    assert answer.json() == ([{"session": "x"}, {"user": "ada"}] if seen else [{}, {}])


class SignedIn:
    """Stands for Starlette's SessionMiddleware, which needs a package more."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, "session": {"user": "ada"}}, receive, send)


def test_the_page_heeds_no_other_websites_cookies() -> None:
    assert OwnCookies in [one.cls for one in middleware()]
    assert own_hosts({}) == () and own_hosts({"FONTDEMO_HOSTS": "a.b, c:8"}) == ("a.b", "c:8")


@pytest.mark.parametrize("escaped", ["\\\\", '\\"'])
def test_a_long_cookie_takes_no_time(escaped: str) -> None:
    """Python 3.11.7 took 9.7 s for the first of them, of the thread that serves all."""
    install()
    before = time.process_time()
    assert cookie_parser('a="' + escaped * 30_000 + '"') == {"a": escaped[1] * 30_000}
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    ("given", "read"),
    [("b", "b"), ('"b"', "b"), ('"', '"'), ("", ""), (r'"\042\\\""', '"\\"'), (r'"\0"', "0"), (r'"\"', "\\")],
)
def test_cookies_are_read_as_ever(given: str, read: str) -> None:
    install()
    assert cookie_parser(f"a={given}; c=d") == {"a": read, "c": "d"}
