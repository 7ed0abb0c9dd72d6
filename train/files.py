"""Files written so that nobody ever reads half of one, and where this project lies."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

#: The folder that holds this project: app.py, fontdemo/, train/, weights/.
PROJECT = Path(__file__).resolve().parents[1]


def write_json(file: Path, content: Any) -> None:
    """Write JSON beside and rename, so that a reader never sees half of it. OSError if it cannot be written."""
    fresh = file.with_suffix(f".{os.getpid()}.new")
    try:
        fresh.write_text(json.dumps(content, indent=2), encoding="utf-8")
        os.replace(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)
