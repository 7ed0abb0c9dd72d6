"""How much memory the page holds while ten thousand readings of several kinds go through it, one kind after another.

Prints a line at the start and after each 2,000 readings: the process's resident memory. Run by hand against a page that
is served already as a Space:

    python -m tests.load.memory http://127.0.0.1:7860/ --pid PID

Kinds, in turn: a drawing on the page, in a visitor's own session; and by programs, each in a session of its own: /read
of a drawing, /read of a picture of a letter in grain, /read of a picture of three, /read_many of two, /stages.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import itertools
import json
import random
import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import numpy as np
import psutil
from PIL import Image, ImageDraw, ImageFont

from tests.load.readings import PATIENCE, Result, _read, drawing, reading_event

#: How many visitors read at once.
CLIENTS = 16


def picture(rng: random.Random, text: str) -> str:
    """A PNG of `text` in grain that no one has seen before, as a data URI."""
    image = Image.new("L", (90 * len(text), 110), 235)
    font = ImageFont.load_default(rng.randint(60, 80))
    ImageDraw.Draw(image).text((rng.randint(10, 25), 10), text, fill=rng.randint(10, 60), font=font)
    grain = np.random.default_rng(rng.getrandbits(32)).integers(-12, 13, (110, image.width))
    saved = io.BytesIO()
    Image.fromarray((np.asarray(image) + grain).clip(0, 255).astype(np.uint8)).save(saved, "PNG")
    return "data:image/png;base64," + base64.b64encode(saved.getvalue()).decode()


def requests(config: dict[str, Any], seed: int) -> Iterator[tuple[int, list[Any], bool]]:
    """(number of the event, its data, whether it is the page's own) without end, one kind after another."""
    rng = random.Random(seed)
    page, more = reading_event(config)
    of = {fn["api_name"]: fn["id"] for fn in config["dependencies"]}
    letters = "ABDEGHMNQRabdeghmnqr23456789"
    while True:
        yield page, [drawing(rng), *more], True
        yield of["read"], [json.loads(drawing(rng)), None, None, "anything"], False
        yield of["read"], [None, picture(rng, rng.choice(letters)), None, "anything"], False
        yield of["read"], [None, picture(rng, "".join(rng.sample(letters, 3))), None, "anything"], False
        two = [json.loads(drawing(rng))], [picture(rng, rng.choice(letters))]
        yield of["read_many"], [*two, None, "anything"], False
        yield of["stages"], ["conv1", json.loads(drawing(rng)), None, None, "json"], False


async def watch(base: str, pid: int, readings: int, step: int) -> Result:
    """Send so many, and print the memory at each `step`. httpx.HTTPError if the page is not there."""
    server, result, done = psutil.Process(pid), Result(CLIENTS), itertools.count(1)
    print(f"0 readings: {server.memory_info().rss / 1e6:.0f} MB", flush=True)

    async with httpx.AsyncClient(timeout=PATIENCE, limits=httpx.Limits(max_connections=None)) as http:
        config = (await http.get(f"{base}config")).json()

        async def visit(number: int) -> None:
            headers = {"X-Forwarded-For": f"9.8.{number}.1"}
            for event, data, page in requests(config, number):
                session = f"memory{number:04d}" if page else secrets.token_hex(6)
                body = {"data": data, "event_data": None, "fn_index": event, "trigger_id": None,
                        "session_hash": session}  # fmt: skip
                wrong = await _read(http, base, body, headers, result)
                result.errors.update([wrong] if wrong else [])
                count = next(done)
                if count % step == 0 and count <= readings:
                    print(f"{count} readings: {server.memory_info().rss / 1e6:.0f} MB", flush=True)
                if count >= readings:
                    return

        await asyncio.gather(*(visit(number) for number in range(CLIENTS)))
    return result


def main(words: Sequence[str] | None = None) -> int:
    """The command line; 1 if any reading failed."""
    parser = argparse.ArgumentParser(description="The page's memory through many readings.")
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:7860/")
    parser.add_argument("--pid", type=int, required=True, help="of the server")
    parser.add_argument("--readings", type=int, default=10_000)
    parser.add_argument("--step", type=int, default=2_000)
    given = parser.parse_args(words)
    result = asyncio.run(watch(given.url.rstrip("/") + "/", given.pid, given.readings, given.step))
    for what, times in result.errors.most_common():
        print(f"  {times} x {what}")
    return 1 if result.errors else 0


if __name__ == "__main__":
    raise SystemExit(main())
