"""One run's folder: what lies in it, and reading and writing it. It is all that anyone else knows of a run.

    recipe.json     the recipe, the data it is trained on, the device asked for
    state.json      running, or how it ended; the process that says so
    metrics.jsonl   one line an epoch and one every few steps, appended and flushed
    best/           the network with the lowest validation error, in the Hub's layout
    last/           everything needed to go on as if never interrupted
    log.txt         the report's lines
    start.json      how the weights that training went on from were trained, if it did
    stop            a request to end, for the process whose pid it holds (any process, if it is empty)
    pinned.npy      a drawing to follow, if someone pinned one; pinned/NNN.npz: what each epoch made of it

Training into it is `train.execute`; starting and watching runs from elsewhere is `train.job`.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontdemo.errors import FontdemoError
from fontdemo.networks import SIDE
from fontdemo.pretrained import WEIGHTS
from train import process
from train.recipe import Recipe, from_dict

#: What a run remembers of the weights that it starts from.
START = "start.json"


@dataclass(frozen=True)
class Plan:
    """What recipe.json holds.

    data: a packed data set's path. fingerprint: its content's, "" until the run has looked into it.
    device: auto, cpu or cuda. created: seconds since 1970.
    """

    recipe: Recipe
    data: str
    fingerprint: str
    device: str
    created: float


def write_json(file: Path, content: Any) -> None:
    """Write JSON beside and rename, so that a reader never sees half of it. OSError if it cannot be written."""
    fresh = file.with_suffix(f".{os.getpid()}.new")
    try:
        fresh.write_text(json.dumps(content, indent=2), encoding="utf-8")
        os.replace(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)


def create(folder: Path, recipe: Recipe, data: Path, fingerprint: str = "", device: str = "auto") -> Plan:
    """Make a run's folder. FontdemoError if there is a run in it already."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "recipe.json").exists():
        raise FontdemoError(f"there is a run in {folder} already: resume it, or choose another folder")
    plan = Plan(recipe, str(data.resolve()), fingerprint, device, time.time())
    write_plan(folder, plan)
    trained = WEIGHTS / recipe.start_from / "training.json"
    if recipe.start_from and trained.is_file():
        shutil.copyfile(trained, folder / START)  # the weights of that name may be others by the time this run ships
    return plan


def write_plan(folder: Path, plan: Plan) -> None:
    """Write recipe.json."""
    write_json(folder / "recipe.json", dataclasses.asdict(plan))


def read_plan(folder: Path) -> Plan:
    """The plan of the run in `folder`; FontdemoError if there is none or it is not ours."""
    try:
        content = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
        plan = Plan(**(content | {"recipe": from_dict(content["recipe"])}))
    except (OSError, ValueError, TypeError, KeyError, RecursionError, FontdemoError) as error:
        raise FontdemoError(f"{folder.name} holds no training run") from error
    texts = (plan.data, plan.fingerprint, plan.device)
    if not all(isinstance(text, str) for text in texts) or not isinstance(plan.created, (int, float)):
        raise FontdemoError(f"{folder.name} holds no training run")
    return plan


def write_state(folder: Path, status: str, message: str = "") -> None:
    """Record how the run stands ("running", "failed" or a `Done.reason`), and the process that says so."""
    pid = os.getpid()
    record = {"status": status, "message": message, "pid": pid, "started": process.started(pid), "time": time.time()}
    write_json(folder / "state.json", record)


def read_state(folder: Path) -> dict[str, Any]:
    """What `write_state` wrote: status, message, pid, started, time; only a status "new" before the run has begun."""
    try:
        content = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"status": "new"}
    return content if isinstance(content, dict) and isinstance(content.get("status"), str) else {"status": "new"}


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """The rows of metrics.jsonl, oldest first; a line that is half written or spoilt is left out."""
    try:
        lines = (folder / "metrics.jsonl").read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return []
    rows = []
    for line in lines[:-1]:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and "at" in row:
            rows.append(row)
    return rows


def ask_to_stop(folder: Path, pid: int | None = None) -> None:
    """Ask the process that trains in `folder` (any, or only the one with this pid) to end after its step."""
    (folder / "stop").write_text("" if pid is None else str(pid), encoding="utf-8")


def asked_to_stop(folder: Path, pid: int) -> bool:
    """Whether the process `pid` is asked to stop; a request left over from an earlier process does not count."""
    try:
        return (folder / "stop").read_text(encoding="utf-8", errors="replace").strip() in ("", str(pid))
    except OSError:
        return False


def pin(folder: Path, image: NDArray[np.float32]) -> None:
    """Have a drawing followed from the next epoch on: float32 (100, 100), ink 1. FontdemoError for another shape."""
    if image.shape != (SIDE, SIDE):
        raise FontdemoError(f"a pinned drawing must be {SIDE} x {SIDE}")
    fresh = folder / "pinned.new.npy"
    np.save(fresh, image.astype(np.float32))
    os.replace(fresh, folder / "pinned.npy")


def read_pinned(folder: Path) -> NDArray[np.float32] | None:
    """The drawing to follow, or None."""
    try:
        image: NDArray[np.float32] = np.load(folder / "pinned.npy", allow_pickle=False)
    except (OSError, ValueError):
        return None
    return image if image.shape == (SIDE, SIDE) and image.dtype == np.float32 else None


def write_followed(folder: Path, epoch: int, outputs: dict[str, NDArray[Any]]) -> None:
    """Record what the network made of the pinned drawing after `epoch` epochs."""
    (folder / "pinned").mkdir(exist_ok=True)
    fresh = folder / "pinned" / "fresh.npz"
    np.savez_compressed(fresh, **outputs)  # type: ignore[arg-type]  # the stubs mistake them for its one flag
    os.replace(fresh, folder / "pinned" / f"{epoch:03d}.npz")


def followed_epochs(folder: Path) -> list[int]:
    """After which epochs the pinned drawing was looked at, ascending."""
    return sorted(int(file.stem) for file in (folder / "pinned").glob("*.npz") if file.stem.isdecimal())


def read_followed(folder: Path, epoch: int) -> dict[str, NDArray[Any]]:
    """`probabilities` (classes,) float32, and one float16 array a stage, in the stages' order, after `epoch` epochs.

    FontdemoError if there is no such record.
    """
    try:
        with np.load(folder / "pinned" / f"{epoch:03d}.npz", allow_pickle=False) as file:
            return dict(file)
    except (OSError, ValueError) as error:
        raise FontdemoError(f"nothing was recorded of the pinned drawing after epoch {epoch}") from error


def runs_in(root: Path) -> Iterator[Path]:
    """The folders of the runs straight under `root`, newest first; links and what cannot be read are passed over."""
    found = []
    for file in root.glob("*/recipe.json"):
        try:
            found.append((read_plan(file.parent).created, file.parent))
        except FontdemoError:
            continue
    yield from (folder for _, folder in sorted(found, reverse=True) if not folder.is_symlink())
