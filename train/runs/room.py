"""Room for one more run where only so many are kept: the oldest of the visitors' that are not at work make it.

A run of the host is never removed, nor one at work.
"""

from __future__ import annotations

from pathlib import Path

from train.access import NotAllowedError, owner_of
from train.runs import folder as run
from train.runs import jobs


def check(root: Path, most: int) -> None:
    """NotAllowedError if there is no room under `root` for one of `most` runs, and none can be made."""
    _leaving(root, most)


def make(root: Path, most: int) -> None:
    """Delete the oldest visitors' runs that have ended until there is room for one of `most`; NotAllowedError if there
    can be none."""
    for folder in _leaving(root, most):
        jobs.delete(root, folder)


def _leaving(root: Path, most: int) -> list[Path]:
    """The runs that must go, oldest first."""
    runs = list(run.runs_in(root))[::-1]
    over = len(runs) + 1 - most
    ended = (folder for folder in runs if owner_of(folder) and not jobs.status(folder).alive)
    leaving = [folder for folder, _ in zip(ended, range(over), strict=False)]
    if len(leaving) < over:
        raise NotAllowedError(f"This page keeps {most} runs, and has them. Ask its host to delete some.")
    return leaving
