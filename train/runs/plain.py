"""What a run's folder may hold: files and folders of its own. A link, a pipe or a device in one is not opened.

We never make such a thing, but runs may lie in a bucket that others write to, or come out of an archive. A link would
have the page show, or training overwrite, a file that is no run's; a pipe would keep whoever reads it waiting for ever.
"""

from __future__ import annotations

import os
import time
from functools import lru_cache
from pathlib import Path

from fontdemo.errors import FontdemoError

# Where the page or a trainer may look, besides the folder itself (`train.runs.folder`, `fontdemo.files`).
_INNER = ("best", "best.new", "best.old", "last", "pinned")

# Nanoseconds after which a folder's time tells whether it has changed.
_SETTLED = 100_000_000


def check(folder: Path) -> None:
    """FontdemoError, naming what it is, if a run's folder is a link itself or holds anything but files and folders."""
    changed = tuple(_changed(folder / inner) for inner in ("", *_INNER))
    # The system's clock ticks every few milliseconds: what was changed just now may be changed again at the same time.
    lately = any(each is not None and time.time_ns() - each[1] < _SETTLED for each in changed)
    found = _found(folder) if lately else _foreign(folder, changed)
    if found:
        raise FontdemoError(f"“{folder.name}” can't be opened: {found} in its folder is a link, or no file. Remove it.")


# The page lists all runs each second, for each visitor; a folder that stays as it is need not be searched again.
@lru_cache(maxsize=2048)
def _foreign(folder: Path, _changed: tuple[object, ...]) -> str:
    return _found(folder)


def _found(folder: Path) -> str:
    """What in `folder` is not its own, by its path there, "" if nothing is."""
    if folder.is_symlink():
        return folder.name
    inside = [""]
    for inner in inside:
        try:
            with os.scandir(folder / inner) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        inside += [entry.name] if not inner and entry.name in _INNER else []
                    elif not entry.is_file(follow_symlinks=False):
                        return f"{inner}/{entry.name}" if inner else entry.name
        except OSError:  # it is not there, or not to be read: then nothing in it is
            continue
    return ""


def _changed(path: Path) -> tuple[int, int, int] | None:
    """What differs when something was put into a folder, the time of it second; None for no folder."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_mode
