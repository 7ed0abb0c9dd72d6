"""Trainer and server killed (SIGKILL) at random moments; what was finished must be there, and the end the same.

    python -m tests.load.kills --trainer 14 --server 6 --seed 0

The first part kills a trainer that saves every 0.3 seconds, so most kills fall between two states; the second starts a
run in the page, kills in turn the page and the trainer, starts the page again or presses Resume. After each kill every
epoch that had a row has it still and best/ can be read with; in the end rows, network and state are compared with those
of a run that nobody killed, bit by bit. Prints a line a part; 1 if anything was lost or differs.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any

import httpx
import torch
from safetensors.torch import load_file

from fontdemo.errors import FontdemoError
from fontdemo.files import recover_folder
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.servers.pageserver import ROOT
from tests.support.training import packed, small_recipe
from train.loop import checkpoint
from train.run_state import RunState
from train.runs import jobs
from train.runs.folder import RunFolder
from train.runs.trainer import STATE_FILE

# On a busy machine a second thread of steps this small is waited for at every turn.
os.environ["OMP_NUM_THREADS"] = "1"

# A trainer in a process of its own that saves often.
_TRAINER = """
import sys
from pathlib import Path
from train.runs import trainer
trainer.SAVE_SECONDS = float(sys.argv[2])
trainer.execute(Path(sys.argv[1]))
"""

# Of a row what the clock decides.
_TIMES = {"seconds", "images_per_second", "memory", "device"}


class LostError(AssertionError):
    """Something that was finished is gone, or a resumed run is another than the unbroken one."""


def finished(run: RunFolder) -> list[float]:
    """The epochs that a kill may not cost: those up to the newest state that is whole."""
    for file in (run.path / STATE_FILE, checkpoint.previous(run.path / STATE_FILE)):
        with suppress(FontdemoError):
            epoch = checkpoint.load(file)[1]["epoch"]
            return [row["at"] for row in run.metrics() if row["kind"] == "epoch" and row["at"] <= epoch]
    return []


def check_kept(run: RunFolder, epochs: Sequence[float]) -> None:
    """LostError unless all of `epochs` still have a row, and there is a network to read with after the first."""
    gone = set(epochs) - {row["at"] for row in run.metrics()}
    if gone:
        raise LostError(f"the rows of epochs {sorted(gone)} are gone")
    if epochs:
        recover_folder(run.best)  # as the next trainer does first
        pretrained.load(run.best)


def compare(run: RunFolder, unbroken: RunFolder) -> int:
    """LostError unless both came to the same; how many tensors were compared."""
    def rows(of: RunFolder) -> list[dict[str, Any]]:
        return [{k: v for k, v in row.items() if k not in _TIMES} for row in of.metrics() if row["kind"] == "epoch"]

    if rows(run) != rows(unbroken):
        raise LostError("the rows differ")
    count = 0
    for file in (Path("best") / "model.safetensors", STATE_FILE):
        ours, theirs = load_file(run.path / file), load_file(unbroken.path / file)
        if ours.keys() != theirs.keys():
            raise LostError(f"{file} holds other tensors")
        for name, tensor in ours.items():
            if not torch.equal(tensor, theirs[name]):
                raise LostError(f"{name} in {file} differs")
            count += 1
    return count


def _wait(what: Callable[[], Any], seconds: float = 120.0) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (found := what()):
            return found
        time.sleep(0.02)
    raise LostError("it takes too long")


def _train(run: RunFolder, save: float = 0.3) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", _TRAINER, str(run.path), str(save)], cwd=ROOT,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip


def trainer_kills(folder: Path, kills: int, rng: random.Random) -> str:
    """Kill a trainer so many times; what came of it, in a line."""
    data = packed(folder, train=208, valid=52)
    recipe = small_recipe(epochs=12, augmentation="affine", schedule="one_cycle")
    runs = [RunFolder.create(folder / name, recipe, data, device="cpu") for name in ("unbroken", "killed")]
    whole = _train(runs[0], save=60.0)
    run, done = runs[1], 0
    seen: list[float] = []
    while run.state()["status"] != RunState.FINISHED:
        (run.path / "state.json").unlink(missing_ok=True)
        child = _train(run)
        _wait(lambda child=child: run.state()["status"] == RunState.RUNNING or child.poll() is not None)
        check_kept(run, seen)
        if done < kills:
            time.sleep(rng.uniform(0.0, 2.5))
            child.send_signal(signal.SIGKILL)
            done += child.wait() < 0
            seen = finished(run)
        elif child.wait():
            raise LostError(f"the trainer ended with {child.returncode}")
    if whole.wait():
        raise LostError("the unbroken run failed")
    count = compare(run, runs[0])
    return f"trainer killed {done} times: {len(seen)} epochs kept, {count} tensors and all rows equal to the bit"


class Page:
    """The page of `folder` in a process of its own, at home."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start()

    def start(self) -> None:
        """Serve it; there must be none."""
        own = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
        free = {k: v for k, v in os.environ.items() if k not in ("SPACE_ID", "FONTDEMO_TRAINING")}
        command = [sys.executable, "-m", "tests.support.servers.wholepage"]
        command += [str(self.folder / "weights"), str(self.folder / "runs")]
        self.process = subprocess.Popen(command, cwd=ROOT, env=free | own, stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.DEVNULL)  # fmt: skip
        assert self.process.stdout is not None
        url = next((line.split()[1] for line in self.process.stdout if line.startswith("serving ")), None)
        if url is None:
            raise LostError("the page does not start again")
        self.http = httpx.Client(base_url=url, timeout=60)
        self.config = self.http.get("config").json()

    def press(self, button: str, **values: Any) -> dict[str, Any]:
        """The answer to a click; values: of the inputs by their elem_id, `-` written as `_`."""
        parts = {part["id"]: part["props"] for part in self.config["components"]}
        id_ = next(id_ for id_, props in parts.items() if props.get("elem_id") == button)
        event = next(one for one in self.config["dependencies"] if [id_, "click"] in [list(t) for t in one["targets"]])
        names = {part: str(parts[part].get("elem_id")).replace("-", "_") for part in event["inputs"]}
        given = [values.get(names[part], parts[part].get("value")) for part in event["inputs"]]
        session = f"kills{time.monotonic_ns()}"
        body = {"data": given, "fn_index": event["id"], "session_hash": session, "event_data": None}
        self.http.post("gradio_api/queue/join", json=body).raise_for_status()
        with self.http.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as lines:
            for line in lines.iter_lines():
                if "process_completed" in line:
                    answer: dict[str, Any] = json.loads(line.removeprefix("data:"))
                    return answer
        raise LostError("the page does not answer")


def page_kills(folder: Path, kills: int, rng: random.Random) -> str:
    """Kill the page and the trainer that it started, in turn; what came of it, in a line."""
    torch.manual_seed(0)
    pretrained.save(Network(), folder / "weights" / "report-cnn", "# For tests only\n")
    data = packed(folder, train=312, valid=52)
    page = Page(folder)
    try:
        values = {"data_kind": "packed", "data_path": str(data), "set_epochs": 40, "set_batch": 20}
        answer = page.press("start", run_name="killed", **values)
        run = RunFolder(folder / "runs" / "killed")
        if not answer["success"]:
            raise LostError(f"it does not start: {answer}")
        _wait(lambda: run.state()["status"] == RunState.RUNNING)
        done = {"page": 0, "trainer": 0}
        seen: list[float] = []
        for number in range(kills):
            time.sleep(rng.uniform(0.0, 3.0))
            stands = jobs.status(run.path)
            if number % 2 == 0 or stands.pid is None:
                page.process.kill()
                page.process.wait()
                done["page"] += 1
                page.start()
            else:
                os.kill(stands.pid, signal.SIGKILL)
                done["trainer"] += 1
                _wait(lambda: not jobs.status(run.path).alive)
            check_kept(run, seen)
            seen = finished(run)
            if jobs.status(run.path).resumable:
                answer = page.press("resume")
                if not answer["success"]:
                    raise LostError(f"it does not resume: {answer}")
                _wait(lambda: jobs.status(run.path).alive)
        while not jobs.status(run.path).status == RunState.FINISHED:
            if jobs.status(run.path).resumable:
                page.press("resume")
            time.sleep(0.5)
        plan = run.plan()
        unbroken = RunFolder.create(folder / "unbroken", plan.recipe, data, device=plan.device)
        if subprocess.run([sys.executable, "-c", _TRAINER, str(unbroken.path), "60"], cwd=ROOT, check=False,
                          stdout=subprocess.DEVNULL).returncode:  # fmt: skip
            raise LostError("the unbroken run failed")
        count = compare(run, unbroken)
    finally:
        with suppress(OSError):
            page.process.kill()
    return f"page killed {done['page']}, trainer {done['trainer']} times: {count} tensors and all rows equal to the bit"


def report(parts: Sequence[tuple[int, Callable[[Path, int, random.Random], str]]], seed: int) -> int:
    """Do each part so many times, 0 for not at all, and print what it comes to in a line; 1 if something was lost."""
    code = 0
    for count, part in parts:
        if not count:
            continue
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f"{part.__name__}-") as folder, redirect_stdout(io.StringIO()):
            try:
                line = part(Path(folder), count, random.Random(seed))
            except LostError as error:
                line, code = f"FAULT in {part.__name__}: {error}", 1
        print(f"{line}; {time.monotonic() - began:.0f} s", flush=True)
    return code


def main(words: Sequence[str] | None = None) -> int:
    """The command line; 1 if something was lost."""
    parser = argparse.ArgumentParser(description="Kills at random moments.")
    parser.add_argument("--trainer", type=int, default=14)
    parser.add_argument("--server", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(words)
    return report([(given.trainer, trainer_kills), (given.server, page_kills)], given.seed)


if __name__ == "__main__":
    raise SystemExit(main())
