"""One run's folder: what is in it, and how it is read and written. Nobody else knows more of a run.

    recipe.json     the recipe, the data it is trained on, the device asked for
    state.json      running, or how it ended; the process that says so
    metrics.jsonl   one line an epoch and one every few steps, appended and flushed
    best/           the network with the lowest validation error, in the Hub's layout
    last/           everything needed to go on as if never interrupted
    log.txt         the report's lines
    start.json      of the weights that training went on from, if it did: how they were trained, and their digest
    stop            a request to end, for the process whose pid it holds (any process, if it is empty)
    pinned.npy      a drawing to follow, if someone pinned one; pinned/NNN.npz: what each epoch made of it;
                    pinned/within.jsonl: what it was taken for in the middle of the first epoch

Training into it is `train.runs.trainer`; starting and watching runs from elsewhere is `train.runs.jobs`.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
import time
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontdemo.errors import FontdemoError
from fontdemo.files import answered, atomic_write, listed, not_plain, open_plain
from fontdemo.network import pretrained
from fontdemo.network.architectures import SIDE
from train.files import ABSENT, UNREAD, read_json, write_json
from train.loop.recipe import Recipe, from_dict
from train.run_state import RunState
from train.runs import metrics
from train.runs.worker import started

# What state.json never says.
_FROM_OUTSIDE = (RunState.NEW, RunState.STOPPING, RunState.CRASHED)

# Most bytes of what is kept of a pinned drawing that are read at once. No recipe has more epochs.
_MOST_PINNED, _MOST_EPOCHS = 32 << 20, 10_000

# The file of what was read in the middle of an epoch, and the most bytes that are read of it.
_WITHIN, _MOST_WITHIN = "within.jsonl", 1 << 16

#: The folders in a run's folder in which a page or a trainer may look.
FOLDERS = ("best", "best.new", "best.old", "last", "pinned")

#: What a run remembers of the weights that it starts from, and by what name their digest is in it.
START, DIGEST = "start.json", "sha256"


@dataclass(frozen=True)
class Plan:
    """What recipe.json holds.

    data: a packed data set's path. fingerprint: its content's, "" until the run has read it.
    device: auto, cpu or cuda. created: seconds since 1970.
    """

    recipe: Recipe
    data: str
    fingerprint: str
    device: str
    created: float


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run, by its path; nothing is read before it is asked for."""

    path: Path

    @staticmethod
    def create(path: Path, recipe: Recipe, data: Path, fingerprint: str = "", device: str = "auto") -> RunFolder:
        """Make a run's folder. FontdemoError if there is a run in it already."""
        path.mkdir(parents=True, exist_ok=True)
        if (path / "recipe.json").exists():
            raise FontdemoError(f"there is a run in {path} already: resume it, or choose another folder")
        folder = RunFolder(path)
        folder.write_plan(Plan(recipe, str(data.resolve()), fingerprint, device, time.time()))
        folder.remember_start(recipe)
        return folder

    def remember_start(self, recipe: Recipe) -> None:
        """Write start.json: the weights of that name may be others by the time this run ships."""
        start = pretrained.WEIGHTS / recipe.start_from
        if recipe.start_from and pretrained.has_weights(start):
            about = read_json(trained) if (trained := start / "training.json").is_file() else {}
            write_json(self.path / START, about | {DIGEST: pretrained.digest(start)})

    @property
    def name(self) -> str:
        """The run's name, which is its folder's."""
        return self.path.name

    @property
    def best(self) -> Path:
        """The weights folder of the network with the lowest validation error, from the end of the first epoch on."""
        return self.path / "best"

    @property
    def has_best(self) -> bool:
        """Whether there is a network to read with. Never raises: one run's disk is no other's trouble."""
        return pretrained.has_weights(self.best)

    def plan(self) -> Plan:
        """What the run is to do; FontdemoError if there is none, it is not ours, or there are links in its folder."""
        if found := not_plain(self.path, FOLDERS):
            why = f"{found} in its folder is a link, or no file. Remove it."
            raise FontdemoError(f"“{self.name}” can't be opened: {why}")
        return _read_plan(self.path, metrics.changed(self.path / "recipe.json"))

    def write_plan(self, plan: Plan) -> None:
        """Write recipe.json."""
        write_json(self.path / "recipe.json", dataclasses.asdict(plan))

    def state(self) -> dict[str, Any]:
        """What `write_state` wrote: status, message, pid, ..; NEW before a run began; UNREAD if it can't be read."""
        try:
            content = read_json(self.path / "state.json")
            status = RunState(content.get("status"))
        except (*ABSENT, ValueError):
            status = RunState.NEW
        except OSError:
            return {"status": RunState.NEW, UNREAD: True}
        return {"status": RunState.NEW} if status in _FROM_OUTSIDE else content | {"status": status}

    def write_state(self, status: RunState, message: str = "", seconds: float = 0.0) -> None:
        """Record how the run stands, and the process that says so. seconds: trained in all, of one that has ended."""
        pid = os.getpid()
        record = {"status": status, "message": message, "pid": pid, "started": started(pid), "time": time.time()}
        write_json(self.path / "state.json", record | {"seconds": seconds})

    def metrics(self) -> list[dict[str, Any]]:
        """The rows of metrics.jsonl, oldest first, not to be changed; what is half written or odd is left out."""
        return list(metrics.read(self.path).rows)

    def ask_to_stop(self, pid: int | None = None) -> None:
        """Ask the process that trains here (any, or only the one with this pid) to end after its step."""
        (self.path / "stop").write_text("" if pid is None else str(pid), encoding="utf-8")

    def asked_to_stop(self, pid: int) -> bool:
        """Whether the process `pid` is asked to stop; a request left over from an earlier process does not count."""
        try:
            with open_plain(self.path / "stop") as file:
                text = file.read(100).decode("utf-8", errors="replace")
        except OSError:
            return False
        return text.strip() in ("", str(pid))

    def forget_stop(self) -> None:
        """Withdraw a request to stop, if there is one."""
        (self.path / "stop").unlink(missing_ok=True)

    def pin(self, image: NDArray[np.float32]) -> None:
        """Follow a drawing from the next epoch on: float32 (100, 100), ink 1. FontdemoError for another shape."""
        if image.shape != (SIDE, SIDE):
            raise FontdemoError(f"a pinned drawing must be {SIDE} x {SIDE}")
        with atomic_write(self.path / "pinned.npy") as fresh:
            np.save(fresh, image.astype(np.float32))

    def pinned(self) -> NDArray[np.float32] | None:
        """The drawing to follow: float32 (100, 100), ink 1, paper 0; None if there is none, or it is damaged."""
        file = self.path / "pinned.npy"
        try:
            with open_plain(file) as opened:
                image = np.load(io.BytesIO(opened.read(2 * 4 * SIDE * SIDE)), allow_pickle=False)
        except Exception:  # numpy complains of damage in many ways: OSError, ValueError, EOFError, MemoryError ...
            return None
        fitting = isinstance(image, np.ndarray) and image.shape == (SIDE, SIDE) and image.dtype == np.float32
        return image if fitting and bool(((image >= 0) & (image <= 1)).all()) else None

    def write_followed(self, epoch: int, outputs: dict[str, NDArray[Any]]) -> None:
        """Record what the network made of the pinned drawing after `epoch` epochs."""
        file = self._followed(epoch)
        file.parent.mkdir(exist_ok=True)
        with atomic_write(file) as fresh:
            np.savez_compressed(fresh, **outputs)  # type: ignore[arg-type]  # the stubs mistake them for its one flag

    def add_followed(self, at: float, label: int, probability: float, images: int) -> None:
        """Record what the network took the pinned drawing for after `at` epochs, a number with a fraction.

        images: how many it had learned from in this epoch.
        """
        file = self.path / "pinned" / _WITHIN
        file.parent.mkdir(exist_ok=True)
        with open(file, "a", encoding="utf-8") as rows:
            rows.write(json.dumps([at, label, probability, images]) + "\n")

    def followed_within(self) -> list[tuple[float, int, float, int]]:
        """(epochs, label, probability, images) of each look in the middle of an epoch; odd lines are left out."""
        try:
            with open_plain(self.path / "pinned" / _WITHIN) as file:
                lines = file.read(_MOST_WITHIN).splitlines()
        except OSError:
            return []
        found = {}
        for line in lines:
            with suppress(ValueError, TypeError, RecursionError):
                at, label, probability, images = json.loads(line)
                typed = [type(value) for value in (at, label, probability, images)] == [float, int, float, int]
                if typed and 0 < at < _MOST_EPOCHS and 0 <= probability <= 1.001:
                    found[at] = (at, label, probability, images)
        return sorted(found.values())

    def followed_epochs(self) -> list[int]:
        """After which epochs the pinned drawing was read, ascending."""
        found = list[Path]()
        with suppress(OSError):
            found = [Path(name) for name in listed(self.path / "pinned")]
        stems = {file.stem for file in found if file.suffix == ".npz"}
        return sorted({int(s) for s in stems if s.isdecimal() and len(s) < 9 and int(s) <= _MOST_EPOCHS})

    def followed(self, epoch: int) -> dict[str, NDArray[Any]]:
        """After `epoch` epochs: `probabilities` (classes,) float32, and one float16 array a stage, in their order.

        FontdemoError if there is no such record, or it is damaged.
        """
        missing, file = f"nothing was recorded of the pinned drawing after epoch {epoch}", self._followed(epoch)
        try:
            with open_plain(file) as opened, zipfile.ZipFile(opened) as archive:
                whole = sum(member.file_size for member in archive.infolist()) <= _MOST_PINNED
            if not whole:
                raise FontdemoError(missing)
            with np.load(file, allow_pickle=False) as stored:
                record: dict[str, NDArray[Any]] = dict(stored)
        except Exception as error:  # zipfile, zlib and numpy each have their own ways to complain of damage
            raise FontdemoError(missing) from error
        floats = all(array.dtype.kind == "f" for array in record.values())
        if not floats or not _are_probabilities(record.get("probabilities")):
            raise FontdemoError(missing)
        return record

    def _followed(self, epoch: int) -> Path:
        return self.path / "pinned" / f"{epoch:03d}.npz"


# The page lists all runs each second; a file that stays as it is need not be read again.
@lru_cache(maxsize=2048)
def _read_plan(folder: Path, _changed: tuple[int, int, int] | None) -> Plan:
    try:
        content = read_json(folder / "recipe.json")
        plan = Plan(**dict[str, Any](content | {"recipe": from_dict(content["recipe"])}))
    except (OSError, ValueError, TypeError, KeyError, FontdemoError) as error:
        raise FontdemoError(f"{folder.name} holds no training run") from error
    texts = (plan.data, plan.fingerprint, plan.device, plan.recipe.name)
    dated = type(plan.created) in (int, float) and abs(plan.created) < 1e12  # not so NaN
    if not dated or not all(isinstance(text, str) and len(text) < 4096 for text in texts):
        raise FontdemoError(f"{folder.name} holds no training run")
    return plan


def _are_probabilities(array: NDArray[Any] | None) -> bool:
    return array is not None and array.ndim == 1 and len(array) > 0 and bool(((array >= 0) & (array <= 1.001)).all())


def runs_in(root: Path) -> list[Path]:
    """The folders of the runs straight under `root`, newest first; links and what cannot be read are passed over, all
    of them on a disk that does not answer.
    """

    def look() -> list[Path]:
        found = []
        for name in os.listdir(root):
            with suppress(FontdemoError, UnicodeEncodeError):
                name.encode()  # not all names are texts, and only those can be sent to a page
                found.append((RunFolder(root / name).plan().created, root / name))
        return [folder for _, folder in sorted(found, reverse=True) if not os.path.islink(folder)]

    with suppress(OSError):  # of a mount that went away; it may come back
        return answered(root, look)
    return []
