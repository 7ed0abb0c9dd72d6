"""A cold start of the page: from the process to its first answers, GET / and then a reading (/read).

Prints one line for each start: seconds until both, the process's own processor time by then, and its memory. Run by
hand on a machine that does nothing else:

    python -m tests.load.cold_start --times 3
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass

import httpx
import psutil

from tests.support.servers.pageserver import ROOT, free_port

#: A stroke to read.
STROKE = [[[0.5, 0.1], [0.5, 0.9]]]


@dataclass(frozen=True)
class Start:
    """Seconds until the page and a reading were answered; processor: seconds it took by then; megabytes: resident."""

    page: float
    reading: float
    processor: float
    megabytes: float

    def line(self) -> str:
        """The start in one line."""
        return (
            f"GET / after {self.page:.1f} s  /read after {self.reading:.1f} s  "
            f"processor {self.processor:.1f} s  memory {self.megabytes:.0f} MB"
        )


def start(patience: float = 120.0) -> Start:
    """Start `python app.py` on a free port, wait for its first answers, end it. TimeoutError if they do not come."""
    port = free_port()
    environment = {**os.environ, "GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1"}
    began = time.monotonic()
    child = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        while True:
            try:
                httpx.get(address, timeout=patience).raise_for_status()
                break
            except httpx.ConnectError:
                if time.monotonic() - began > patience or child.poll() is not None:
                    raise TimeoutError("the page did not start") from None
                time.sleep(0.05)
        page = time.monotonic() - began
        read(address, patience)
        reading = time.monotonic() - began
        process = psutil.Process(child.pid)
        times = process.cpu_times()
        return Start(page, reading, times.user + times.system, process.memory_info().rss / 1e6)
    finally:
        child.terminate()
        child.wait()


def read(address: str, patience: float) -> None:
    """Ask the page at `address` to read a drawing; RuntimeError if it does not."""
    asked = httpx.post(f"{address}/gradio_api/call/v2/read", json={"strokes": STROKE}, timeout=patience)
    event = asked.raise_for_status().json()["event_id"]
    answer = httpx.get(f"{address}/gradio_api/call/read/{event}", timeout=patience).text
    data = json.loads(next(line[6:] for line in answer.splitlines() if line.startswith("data: ")))
    if "event: complete" not in answer or not data:
        raise RuntimeError(f"the reading failed: {answer}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3)
    for _ in range(parser.parse_args().times):
        print(start().line(), flush=True)


if __name__ == "__main__":
    main()
