"""Files and folders replaced whole or not at all: the new is written beside the old, then renamed into place; files
opened that are really some; and folders listed on disks that may not answer.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, TypeVar

Answer = TypeVar("Answer")

#: Seconds in which a disk answers that is there. One over a network may stall, and who asks it waits until it is back.
PATIENCE = 5.0

#: The endings of a folder that is being written, and of one that makes way for it: neither is for use.
HALVES = (".new", ".old")

# Nanoseconds after which a folder's time tells whether it has changed.
_SETTLED = 100_000_000


def open_plain(file: Path) -> BinaryIO:
    """A regular file, opened to be read. OSError for a link, which could lead anywhere, and for a pipe or a device,
    which might never end.
    """
    # Without waiting: for a pipe that no one writes to, that would be for ever. Some systems lack these flags.
    flags = [getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")]
    try:
        opened = os.open(file, os.O_RDONLY | sum(flags))
    except OSError as error:
        if error.errno == errno.ELOOP:  # a link: unlike a file that can't be read now, it will never do
            raise FileNotFoundError(f"there is no {file.name}") from error
        raise
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise FileNotFoundError(f"there is no {file.name}")
    return os.fdopen(opened, "rb")


def listed(folder: Path) -> list[str]:
    """The names in a folder. OSError if there is none, if it cannot be read, or, as `answered`, if its disk stalls."""
    return answered(folder, lambda: os.listdir(folder))


def answered(folder: Path, ask: Callable[[], Answer]) -> Answer:
    """What `ask` gives, which reads what is in `folder`, in a thread of its own that waits where its caller does not.

    TimeoutError if it takes longer than PATIENCE seconds, and at once while an earlier question about this folder does:
    no one else waits then. What `ask` asks in this way itself, it waits for as for all else.
    """
    if isinstance(threading.current_thread(), _Question):
        return ask()
    open_questions = [thread for thread in threading.enumerate() if isinstance(thread, _Question)]
    if not any(question.folder == folder and question.late for question in open_questions):
        answers: list[Answer] = []
        question = _Question(folder, lambda: answers.append(ask()))
        try:
            question.start()
        except RuntimeError:  # the system has no thread left: then who asks waits
            return ask()
        question.join(PATIENCE)
        if question.wrong is not None:
            raise question.wrong
        if answers:
            return answers[0]
    raise TimeoutError(errno.ETIMEDOUT, "its disk does not answer", folder.name)


class _Question(threading.Thread):
    """Asks what is in a folder. wrong: why there is no answer."""

    def __init__(self, folder: Path, ask: Callable[[], None]) -> None:
        super().__init__(name=f"ask {folder.name}", daemon=True)
        self.folder = folder
        self._ask, self._began = ask, time.monotonic()
        self.wrong: Exception | None = None

    @property
    def late(self) -> bool:
        """Whether it has been under way for longer than anyone waits."""
        return time.monotonic() - self._began >= PATIENCE

    def run(self) -> None:
        """Ask."""
        try:
            self._ask()
        except Exception as error:  # for who asked
            self.wrong = error


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
    fresh, old = (_beside(folder, ending) for ending in HALVES)
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


def remove_folder(folder: Path, last: str) -> None:
    """Delete a folder, the file `last` after all else in it; links in it are taken away as links. OSError if something
    can't be.
    """
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != last:
            path.unlink()
    shutil.rmtree(folder)


def _beside(folder: Path, ending: str) -> Path:
    return folder.with_name(folder.name + ending)


def not_plain(folder: Path, inner: tuple[str, ...] = ()) -> str:
    """What in a folder, or in one of those in it that are called `inner`, is neither a file nor a folder of its own, by
    its path there, or the folder's own name if that is a link; "" if nothing is.

    We never make such a thing, but runs may lie in a bucket that others write to, or come out of an archive. A link
    would have the page show, or training overwrite, a file that is no run's; a pipe would keep its reader waiting.
    """
    changed = tuple(_changed(folder / each) for each in ("", *inner))
    # The system's clock ticks every few milliseconds: what was changed just now may be changed again at the same time.
    lately = any(each is not None and time.time_ns() - each[1] < _SETTLED for each in changed)
    return _found(folder, inner) if lately else _foreign(folder, inner, changed)


# The page lists all runs each second, for each visitor; a folder that stays as it is need not be searched again.
@lru_cache(maxsize=2048)
def _foreign(folder: Path, inner: tuple[str, ...], _changed: tuple[object, ...]) -> str:
    return _found(folder, inner)


def _found(folder: Path, names: tuple[str, ...]) -> str:
    """What in `folder` is not its own, by its path there, "" if nothing is."""
    if os.path.islink(folder):
        return folder.name
    inside = [""]
    for inner in inside:
        try:
            with os.scandir(folder / inner) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        inside += [entry.name] if not inner and entry.name in names else []
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
