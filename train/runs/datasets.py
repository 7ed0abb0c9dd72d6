"""The packed data sets of this machine, each opened once.

Only names of the list that the server made are ever opened, whatever a browser sends.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch

from fontdemo.errors import FontdemoError
from fontdemo.files import answered, listed
from train.data.glyphset import PARTS
from train.data.packed import SUFFIXES, PackedSet
from train.data.sources import UNPACKED, VISITORS, VISITORS_FONTS
from train.files import ABSENT
from train.loop.augment import augment
from train.runs import jobs
from train.runs.folder import RunFolder, runs_in

# Descriptions kept in memory: a few megabytes each.
_KEPT = 12

_A_DAY = 86_400.0

# What the sets are that `train.data.sources` packs under names made of their content.
_TITLES = {
    "fonts": "Fonts of this machine", VISITORS_FONTS: "Fonts of this machine", "folder": "Imported pictures",
    VISITORS: "Imported pictures",
}  # fmt: skip


class Shelf:
    """The packed sets that are here: those that ship, in the folder `cache`, and what runs under `runs` are trained on.

    Safe to share between threads.
    """

    def __init__(self, cache: Path, runs: Path, shipped: Mapping[str, Path] | None = None) -> None:
        """shipped: {name for people: file} of sets that come before all others."""
        self._cache, self._runs, self._shipped = cache, runs, dict(shipped or {})
        self._open: OrderedDict[tuple[Path, int], PackedSet] = OrderedDict()
        self._titles: dict[Path, tuple[float, str]] = {}  # with when each file was changed
        self._lock = threading.Lock()

    def names(self) -> dict[str, Path]:
        """{name for people: file}: those that ship, then the newest first."""
        named = {name: file for name, file in self._shipped.items() if _is_file(file)}
        dated = self._files()
        for file in {file.resolve() for file in named.values()}:
            dated.pop(file, None)
        titles: dict[Path, tuple[float, str]] = {}
        for file in sorted(dated, key=lambda file: (-dated[file], file)):
            known, title = self._titles.get(file, (None, ""))
            if known != dated[file]:
                title = self._title(file)
            if title != file.stem:  # else it may be one that could not be opened just now
                titles[file] = dated[file], title
            name, number = title, 2
            while name in named:
                name, number = f"{title} ({number})", number + 1
            named[name] = file
        self._titles = titles
        return named

    def get(self, name: object) -> PackedSet:
        """The set of this name; FontdemoError if there is none, or its file is damaged."""
        file = self.names().get(name) if isinstance(name, str) else None
        if file is None:
            raise FontdemoError("There is no such data set. Choose one from the list.")
        return self._opened(file)

    def _title(self, file: Path) -> str:
        """What a set is called: by its file's name, or by what is in it where only this program gave it one."""
        kind = next((kind for kind in _TITLES if file.stem.startswith(f"{kind}-")), None)
        if kind is None:
            return file.stem
        try:
            data = self._opened(file)
        except FontdemoError:  # its error is shown when it is chosen
            return file.stem
        return f"{_TITLES[kind]}: {len(data.about.faces):,} faces, {len(data.labels):,} images"

    def _opened(self, file: Path) -> PackedSet:
        try:
            key = file, answered(file, file.stat).st_mtime_ns
            found = self._open.get(key) or answered(file, lambda: PackedSet.open(file))
        except TimeoutError:
            raise FontdemoError("This data set's disk does not answer. Choose another one.") from None
        except OSError:
            raise FontdemoError("This data set is gone. Choose another one.") from None
        with self._lock:
            self._open[key] = found
            self._open.move_to_end(key)
            while len(self._open) > _KEPT:
                self._open.popitem(last=False)
            return found

    def _files(self) -> dict[Path, float]:
        """{file: when it was changed} of the sets that do not ship."""

        def look() -> list[Path]:
            # What is being written has a name that begins with a dot.
            files = [self._cache / name for name in os.listdir(self._cache) if not name.startswith(".")]
            return [file for file in files if file.suffix in SUFFIXES]

        found: dict[Path, float] = {}
        with suppress(OSError):  # it is not there, not readable, or its disk went away or stalls
            found |= answered(self._cache, lambda: _dated(look()))
        with suppress(OSError):
            named = answered(self._runs, lambda: _trained_on(self._runs))
            # They may lie on another disk: where that one stalls, the runs are asked for still.
            found |= answered(self._runs / "data", lambda: _dated(named))
        return found


def drop_unused(cache: Path, runs: Path) -> None:
    """Delete the packed files in `cache` of visitors' archives, and of the fonts that they chose, that no run under
    `runs` is trained on: else all that anyone ever uploaded or chose would stay; and what a page left half made that
    was killed a day ago or more. Not to be called between a set's packing and its run's start.

    Nothing is deleted while `runs` is away, or one of its runs cannot be read: it may come back.
    """
    # Locked, for a run that is renamed meanwhile would be missed.
    with suppress(OSError, jobs.JobError), jobs.locked(runs):
        unused = {file.name: file for file in cache.glob(f"{VISITORS}-*.npz")}
        for name in listed(runs):
            try:
                unused.pop(Path(RunFolder(runs / name).plan().data).name, None)
            except FontdemoError as error:
                why = error.__cause__  # none: there is a link in its folder, say
                if why is None or (isinstance(why, OSError) and not isinstance(why, ABSENT)):
                    return
        for file in unused.values():
            file.unlink(missing_ok=True)
        for half in (*cache.glob(".*.new.npz"), *cache.glob(f"{UNPACKED}*")):
            if half.lstat().st_mtime < time.time() - _A_DAY:
                half.unlink() if half.is_file() else shutil.rmtree(half, ignore_errors=True)


def _dated(files: list[Path]) -> dict[Path, float]:
    """Those of `files` that there are, links resolved, and when each was changed."""
    found = {}
    for file in filter(_is_file, files):
        with suppress(OSError):  # gone since
            found[file.resolve()] = file.stat().st_mtime
    return found


def _trained_on(runs: Path) -> list[Path]:
    """The files that the plans of the runs under `runs` name as their data; it may be anything."""
    found = []
    for folder in runs_in(runs):
        with suppress(FontdemoError):
            found.append(Path(RunFolder(folder).plan().data))
    return found


def _is_file(path: Path) -> bool:
    """Whether there is such a file, with a name that a page can be sent; a run's folder may name anything, even what no
    system takes for a name.
    """
    try:
        path.name.encode()
        return path.is_file()
    except (OSError, ValueError):
        return False


def batch_shapes(data: PackedSet, size: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The shapes of the first `size` validation images and labels of `data`, made as the trainer makes a batch."""
    part = PARTS.index("valid") if data.count("valid") else PARTS.index("train")
    indices = np.flatnonzero(data.split == part)[:size]
    images = torch.from_numpy(data.images(indices.tolist()))
    batch = augment("none", images, torch.Generator())
    return tuple(batch.shape), tuple(data.labels[indices].shape)
