"""Every event of the page, with values that no browser sends: each must end in an answer or in a sentence.

    python -m tests.load.fuzz_events --cases 20000 --seed 0
    python -m tests.load.fuzz_events --seed 0 --only 1234

The page of a Space with training on is built in this process and its events are called as the server calls them, with
what the queue would hand over; nothing is trained, measured or sent, since what would begin that is taken out. Of each
case most inputs are what the page itself sends and some are odd, and so is what happened (the event's data). A case
fails that ends in anything else than an answer or one of the page's own sentences, in the sentence for the unforeseen,
or after 5 seconds. Prints a line; 1 if a case failed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import copy
import io
import json
import os
import random
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from tests.load.cases.spoil import ODD, anything

#: What no case may take, in seconds of this thread.
SECONDS = 5.0

# What a field of an event's data is called on this page.
_FIELDS = ("index", "value", "run", "what", "name", "epoch", "layout", "place", "example", "choice", "recording",
           "selected", "strokes", "class", "part", "path")  # fmt: skip

_TEXTS = ("show", "tick", "rename", "delete", "a run", "on", "Train", "Read", "Picture", "draw", "picture", "0", "A",
          "{}", "[]", '{"channels":[1]}', '{"widths":[1e9]}', '{"channels":[' + "9," * 50 + "9]}")  # fmt: skip


def event_data(rng: random.Random) -> Any:
    """What happened, as a browser might make it up."""
    if rng.random() < 0.1:
        return anything(rng)
    return {name: value(rng) for name in rng.sample(_FIELDS, rng.randrange(len(_FIELDS)))}


def value(rng: random.Random) -> Any:
    """One value."""
    kind = rng.random()
    return rng.choice(_TEXTS) if kind < 0.4 else rng.randrange(-2, 70) if kind < 0.6 else anything(rng, 3)


def inputs(rng: random.Random, usual: Sequence[Any], uploads: Sequence[str]) -> list[Any]:
    """Values for an event's inputs; usual: what the page sends."""
    found = []
    for one in usual:
        kind = rng.random()
        if kind < 0.85:
            found.append(copy.deepcopy(one))
        elif kind < 0.88:
            path = rng.choice(uploads)
            found.append({"path": path, "meta": {"_type": "gradio.FileData"}, "orig_name": "<b>.png"})
        elif kind < 0.92 and isinstance(one, (int, float)):
            found.append(rng.choice([x for x in ODD if isinstance(x, (int, float))]))
        else:
            found.append(value(rng))
    if rng.random() < 0.05:
        found = found[: rng.randrange(len(found) + 1)]
    return found


def _page(folder: Path) -> tuple[Any, list[str]]:
    """The page, and the paths of a few files that were uploaded to it."""
    import torch

    from fontdemo.network import pretrained
    from fontdemo.network.network import Network
    from tests.load.cases.targets import picture_files
    from tests.support.fontmaker import source
    from tests.support.servers.wholepage import make
    from tests.train.ui.train.test_tab import make_run

    torch.manual_seed(0)
    pretrained.WEIGHTS = folder / "weights"
    pretrained.save(Network(), folder / "weights" / "report-cnn", "# For tests only\n")
    run = make_run(folder / "runs", "a run", rows=2)
    pretrained.save(Network(), run / "best", "# For tests only\n")
    uploads = []
    for number, content in enumerate([*picture_files()[::4], b"", b"PK\3\4", source().read_bytes()]):
        file = folder / "uploads" / f"{number}.png"
        file.write_bytes(content)
        uploads.append(str(file))
    return make(folder / "runs"), uploads


def fuzz(folder: Path, cases: int, seed: int, only: int | None) -> int:
    """Call so many events; how many failed."""
    import gradio as gr
    from gradio.state_holder import SessionState

    from fontdemo.ui.gate import uploads as gate
    from train.data import sources
    from train.loop.estimate import Estimate
    from train.runs import jobs

    demo, given = _page(folder)
    functions = [fn for fn in demo.fns.values() if fn.fn is not None]
    usual = {fn._id: [getattr(part, "value", None) for part in fn.inputs] for fn in functions}
    told: Counter[str] = Counter()
    faults = answers = 0
    slowest = (0.0, -1)

    def nothing(*_: Any, **__: Any) -> Any:
        raise jobs.JobError("not in this test")

    def pace(*_: Any) -> Estimate:
        return Estimate("the CPU", True, 1000.0, 1, 1.0, 15.0)

    async def call(number: int) -> None:
        nonlocal faults, answers, slowest
        rng = random.Random(f"{seed} {number}")
        fn = functions[number % len(functions)]
        values = inputs(rng, usual[fn._id], given)
        data = gr.EventData(None, event_data(rng))
        began, wrong = time.thread_time(), ""
        try:
            answer = await demo.process_api(fn, values, event_data=data, state=session, request=request)
            json.dumps(answer["data"], default=str)
            answers += 1
        except gr.Error as error:
            told[str(error.message)[:120]] += 1
            if str(error.message) == gate._FAILED:
                wrong = f"unforeseen: {error.__cause__!r}"[:300]
                if only is not None or os.environ.get("SHOW"):
                    traceback.print_exception(error.__cause__)
        except Exception as error:
            wrong = f"{type(error).__name__}: {str(error)[:200]}"
        seconds = time.thread_time() - began
        slowest = max(slowest, (seconds, number))
        if seconds > SECONDS:
            wrong = wrong or f"{seconds:.1f} seconds"
        if wrong:
            faults += 1
            name = f"{fn.targets} {getattr(fn.fn, '__qualname__', fn.fn)}"
            print(f"  case {number} of seed {seed}, {name}: {wrong}", file=sys.__stdout__, flush=True)

    async def all_of_them() -> None:
        for number in range(cases) if only is None else [only]:
            await call(number)
            if faults >= 20:
                return

    session, request = SessionState(demo), gr.Request(session_hash="me")
    began = time.perf_counter()
    with mock.patch.multiple(jobs, start=nothing, resume=nothing), mock.patch.object(sources, "prepare", nothing), \
            mock.patch("train.ui.pace._measured", pace), mock.patch("train.runs.export.push", nothing), \
            contextlib.redirect_stdout(io.StringIO()):  # fmt: skip
        asyncio.run(all_of_them())
        for thread in threading.enumerate():  # what an event began may still look into the folder, which goes next
            if thread is not threading.current_thread():
                thread.join(60)
    lasted = time.perf_counter() - began
    print(f"events     {len(functions)} events  cases {cases if only is None else 1}  answers {answers}  "
          f"sentences {sum(told.values())} of {len(told)} kinds  faults {faults}  {lasted:.1f} s  "
          f"slowest {slowest[0]:.2f} s (case {slowest[1]})", flush=True)  # fmt: skip
    return faults


def main(words: Sequence[str] | None = None) -> int:
    """The command line; 1 if a case failed."""
    parser = argparse.ArgumentParser(description="Every event of the page, with odd values.")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int)
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="events-") as name:
        folder = Path(name)
        (folder / "uploads").mkdir()
        os.environ |= {"SPACE_ID": "ada/fontdemo", "FONTDEMO_TRAINING": "on", "HF_HUB_OFFLINE": "1",
                       "GRADIO_TEMP_DIR": str(folder / "uploads"), "GRADIO_ANALYTICS_ENABLED": "False"}  # fmt: skip
        return 1 if fuzz(folder, given.cases, given.seed, given.only) else 0


if __name__ == "__main__":
    raise SystemExit(main())
