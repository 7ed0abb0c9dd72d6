"""A proxy that serves a page below a prefix, as one in front of a hosted page does: nothing lies beside it."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_OWN = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


@dataclass
class Proxy:
    """host: its name and port. target: the URL of the page. strays: paths outside the prefix that were asked for."""

    host: str
    prefix: str
    target: str = ""
    strays: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{self.host}{self.prefix}/"


@contextlib.contextmanager
def below(prefix: str) -> Iterator[Proxy]:
    """A proxy that serves `target` below `prefix` ("/a/b") and answers all else with 404."""

    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            if not self.path.startswith(f"{prefix}/"):
                proxy.strays.append(self.path)
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
            there = http.client.HTTPConnection(urlsplit(proxy.target).netloc, timeout=120)
            # A page that is closed hangs up.
            with contextlib.suppress(ConnectionError, http.client.HTTPException), contextlib.closing(there):
                there.request(self.command, self.path.removeprefix(prefix), body, headers)
                answer = there.getresponse()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in _OWN:
                        self.send_header(name, value)
                self.end_headers()
                while part := answer.read1(65536):  # events come one by one
                    self.wfile.write(part)
                    self.wfile.flush()

        do_GET = do_POST = do_HEAD = _pass_on

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the console."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy = Proxy(f"127.0.0.1:{server.server_port}", prefix)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
