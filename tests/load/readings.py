"""Many visitors who draw at once, through the page's own protocol: join the queue, then wait at the event stream.

Prints one line: clients, readings, errors, readings a second, p50 and p95 in milliseconds. Run by hand against a page
that is served already:

    python -m tests.load.readings http://127.0.0.1:7860/ --clients 50 --seconds 60

Each client sends its next drawing as soon as it has seen the answer to the last one, --pause seconds later. It is told
to wait (429, 503) as the page's script is, which counts as `waited`; any other refusal is an error. With --forwarded
every client has an address of its own in X-Forwarded-For, as behind the proxy of a Space.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

#: Seconds for one reading; longer counts as an error.
PATIENCE = 60.0


@dataclass
class Result:
    """What a run of clients saw. seconds: of each reading that was answered. errors: what went wrong, and how often.

    messages: what the page told in its streams, all together.
    """

    clients: int
    lasted: float = 0.0
    seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    waited: int = 0
    messages: int = 0

    def percentile(self, part: float) -> float:
        """The time in seconds that `part` (0..1) of the readings took at most; nan without readings."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, math.ceil(part * len(ordered)) - 1)] if ordered else math.nan

    @property
    def per_second(self) -> float:
        """Readings a second of all clients together."""
        return len(self.seconds) / self.lasted if self.lasted else 0.0

    def line(self) -> str:
        """The result in one line."""
        return (
            f"clients {self.clients}  readings {len(self.seconds)}  errors {sum(self.errors.values())}  "
            f"waited {self.waited}  messages {self.messages}  per second {self.per_second:.1f}  "
            f"p50 {1000 * self.percentile(0.5):.0f} ms  p95 {1000 * self.percentile(0.95):.0f} ms"
        )


def drawing(rng: random.Random) -> str:
    """The pad's JSON of a T that no one has drawn before, about as long as a person's."""
    def line(x0: float, y0: float, x1: float, y1: float) -> list[list[float]]:
        fractions = [i / 30 for i in range(31)]
        exact = [(x0 + (x1 - x0) * fraction, y0 + (y1 - y0) * fraction) for fraction in fractions]
        return [[x + rng.uniform(-0.01, 0.01), y + rng.uniform(-0.01, 0.01)] for x, y in exact]

    return json.dumps([line(0.25, 0.2, 0.75, 0.2), line(0.5, 0.2, 0.5, 0.8)])


def reading_event(config: dict[str, Any], endpoint: str = "") -> tuple[int, list[Any]]:
    """The number of the event that reads a drawing, and the values of its inputs after the drawing.

    endpoint: the public one of this name ("read") instead of the page's own.
    """
    if endpoint:
        return next(fn["id"] for fn in config["dependencies"] if fn["api_name"] == endpoint), [None, None, "anything"]
    components = {part["id"]: part for part in config["components"]}
    pad = next(id_ for id_, part in components.items() if part["props"].get("elem_id") == "pad")
    event = next(fn for fn in config["dependencies"] if [pad, "input"] in [list(target) for target in fn["targets"]])
    return event["id"], [components[id_]["props"].get("value") for id_ in event["inputs"][1:]]


async def _read(
    http: httpx.AsyncClient, base: str, body: dict[str, Any], headers: dict[str, str], result: Result
) -> str:
    """One reading; "" if it was answered, else what went wrong."""
    for attempt in range(8):
        joined = await http.post(f"{base}gradio_api/queue/join", json=body, headers=headers)
        if joined.status_code not in (429, 503):
            break
        result.waited += 1
        await asyncio.sleep(min(4.0, 0.25 * 2**attempt))
    if joined.status_code != 200:
        return f"join: {joined.status_code}"
    event, answered = joined.json()["event_id"], False
    session = {"session_hash": body["session_hash"]}
    async with http.stream("GET", f"{base}gradio_api/queue/data", params=session, headers=headers) as data:
        if data.status_code != 200:
            return f"stream: {data.status_code}"
        async for line in data.aiter_lines():
            if not line.startswith("data:"):
                continue
            message = json.loads(line[5:])
            result.messages += 1
            if message.get("msg") == "process_completed" and message.get("event_id") == event:
                if not message["success"]:
                    return f"answer: {message['output'].get('error')}"
                answered = True
            if message.get("msg") in ("close_stream", "unexpected_error"):
                break
    return "" if answered else "the stream ended without an answer"


async def _visit(http: httpx.AsyncClient, base: str, event: int, more: list[Any], number: int, until: float,
                 pause: float, forwarded: bool, result: Result) -> None:  # fmt: skip
    rng = random.Random(number)
    headers = {"X-Forwarded-For": f"9.9.{number // 250}.{number % 250 + 1}"} if forwarded else {}
    await asyncio.sleep(rng.random() * min(1.0, pause or 1.0))
    while time.monotonic() < until:
        body = {"data": [drawing(rng), *more], "event_data": None, "fn_index": event, "trigger_id": None,
                "session_hash": f"load{number:04d}"}  # fmt: skip
        began = time.monotonic()
        try:
            wrong = await _read(http, base, body, headers, result)
        except httpx.HTTPError as error:
            wrong = type(error).__name__
        if wrong:
            result.errors[wrong] += 1
        else:
            result.seconds.append(time.monotonic() - began)
        await asyncio.sleep(pause)


async def load(
    base: str, clients: int, seconds: float, *, pause: float = 0.0, network: str = "", forwarded: bool = False,
    endpoint: str = "",
) -> Result:  # fmt: skip
    """`clients` visitors of the page at `base` (ends in "/") who draw for so many seconds; what they saw.

    network: the one to read with, by default the page's. endpoint: see `reading_event`.
    httpx.HTTPError if the page is not there.
    """
    result, endless = Result(clients), httpx.Limits(max_connections=None)
    # One for all: to make one takes a tenth of a second, in which none of the visitors gets on.
    async with httpx.AsyncClient(timeout=PATIENCE, limits=endless) as http:
        event, more = reading_event((await http.get(f"{base}config")).json(), endpoint)
        at = 1 if endpoint else 0  # after the picture
        more[at] = network or more[at]
        began = time.monotonic()
        until = began + seconds
        visits = (_visit(http, base, event, more, n, until, pause, forwarded, result) for n in range(clients))
        await asyncio.gather(*visits)
    result.lasted = time.monotonic() - began
    return result


def _processor(pid: int | None) -> float:
    """Seconds of processor time that a process has taken."""
    if pid is None:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(words: Sequence[str] | None = None) -> int:
    """The command line; 1 if any reading failed."""
    parser = argparse.ArgumentParser(description="Visitors who draw at once.")
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:7860/")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between an answer and the next drawing")
    parser.add_argument("--network", default="")
    parser.add_argument("--pid", type=int, help="of the server: tells its processor time (Linux)")
    parser.add_argument("--forwarded", action="store_true", help="an address of its own for every client")
    parser.add_argument("--endpoint", default="", help='"read": the public endpoint instead of the page')
    given = parser.parse_args(words)
    base = given.url.rstrip("/") + "/"
    before = _processor(given.pid)
    result = asyncio.run(
        load(base, given.clients, given.seconds, pause=given.pause, network=given.network, forwarded=given.forwarded,
             endpoint=given.endpoint)
    )  # fmt: skip
    spent = 1000 * (_processor(given.pid) - before) / max(1, len(result.seconds))
    print(result.line() + (f"  processor {spent:.1f} ms a reading" if given.pid else ""))
    for what, times in result.errors.most_common():
        print(f"  {times} x {what}")
    return 1 if result.errors else 0


if __name__ == "__main__":
    raise SystemExit(main())
