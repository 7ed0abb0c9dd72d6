"""Hosts: which names the page answers to, alone and in a page that is served; where a request comes from."""

from __future__ import annotations

import asyncio
import http.client
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import torch

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.gate.host import KnownHosts, client, known_hosts
from tests.support.servers.pageserver import serving

PORT = 7860


def status(
    host: str | None, more: tuple[str, ...] = (), port: int = PORT, origin: str | None = None, method: str = "GET",
    forwarded: str | None = None,
) -> int:  # fmt: skip
    """What a page on `port` answers to a request with this Host, this Origin and this X-Forwarded-Host."""
    answers: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        answers.append(200)

    async def send(message: Any) -> None:
        answers.append(message.get("status", 0))

    async def receive() -> Any:
        return {"type": "http.request"}

    headers = [] if host is None else [(b"host", host.encode())]
    headers += [] if origin is None else [(b"origin", origin.encode())]
    headers += [] if forwarded is None else [(b"x-forwarded-host", forwarded.encode())]
    scope = {"type": "http", "method": method, "path": "/", "headers": headers, "server": ("127.0.0.1", port)}
    asyncio.run(KnownHosts(app, more)(scope, receive, send))
    return answers[0]


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1:7860", "[::1]:7860", "LOCALHOST:7860"])
def test_this_machines_names_are_answered(host: str) -> None:
    assert status(host) == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example:7860", "evil.example", "localhost", "localhost:7861", "127.0.0.1.evil.example:7860", "", None,
     "localhost:7860.evil.example", "[::1]", "[::1]:1", "127.0.0.2:7860", "localhost:", "x@localhost:7860"],
)  # fmt: skip
def test_other_names_are_not(host: str | None) -> None:
    assert status(host) == 403


def test_at_home_a_tunnel_that_renames_its_visitors_is_none_of_this_machine() -> None:
    assert status("localhost:7860", forwarded="a1.tunnel.example") == 403
    assert status("localhost:7860", forwarded="localhost:7860") == 200
    named = ("fonts.example",)  # who names a host has a proxy, behind which no one is at home
    assert status("fonts.example", named, forwarded="inner.example") == 200


def test_no_other_name_is_written_into_the_page() -> None:
    """Gradio takes it for where the page is: out of a cache, or out of its examples, others would be sent there."""
    heeded: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        heeded.append([value for name, value in scope["headers"] if name != b"host"])

    def ask(name: bytes, value: bytes) -> list[bytes]:
        scope = {"type": "http", "headers": [(b"host", b"fonts.example"), (name, value)], "server": ("127.0.0.1", PORT)}
        asyncio.run(KnownHosts(app, ("fonts.example",))(scope, None, None))  # type: ignore[arg-type]  # neither is used
        return list(heeded.pop())

    for name in (b"x-forwarded-host", b"x-gradio-server"):
        for value in (b"evil.example", b"evil.example, fonts.example", b"http://evil.example/", b"", b"[", b"\xff",
                      b"fonts.example@evil.example", b"evil.example/fonts.example"):  # fmt: skip
            assert ask(name, value) == []
        for value in (b"fonts.example", b"Fonts.example:8443", b"https://fonts.example/x", b"127.0.0.1:7860"):
            assert ask(name, value) == [value]
    assert ask(b"accept", b"evil.example") == [b"evil.example"]


def test_the_port_may_be_left_out_where_it_is_the_webs() -> None:
    assert status("localhost", port=80) == 200 and status("[::1]", port=80) == 200


def test_more_hosts_are_named_with_a_port_or_for_any() -> None:
    more = known_hosts({"FONTDEMO_HOSTS": "fonts.example, other.example:8443"})
    assert more is not None
    assert status("fonts.example", more) == status("Fonts.example:1", more) == 200
    assert status("other.example:8443", more) == status("localhost:7860", more) == 200
    assert status("other.example", more) == status("evil.example", more) == 403


def test_another_websites_page_changes_nothing_and_learns_nothing() -> None:
    """A browser lets any page send an upload here, though not read the answer; Gradio one of another port read it."""
    here = "localhost:7860"
    for origin in ("http://evil.example", "null", "", "http://localhost:8000", "http://localhost:7860.evil.example"):
        assert status(here, origin=origin, method="POST") == status(here, origin=origin) == 403
    for origin in (None, "http://localhost:7860", "http://127.0.0.1:7860", "https://fonts.example"):
        assert status(here, ("fonts.example",), origin=origin, method="POST") == 200


def test_only_at_home_are_names_known() -> None:
    assert known_hosts({}) == ()
    assert known_hosts({"SPACE_ID": "a/b"}) is None
    assert known_hosts({"GRADIO_SERVER_NAME": "0.0.0.0"}) is None
    assert known_hosts({"GRADIO_SERVER_NAME": "0.0.0.0", "FONTDEMO_HOSTS": "a"}) == ("a",)


def test_a_served_page_answers_to_its_names_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.delenv("FONTDEMO_HOSTS", raising=False)
    torch.manual_seed(0)
    pretrained.save(Network(), tmp_path / "report-cnn", "")
    with serving(tmp_path) as url:
        address = urlsplit(url)

        def answer(host: str, method: str = "GET", path: str = "/config") -> tuple[int, bytes]:
            connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
            connection.request(method, path, headers={"Host": host})
            response = connection.getresponse()
            found = response.status, response.read()
            connection.close()
            return found

        assert answer(f"127.0.0.1:{address.port}")[0] == answer(f"localhost:{address.port}")[0] == 200
        for method, path in (("GET", "/"), ("GET", "/config"), ("POST", "/gradio_api/queue/join")):
            code, text = answer(f"evil.example:{address.port}", method, path)
            assert code == 403 and b"FONTDEMO_HOSTS" in text


# Where a request comes from


def scope(address: str, forwarded: str | None = None) -> dict[str, Any]:
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    return {"client": (address, 1234), "headers": headers}


def test_a_visitors_word_on_its_address_does_not_count() -> None:
    assert client(scope("8.8.8.8", "9.9.9.9"), on_space=False) == "8.8.8.8"
    assert client(scope("127.0.0.1", "9.9.9.9"), on_space=False) == ""  # the owner, or a proxy that serves all
    assert client(scope("10.0.0.1", "1.1.1.1, 9.9.9.9, 10.2.3.4"), on_space=True) == "9.9.9.9"
    assert client(scope("10.0.0.1", "9.9.9.9"), on_space=True) == "9.9.9.9"
    for nonsense in (None, "", "x, y", "10.0.0.1", ",,,"):
        assert client(scope("10.0.0.1", nonsense), on_space=True) == ""
    assert client({"client": None}, on_space=False) == ""


def test_an_address_is_looked_for_once_however_much_the_visitor_says() -> None:
    """Everyone who joins the queue has the addresses of all that wait there looked at, 120 of one visitor's too."""

    class Counted(list[tuple[bytes, bytes]]):
        looks = 0

        def __iter__(self) -> Any:
            self.looks += 1
            return super().__iter__()

    asked = scope("10.0.0.1")
    headers = asked["headers"] = Counted([(b"x-forwarded-for", b"," * 60_000 + b"9.9.9.9, 10.2.3.4")])
    assert {client(asked, on_space=True) for _ in range(120)} == {"9.9.9.9"} and headers.looks == 1
    assert client(scope("10.0.0.1", "9.9.9.9" + ", 10.2.3.4" * 1000), on_space=True) == ""  # no Space has such a row


def test_an_ipv6_visitor_is_its_network() -> None:
    found = client(scope("2606:4700:1:2:3::1"), on_space=False)
    assert found == client(scope("2606:4700:1:2:ffff::9"), on_space=False) == "2606:4700:1:2::/64"
    assert client(scope("::ffff:8.8.8.8"), on_space=False) == "8.8.8.8"
