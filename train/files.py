"""JSON files, read with care and written whole or not at all, and where this project is."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

from fontdemo.files import atomic_write

# Largest JSON file that is read at once, in bytes.
_MOST_JSON = 1 << 20

#: The folder that holds this project: app.py, fontdemo/, train/, weights/.
PROJECT = Path(__file__).resolve().parents[1]


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


def write_json(file: Path, content: Any) -> None:
    """Write JSON, so that a reader never sees half of it. OSError if it cannot be written."""
    with atomic_write(file) as fresh:
        fresh.write_text(json.dumps(content, indent=2), encoding="utf-8")


def read_json(file: Path) -> dict[str, Any]:
    """The JSON object in a file of at most a megabyte; OSError or ValueError if there is none."""
    with open_plain(file) as opened:
        text = opened.read(_MOST_JSON + 1)
    if len(text) > _MOST_JSON:
        raise FileNotFoundError(f"there is no {file.name}")
    try:
        content = json.loads(text.decode("utf-8"))
    except RecursionError as error:
        raise ValueError(f"{file.name} is nested too deeply") from error
    if not isinstance(content, dict):
        raise ValueError(f"{file.name} holds no JSON object")
    return content
