"""JSON files, read with care and written whole or not at all, and where this project is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fontdemo.files import atomic_write, open_plain

# Largest JSON file that is read at once, in bytes.
_MOST_JSON = 1 << 20

#: The folder that holds this project: app.py, fontdemo/, train/, weights/.
PROJECT = Path(__file__).resolve().parents[1]


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
