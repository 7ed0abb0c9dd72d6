"""The page on a ZeroGPU Space, with the real `spaces` and a stand-in for the service that lends cards.

Run as a module: python -m tests.support.servers.zerogpu_server SAMPLE RUNS NOTES. Without a card nothing can be moved
to one: the two functions of `spaces` that do so do nothing, and what is decorated trains on the CPU. NOTES gets a line
of JSON for each request to the service. Each slice ends after one step.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

#: A visitor whose token ends so has no quota left.
POOR = "poor"


def service(notes: Path) -> str:
    """The address of a service that lends a card to whoever asks, and notes what it is asked."""

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            address = urlsplit(self.path)
            asked = dict(parse_qsl(address.query))
            with open(notes, "a", encoding="utf-8") as lines:
                lines.write(json.dumps({"path": address.path, **asked}) + "\n")
            answer, status = {}, 200
            if address.path == "/schedule":
                answer = {"idle": True, "nvidiaIndex": 0, "nvidiaUUID": "none", "allowToken": "allowed"}
                if asked.get("token", "").endswith(POOR):
                    answer, status = {"left": 3, "wait": "PT1H"}, 429
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def serve(sample: Path, runs: Path, notes: Path) -> None:
    """Serve the page until the process ends."""
    os.environ |= {"SPACES_ZERO_GPU": "true", "SPACES_ZERO_DEVICE_API_URL": service(notes), "SPACE_ID": "ada/fonts"}
    import torch

    # What `spaces` looks for in every torch, and one without CUDA lacks.
    torch.version.cuda = torch.version.cuda or "12.8"
    if not hasattr(torch._C, "_cuda_init"):
        torch._C._cuda_init = lambda: None
        torch.cuda._is_in_bad_fork = bool  # gives False, and can be pickled
    from fontdemo.ui.context import NetworkStore
    from fontdemo.ui.page import build, launch_options
    from train.data import sources
    from train.runs import zerogpu
    from train.ui import slices_of_card
    from train.ui.train import tab

    sources.sample_file = lambda: sample
    zerogpu.MARGIN, slices_of_card.TICK = zerogpu.MOST - 0.001, 0.3
    train = tab.tab(runs)
    import spaces.zero.torch as card

    card.init = card.move = lambda *_, **__: None
    networks = NetworkStore(lambda: tab.networks(runs))
    demo = build(networks, [("Train", train)])
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **tab.with_tab(launch_options(networks)))
    print("serving", url, flush=True)
    demo.block_thread()


if __name__ == "__main__":
    serve(*map(Path, sys.argv[1:]))
