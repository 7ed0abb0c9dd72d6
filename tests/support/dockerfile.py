"""What the Dockerfile says: its instructions, in order, and which files .dockerignore keeps out of the image."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def steps() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, each with what follows it."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def instructions(word: str) -> list[str]:
    """What follows each `word` in the Dockerfile."""
    return [rest for one, rest in steps() if one == word]


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path of the project out; a pattern counts for all that lies below it."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    parts = path.split("/")
    heads = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    for pattern in patterns:
        tail = pattern.removeprefix("**/")
        if tail != pattern:
            if any(fnmatch.fnmatchcase(part, tail) for part in parts):
                return True
        elif any(fnmatch.fnmatchcase(head, pattern) and head.count("/") == pattern.count("/") for head in heads):
            return True
    return False
