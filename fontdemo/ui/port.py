"""The page's port: taken before its server starts, and a slow start waited for.

Gradio tries a port by starting the whole page on it, and gives up after five seconds. A page starts only once, since
that is all the MCP server in it allows: where another program takes the port meanwhile, or the machine is slow, every
other port failed too. Here a port is bound and listened on first, and only then the page starts.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time

from gradio import http_server

#: Seconds that a page may take to start.
PATIENCE = 120.0


class PatientServer(http_server.Server):
    """Gradio's server, which has its port before it starts."""

    def run_in_thread(self) -> None:
        """Start; returns when the page can be asked.

        OSError: the port is another's, and nothing was started. RuntimeError: the page did not start.
        """
        taken = listening(self.config.host, self.config.port)
        self.thread = threading.Thread(target=self.run, kwargs={"sockets": taken}, daemon=True)
        if self.reloader:
            self.watch_thread = threading.Thread(target=self.watch, daemon=True)
            self.watch_thread.start()
        self.thread.start()
        until = time.monotonic() + PATIENCE
        while not self.started:
            if not self.thread.is_alive() or time.monotonic() > until:
                for waiting in taken:
                    waiting.close()
                raise RuntimeError("The page did not start; the reason was written above.")
            time.sleep(0.001)


def listening(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen at this port of every address of `host`; OSError if one of them is taken."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    with contextlib.ExitStack() as opened:
        sockets = []
        for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
            taken = opened.enter_context(socket.socket(family, socket.SOCK_STREAM))
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            taken.bind(address)
            taken.listen(2048)
            sockets.append(taken)
        opened.pop_all()
    return sockets


def install() -> None:
    """Have Gradio start its servers so from now on."""
    http_server.Server = PatientServer  # type: ignore[misc]  # the class that Gradio makes its servers of
