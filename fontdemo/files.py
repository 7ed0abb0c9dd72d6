"""Files and folders replaced whole or not at all: the new is written beside the old, then renamed into place; and files
opened that are really some.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def open_plain(file: Path) -> BinaryIO:
    """A regular file, opened to be read. OSError for a link, which could lead anywhere, and for a pipe or a device,
    which might never end.
    """
    # Without waiting: for a pipe that no one writes to, that would be for ever. Some systems lack these flags.
    flags = [getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")]
    opened = os.open(file, os.O_RDONLY | sum(flags))
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise FileNotFoundError(f"there is no {file.name}")
    return os.fdopen(opened, "rb")


@contextmanager
def atomic_write(file: Path) -> Iterator[Path]:
    """Gives a path beside `file` to write to; it takes `file`'s place at the end of the block.

    If the block or the renaming fails (a full disk, say), `file` stays as it was and nothing is left beside it. The
    path has the same suffix, which some libraries go by, and a name that begins with a dot. OSError if it cannot be
    renamed.
    """
    fresh = file.with_name(f".{file.stem}.{os.getpid()}.new{file.suffix}")
    try:
        yield fresh
        os.replace(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def replace_folder(folder: Path) -> Iterator[Path]:
    """Gives an empty folder beside `folder` to fill; it takes `folder`'s place at the end of the block.

    If the block fails, `folder` stays as it was. If the process is killed between the two renamings, the old content
    lies in `folder` + ".old", where `recover_folder` finds it. OSError if it cannot be made or renamed.
    """
    fresh, old = _beside(folder, ".new"), _beside(folder, ".old")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        yield fresh
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    os.replace(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)


def recover_folder(folder: Path) -> None:
    """Put the old `folder` back if a process was killed just as `replace_folder` had moved it away."""
    old = _beside(folder, ".old")
    if old.is_dir() and not folder.exists():
        os.replace(old, folder)


def _beside(folder: Path, ending: str) -> Path:
    return folder.with_name(folder.name + ending)
