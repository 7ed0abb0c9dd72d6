"""fontdemo.ui.gate.host: at home, other users of the same machine, who reach the page's address as well."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fontdemo.ui import page
from fontdemo.ui.gate.host import CONNECTIONS, OwnUser, user_of

NOBODY = 65534

linux = pytest.mark.skipif(not CONNECTIONS[0].exists(), reason="only Linux says whose a connection is")


def answered(scope: dict[str, Any], user: int | None = None, tables: Any = CONNECTIONS) -> bool:
    """Whether the page is reached, or 403 sent."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sent.append(200)

    async def send(message: Any) -> None:
        sent.append(message.get("status"))

    asyncio.run(OwnUser(app, user, tables)(scope, None, send))  # type: ignore[arg-type]  # nothing is received
    assert sent[0] in (200, 403)
    return bool(sent[0] == 200)


@contextlib.contextmanager
def connected(family: int = socket.AF_INET, server: str = "127.0.0.1", to: str = "") -> Iterator[tuple[Any, Any]]:
    """A connection to a server of this machine: what ASGI says of it, and the client's socket."""
    with socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET) as listening:
        listening.bind((server, 0))
        listening.listen()
        with socket.socket(family) as client:
            client.connect((to or server, listening.getsockname()[1]))
            accepted, peer = listening.accept()
            with accepted:
                yield {"type": "http", "client": peer[:2], "server": accepted.getsockname()[:2]}, client


@linux
@pytest.mark.parametrize(
    ("family", "server", "to"),
    [(socket.AF_INET, "127.0.0.1", ""), (socket.AF_INET6, "::1", ""),
     (socket.AF_INET6, "127.0.0.1", "::ffff:127.0.0.1")],
    ids=["IPv4", "IPv6", "IPv4 over IPv6"],
)  # fmt: skip
def test_whose_a_connection_is(family: int, server: str, to: str) -> None:
    try:
        with connected(family, server, to) as (scope, _):
            assert user_of(scope) == os.getuid() and answered(scope)
            assert answered(scope, user=os.getuid() + 1) == (os.getuid() == 0)  # root may do anything anyway
    except OSError:
        pytest.skip("this machine has no such addresses")


@linux
@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can become somebody else")
def test_another_user_of_this_machine_is_refused() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(20)
        read, write = os.pipe()
        "127.0.0.1".encode("idna")  # loaded here: another user may not be let into Python's own folder
        if not (child := os.fork()):
            with contextlib.suppress(BaseException):
                os.setuid(NOBODY)
                with socket.create_connection(listening.getsockname()):
                    os.read(read, 1)
            os._exit(0)
        accepted, peer = listening.accept()
        scope = {"type": "http", "client": peer, "server": accepted.getsockname()}
        found = user_of(scope), answered(scope, user=1000), answered(scope, user=NOBODY)
        os.write(write, b"x")
        os.waitpid(child, 0)
        accepted.close()
    assert found == (NOBODY, False, True)


@linux
def test_who_has_hung_up_already_or_is_spoken_for_is_refused() -> None:
    """A request stays to be read when its sender has closed the connection, and then it seems to be root's."""
    with connected() as (scope, client):
        assert not answered({**scope, "client": ("203.0.113.9", 0)})  # what a proxy's X-Forwarded-For makes of it
        client.close()
        assert user_of(scope) == -1 and not answered(scope)


def test_where_the_system_says_nothing_all_are_answered(tmp_path: Path) -> None:
    table = tmp_path / "tcp"
    scope = {"type": "http", "client": ("127.0.0.1", 5000), "server": ("127.0.0.1", 7860)}
    assert user_of(scope, (table,)) is None and answered(scope, 1000, (table,))
    table.write_text("  sl  local_address rem_address   st\n")
    assert user_of(scope, (table,)) is None and answered(scope, 1000, (table,))
    assert answered({"type": "lifespan"}, 1000)


@pytest.mark.skipif(sys.byteorder != "little", reason="the table is of such a machine")
def test_the_table_as_linux_writes_it(tmp_path: Path) -> None:
    row = "   1: {} {} 01 00000000:00000000 00:00000000 00000000  {}        0 {} 1 0000000000000000 20 4 30 10 -1\n"
    table = tmp_path / "tcp"
    table.write_text("  sl  local_address rem_address   st\n" + row.format("0100007F:1EB4", "0100007F:1388", 7, 11)
                     + row.format("0200007F:1388", "0100007F:1EB4", 8, 12)
                     + row.format("0100007F:1388", "0100007F:1EB4", 9, 13))  # fmt: skip
    scope = {"type": "http", "client": ("127.0.0.1", 5000), "server": ("127.0.0.1", 7860)}
    assert user_of(scope, (table,)) == 9
    assert user_of({**scope, "client": ("127.0.0.2", 5000)}, (table,)) == 8


def test_only_a_page_at_home_is_its_users_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SPACE_ID", "FONTDEMO_HOSTS", "FONTDEMO_HOST_SECRET", "GRADIO_SERVER_NAME", "GRADIO_SHARE"):
        monkeypatch.delenv(name, raising=False)
    assert OwnUser in [each.cls for each in page.middleware()]
    for name, value in (("SPACE_ID", "a/b"), ("FONTDEMO_HOSTS", "a"), ("FONTDEMO_HOST_SECRET", "s" * 20),
                        ("GRADIO_SERVER_NAME", "0.0.0.0")):  # fmt: skip
        with monkeypatch.context() as set_:
            set_.setenv(name, value)
            assert OwnUser not in [each.cls for each in page.middleware()], name
