"""Room for a new run where the number of runs is limited: the oldest of those that visitors started must go."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from fontdemo.files import answered
from train.access import NotAllowedError, owner_of
from train.runs import jobs
from train.runs.folder import RunFolder, runs_in


def check_room(root: Path, most: int) -> None:
    """NotAllowedError if there is no room under `root` for one of `most` runs, and `make_room` could make none."""
    _leaving(root, most)


def make_room(root: Path, most: int) -> None:
    """Delete the oldest visitors' runs that have ended, until there is room under `root` for one of `most`.

    Those without a network go first: who starts and stops runs again and again drives out only such. Then those of the
    visitor who has most: who trains again and again drives out their own. A run of the host is never removed, nor one
    at work. NotAllowedError if there can be no room.
    """
    for folder in _leaving(root, most):
        jobs.delete(root, folder)


def _leaving(root: Path, most: int) -> list[Path]:
    """The runs that must go, as `make_room` has them."""

    def look() -> list[Path]:
        runs = runs_in(root)[::-1]
        over = len(runs) + 1 - most
        if over <= 0:
            return []
        ended = {folder: owner for folder in runs if (owner := owner_of(folder)) and jobs.status(folder).ended}
        if len(ended) < over:
            raise NotAllowedError(f"This page keeps at most {most} runs. Ask its host to delete some.")
        leaving: list[Path] = []
        for _ in range(over):
            had = Counter(ended.values())
            first = {folder: (RunFolder(folder).has_best, -had[owner]) for folder, owner in ended.items()}
            leaving.append(min(first, key=first.__getitem__))
            del ended[leaving[-1]]
        return leaving

    try:
        return answered(root, look)
    except TimeoutError as error:
        raise jobs.away(root, error) from error
