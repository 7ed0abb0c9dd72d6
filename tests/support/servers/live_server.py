"""A tiny server, without Gradio, of the scripts of fontdemo/ui/live and read and of what the tests let them read."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import torch

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.reading.description import describe
from tests.support.servers.pageserver import ROOT

SCRIPTS = ROOT / "fontdemo" / "ui" / "live"

#: What is served beside the scripts and the networks, by path.
Extra = dict[str, Callable[[], bytes]]


@lru_cache
def network(name: str) -> Network:
    """A shipped network, loaded once."""
    with torch.inference_mode(False):  # tensors made within that mode are no good outside it
        return pretrained.load(name)


@contextlib.contextmanager
def serving(extra: Extra) -> Iterator[str]:
    """The URL, without "/" at its end, of the scripts, /NAME/description.json, /NAME/model.safetensors and `extra`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                content = _content(self.path, extra)
            except (LookupError, OSError, pretrained.WeightsError):
                self.send_error(404)
                return
            self.send_response(200)
            kinds = {".js": "text/javascript", "json": "application/json", "/": "text/html"}
            kind = next((kinds[end] for end in kinds if self.path.endswith(end)), "application/octet-stream")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # a network that was closed while it was fetched
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _content(path: str, extra: Extra) -> bytes:
    if path in extra:
        return extra[path]()
    if path == "/":
        return b"<!doctype html><title>live</title><canvas width=300 height=300></canvas>"
    if path.startswith(("/live/", "/read/")) and path.endswith(".js"):
        return (SCRIPTS.parent / path[1:]).read_bytes()
    name, _, file = path[1:].partition("/")
    if file == "description.json":
        return json.dumps(describe(network(name))).encode()
    if file == "model.safetensors" and name in pretrained.shipped():
        return (pretrained.WEIGHTS / name / file).read_bytes()
    raise KeyError(path)
