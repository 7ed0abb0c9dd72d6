"""Where the page is served, and which names it answers to.

"At home" is a page that only this machine can reach. A website that a person at home visits could point its own name
at 127.0.0.1 and so talk to the page from their browser (DNS rebinding); it would still send its own name as Host, so
at home only this machine's names are answered. Other users of the machine reach it as well, and so would be its host;
where the system says whose a connection is (Linux), only those of the user who started the page are answered. Who may
do what follows from it, in `train.access`.
"""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

#: The names of this machine for itself.
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

#: Linux's tables of this machine's connections: the addresses of both ends, and whose the first one is.
CONNECTIONS = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))

_ROOT = 0

# So often the system is asked whose a connection is before its request is refused.
_ASKED = 3

# What says by what name the page was called, besides Host.
_CALLED, _SCHEME = (b"x-forwarded-host", b"x-gradio-server"), re.compile(rb"^https?://")

# Addresses at the end of X-Forwarded-For that are looked at: a Space's proxies write a few, a visitor thousands.
_FORWARDED = 10


def bound_to_loopback(environment: Mapping[str, str], server_name: str | None = None) -> bool:
    """Whether only this machine can reach the page. server_name: as given to `Blocks.launch`, if it was."""
    if environment.get("SPACE_ID") or environment.get("COLAB_RELEASE_TAG"):
        return False
    if environment.get("GRADIO_SHARE", "").strip().lower() == "true":
        return False
    name = (server_name or environment.get("GRADIO_SERVER_NAME") or "127.0.0.1").strip("[]")
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.lower() == "localhost"


def at_home(environment: Mapping[str, str], server_name: str | None = None) -> bool:
    """Whether the page is for the person at this machine: only it can reach the page, and no proxy is said to stand in
    front, through which anyone could. server_name: see `bound_to_loopback`.
    """
    proxied = _named(environment) or environment.get("GRADIO_ROOT_PATH", "").strip()
    return not proxied and bound_to_loopback(environment, server_name)


def host_secret(environment: Mapping[str, str]) -> str:
    """What the host of a page that others reach says to be known as such; "" if there is no such secret."""
    return environment.get("FONTDEMO_HOST_SECRET", "").strip()


def anyone_is_host(environment: Mapping[str, str], server_name: str | None = None) -> bool:
    """Whether whoever reaches the page is its host: at home, unless a secret says who is."""
    return not host_secret(environment) and at_home(environment, server_name)


class KnownHosts:
    """ASGI middleware: answers only requests whose Host is this machine, with the port served, or is in `more`; and
    does nothing for a page of another website, which a browser names as Origin. Gradio lets pages at other ports of
    this machine read what it answers. By what other name a request says that the page was called is not heeded: Gradio
    would write it into the page, as where the browser finds it.

    more: further hosts, with a port or, for any port, without.
    """

    def __init__(self, app: ASGIApp, more: tuple[str, ...] = ()) -> None:
        self.app = app
        self.more = frozenset(name.lower() for name in more)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with 403 and a sentence."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if self._known(scope):
            heeded = [
                (name, value) for name, value in scope["headers"]
                if name not in _CALLED or self._served(scope, _SCHEME.sub(b"", value).partition(b"/")[0])
            ]  # fmt: skip
            await self.app({**scope, "headers": heeded}, receive, send)
            return
        port = (scope.get("server") or ("", 0))[1]
        sentence = f"Open http://127.0.0.1:{port}/ instead, or name this host in FONTDEMO_HOSTS."
        await PlainTextResponse(f"This page does not answer to that name. {sentence}\n", 403)(scope, receive, send)

    def _known(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"host"]
        # A tunnel may put this machine's name in the place of the one that a stranger asked for, and say so here.
        tunnel = not self.more and [value for name, value in scope["headers"] if name == b"x-forwarded-host"]
        if len(given) != 1 or not all(self._served(scope, host) for host in [*given, *(tunnel or [])]):
            return False
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        return all(self._served(scope, _SCHEME.sub(b"", origin)) for origin in origins)

    def _served(self, scope: Scope, given: bytes) -> bool:
        host = given.decode("latin-1").lower()
        name, _, port = host.rpartition(":") if not host.endswith("]") and ":" in host else (host, "", "80")
        served = (scope.get("server") or ("", None))[1]
        return host in self.more or name in self.more or (name in LOOPBACK and port == str(served))


class OwnUser:
    """ASGI middleware for a page at home: answers only programs of the user who started it, and of root, who can do
    everything anyway. Where the system does not say whose a connection is, all are answered.
    """

    def __init__(self, app: ASGIApp, user: int | None = None, tables: Sequence[Path] = CONNECTIONS) -> None:
        """user: the number of the user who started the page, by default this process's."""
        self.app, self.tables = app, tables
        self.user = getattr(os, "getuid", lambda: _ROOT)() if user is None else user

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with 403 and a sentence."""
        # While many connections come and go the system can leave one out of what it tells: ask it again.
        asked = (user_of(scope, self.tables) for _ in range(_ASKED))
        if scope["type"] not in ("http", "websocket") or any(user in (None, self.user, _ROOT) for user in asked):
            await self.app(scope, receive, send)
            return
        sentence = "To let others in, set FONTDEMO_HOST_SECRET, or FONTDEMO_HOSTS for a proxy, and start it again."
        await PlainTextResponse(f"This page is for the user who started it. {sentence}\n", 403)(scope, receive, send)


def user_of(scope: Mapping[str, Any], tables: Sequence[Path] = CONNECTIONS) -> int | None:
    """The number of the user of this machine whose program makes a request; None if the system does not tell of the
    page's connections at all; -1 if it does, but not of this one: then its other end is closed, or what stands in the
    request is the address of another machine, for which a proxy speaks.
    """
    (client_host, client_port), (host, port) = scope.get("client") or ("", 0), scope.get("server") or ("", 0)
    if port is None:  # a socket of the file system, which has users and rights of its own
        return None
    ends = (_address(client_host), client_port), (_address(host), port)
    told = False
    for table in tables:
        with suppress(OSError), table.open(encoding="ascii") as lines:
            next(lines, "")  # what the columns are
            for line in lines:
                _, local, remote, _, _, _, _, user, _, inode, *_ = line.split()
                told |= local.endswith(f":{port:04X}")
                if local.endswith(f":{client_port:04X}") and (_end(local), _end(remote)) == ends:
                    # An end that its program has closed is said to be root's.
                    return int(user) if inode != "0" else -1
    return -1 if told else None


def _end(text: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address | None, int]:
    """One end of a connection as the tables write it, 0100007F:1ED0."""
    address, _, port = text.partition(":")
    words = [bytes.fromhex(address[at : at + 8]) for at in range(0, len(address), 8)]
    ordered = b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)
    return _address(str(ipaddress.ip_address(ordered))), int(port, 16)


def known_hosts(environment: Mapping[str, str] = os.environ) -> tuple[str, ...] | None:
    """The further hosts that `KnownHosts` answers to, from FONTDEMO_HOSTS; None where any name will do."""
    named = _named(environment)
    return named if named or bound_to_loopback(environment) else None


def _named(environment: Mapping[str, str]) -> tuple[str, ...]:
    return listed(environment, "FONTDEMO_HOSTS")


def listed(environment: Mapping[str, str], variable: str) -> tuple[str, ...]:
    """The names in an environment variable, which are between commas."""
    return tuple(name.strip() for name in environment.get(variable, "").split(",") if name.strip())


def client(scope: MutableMapping[str, Any], *, on_space: bool) -> str:
    """The address a request comes from; "" if it is not known, or is this machine's and so tells nothing.

    on_space: behind the proxy of a Space, which appends to X-Forwarded-For the address it was called from: what stands
    before that is the visitor's word only, so the last public address counts. It is kept in `scope`: while an event
    waits, everyone who comes asks whose it is.
    """
    kept = f"{__name__}.{on_space}"
    if kept not in scope:
        scope[kept] = _forwarded(scope) if on_space else _calling(scope)
    return str(scope[kept])


def _forwarded(scope: Mapping[str, Any]) -> str:
    said = b",".join(value for name, value in scope.get("headers", ()) if name == b"x-forwarded-for")
    for part in reversed(said.decode("latin-1").rsplit(",", _FORWARDED)[-_FORWARDED:]):
        if (address := _address(part.strip())) is not None and address.is_global:
            return _network(address)
    return ""


def _calling(scope: Mapping[str, Any]) -> str:
    address = _address((scope.get("client") or ("", 0))[0])
    return "" if address is None or address.is_loopback else _network(address)


@contextmanager
def counted(requests: Counter[str], address: str) -> Iterator[None]:
    """Counts one more request of this address for as long as the context is open; one without any is not kept."""
    requests[address] += 1
    try:
        yield
    finally:
        requests[address] -= 1
        if not requests[address]:
            del requests[address]


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _network(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """An IPv4 address, or the /64 of an IPv6 one: a visitor has all of that to choose from."""
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
