"""One run's folder: what lies in it, and reading and writing it. It is all that anyone else knows of a run.

    recipe.json     the recipe, the data it is trained on, the device asked for
    state.json      running, or how it ended; the process that says so
    metrics.jsonl   one line an epoch and one every few steps, appended and flushed
    best/           the network with the lowest validation error, in the Hub's layout
    last/           everything needed to go on as if never interrupted
    log.txt         the report's lines
    stop            a request to end, for the process whose pid it holds (any process, if it is empty)
    pinned.npy      a drawing to follow, if someone pinned one; pinned/NNN.npz: what each epoch made of it;
                    pinned/within.jsonl: what it was taken for in the middle of the first epoch

Training into it is `train.runs.trainer`; starting and watching runs from elsewhere is `train.runs.jobs`.
"""

from __future__ import annotations

import dataclasses
import json
import os
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontdemo.errors import FontdemoError
from fontdemo.network.architectures import SIDE
from train.files import read_json, write_json
from train.loop.recipe import Recipe, from_dict
from train.runs import metrics, process

#: What state.json may say of a run: that it is at work, that it crashed, or why it ended (`Done.reason`).
STATUSES = ("running", "failed", "finished", "stopped", "time limit", "early stop")

# Largest file of what is kept of a pinned drawing that is read at once, in bytes.
_MOST_PINNED = 32 << 20

_WITHIN = "within.jsonl"

# No run writes more into it, in bytes.
_MOST_WITHIN = 1 << 16

# No recipe has more epochs.
_MOST_EPOCHS = 10_000


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


def create(folder: Path, recipe: Recipe, data: Path, fingerprint: str = "", device: str = "auto") -> Plan:
    """Make a run's folder. FontdemoError if there is a run in it already."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "recipe.json").exists():
        raise FontdemoError(f"there is a run in {folder} already: resume it, or choose another folder")
    plan = Plan(recipe, str(data.resolve()), fingerprint, device, time.time())
    write_plan(folder, plan)
    return plan


def write_plan(folder: Path, plan: Plan) -> None:
    """Write recipe.json."""
    write_json(folder / "recipe.json", dataclasses.asdict(plan))


def read_plan(folder: Path) -> Plan:
    """The plan of the run in `folder`; FontdemoError if there is none or it is not ours."""
    return _read_plan(folder, metrics.changed(folder / "recipe.json"))


# The page lists all runs each second; a file that stays as it is need not be read again.
@lru_cache(maxsize=2048)
def _read_plan(folder: Path, _changed: tuple[int, int, int] | None) -> Plan:
    try:
        content = read_json(folder / "recipe.json")
        plan = Plan(**(content | {"recipe": from_dict(content["recipe"])}))
    except (OSError, ValueError, TypeError, KeyError, FontdemoError) as error:
        raise FontdemoError(f"{folder.name} holds no training run") from error
    texts = (plan.data, plan.fingerprint, plan.device)
    dated = type(plan.created) in (int, float) and abs(plan.created) < 1e12  # not so NaN
    if not dated or not all(isinstance(text, str) and len(text) < 4096 for text in texts):
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
        content = read_json(folder / "state.json")
    except (OSError, ValueError):
        return {"status": "new"}
    return content if content.get("status") in STATUSES else {"status": "new"}


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """The rows of metrics.jsonl, oldest first, not to be changed; what is half written or odd is left out."""
    return list(metrics.read(folder).rows)


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
    """The drawing to follow: float32 (100, 100), ink 1, paper 0; None if there is none, or it is damaged."""
    file = folder / "pinned.npy"
    try:
        if not file.is_file() or file.stat().st_size > 2 * 4 * SIDE * SIDE:
            return None
        image = np.load(file, allow_pickle=False)
    except Exception:  # numpy complains of damage in many ways: OSError, ValueError, EOFError, MemoryError ...
        return None
    fitting = isinstance(image, np.ndarray) and image.shape == (SIDE, SIDE) and image.dtype == np.float32
    return image if fitting and bool(((image >= 0) & (image <= 1)).all()) else None


def write_followed(folder: Path, epoch: int, outputs: dict[str, NDArray[Any]]) -> None:
    """Record what the network made of the pinned drawing after `epoch` epochs."""
    (folder / "pinned").mkdir(exist_ok=True)
    fresh = folder / "pinned" / "fresh.npz"
    np.savez_compressed(fresh, **outputs)  # type: ignore[arg-type]  # the stubs mistake them for its one flag
    os.replace(fresh, folder / "pinned" / f"{epoch:03d}.npz")


def add_followed(folder: Path, at: float, label: int, probability: float, images: int) -> None:
    """Record what the network took the pinned drawing for after `at` epochs, a number with a fraction.

    images: how many it had learned from in this epoch.
    """
    (folder / "pinned").mkdir(exist_ok=True)
    with open(folder / "pinned" / _WITHIN, "a", encoding="utf-8") as file:
        file.write(json.dumps([at, label, probability, images]) + "\n")


def followed_within(folder: Path) -> list[tuple[float, int, float, int]]:
    """(epochs, label, probability, images) of each look in the middle of one; odd lines are left out."""
    try:
        lines = (folder / "pinned" / _WITHIN).read_bytes()[:_MOST_WITHIN].splitlines()
    except OSError:
        return []
    found = {}
    for line in lines:
        try:
            at, label, probability, images = json.loads(line)
        except (ValueError, TypeError, RecursionError):
            continue
        if [type(value) for value in (at, label, probability, images)] != [float, int, float, int]:
            continue
        if 0 < at < _MOST_EPOCHS and 0 <= probability <= 1.001:
            found[at] = (at, label, probability, images)
    return sorted(found.values())


def followed_epochs(folder: Path) -> list[int]:
    """After which epochs the pinned drawing was looked at, ascending."""
    named = [file.stem for file in (folder / "pinned").glob("*.npz") if file.stem.isdecimal() and len(file.stem) < 9]
    return sorted({int(stem) for stem in named if int(stem) <= _MOST_EPOCHS})


def read_followed(folder: Path, epoch: int) -> dict[str, NDArray[Any]]:
    """`probabilities` (classes,) float32, and one float16 array a stage, in the stages' order, after `epoch` epochs.

    FontdemoError if there is no such record, or it is damaged.
    """
    missing = f"nothing was recorded of the pinned drawing after epoch {epoch}"
    file = folder / "pinned" / f"{epoch:03d}.npz"
    try:
        with zipfile.ZipFile(file) as archive:
            whole = sum(member.file_size for member in archive.infolist()) <= _MOST_PINNED
        if not whole:
            raise FontdemoError(missing)
        with np.load(file, allow_pickle=False) as stored:
            record: dict[str, NDArray[Any]] = dict(stored)
    except Exception as error:  # zipfile, zlib and numpy each have their own ways to complain of damage
        raise FontdemoError(missing) from error
    if not all(array.dtype.kind == "f" for array in record.values()) or not _shares(record.get("probabilities")):
        raise FontdemoError(missing)
    return record


def _shares(array: NDArray[Any] | None) -> bool:
    return array is not None and array.ndim == 1 and len(array) > 0 and bool(((array >= 0) & (array <= 1.001)).all())


def runs_in(root: Path) -> Iterator[Path]:
    """The folders of the runs straight under `root`, newest first; links and what cannot be read are passed over."""
    found = []
    for file in root.glob("*/recipe.json"):
        try:
            found.append((read_plan(file.parent).created, file.parent))
        except FontdemoError:
            continue
    yield from (folder for _, folder in sorted(found, reverse=True) if not folder.is_symlink())
