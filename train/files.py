"""JSON files, read with care and written whole or not at all; where this project is, and its user's folder."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from fontdemo.files import atomic_write, open_plain

# Largest JSON file that is read at once, in bytes.
_MOST_JSON = 1 << 20

#: What a record says that is there and can't be read now, and why one can't be read that is not there.
UNREAD, ABSENT = "unread", (FileNotFoundError, NotADirectoryError)

#: The folder that holds this project: app.py, fontdemo/, train/, weights/.
PROJECT = Path(__file__).resolve().parents[1]


def home() -> Path:
    """This user's folder; one that cannot be for a user who has none, as in a container that knows no such user."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(os.devnull) / "home"


def expanded(path: Path) -> Path:
    """`path` with ~ and ~ada at its beginning as these users' folders; as it is where there is no such user."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


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
    content = parse_json(text)
    if not isinstance(content, dict):
        raise ValueError(f"{file.name} holds no JSON object")
    return content


def parse_json(text: bytes) -> Any:
    """What the JSON in `text` holds; ValueError if it is none, or none that a page can be sent.

    Half a surrogate pair ("\\ud800") is a text to JSON and to Python, but UTF-8 has no form for it: one such name or
    message, and nothing that it stands in could be sent to anyone.
    """
    plain = text.decode("utf-8")
    try:
        content = json.loads(plain)
        if "\\ud" in plain.lower():
            json.dumps(content, ensure_ascii=False).encode("utf-8")
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return content
