"""What becomes of a wish to train, whoever has it, the page or a program: it is checked, then begun or put in line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from train.access import Access
from train.data import sources
from train.loop.recipe import Recipe
from train.parallel import Progress
from train.runs import datasets, jobs
from train.runs.background import Launcher
from train.runs.folder import RunFolder
from train.runs.start import room
from train.ui.train import choices, fields


@dataclass(frozen=True)
class Planned:
    """A run that may be begun, made by `plan`. access: of whose it will be."""

    launcher: Launcher
    access: Access
    recipe: Recipe
    name: str
    device: str
    source: sources.Source

    def begin(
        self, pinned: NDArray[np.float32] | None = None, named: Callable[[str], None] = lambda name: None
    ) -> None:
        """Prepare its data and start it in the background, or wait in line for that; JobError or LineError if not.

        pinned: a drawing that it follows, 100 x 100. named: called with the run's name once it is started.
        """
        mine, launcher, root = self.access, self.launcher, self.launcher.root

        def launch(data: Path) -> None:
            room.make_room(root, mine.limits.runs)

            def ready(folder: Path) -> bool:
                mine.claim(folder)  # before it trains: where that can't be written, the run is not started
                if pinned is not None:
                    RunFolder(folder).pin(pinned)
                return launcher.ready is not None and self.device != "cpu" and launcher.ready(folder)

            named(jobs.start(root, self.name, self.recipe, data, self.device, ready).name)

        cache = root.parent / "data"

        def prepare(progress: Progress, say: Callable[[str], None]) -> Path:
            datasets.drop_unused(cache, root)
            return sources.prepare(self.source, self.recipe.alphabet, cache, mine, progress, say)

        def begin() -> None:
            launcher.begin(self.name, prepare, launch, mine.browser)

        busy = launcher.preparing is not None or jobs.active(root) is not None or len(launcher.line) > 0
        if busy and not mine.manage:
            seconds = choices.seconds(self.recipe, self.source, launcher.standby)
            launcher.line.join(mine.browser, self.name, seconds, begin)
        else:
            begin()


def plan(launcher: Launcher, access: Access, recipe: Recipe, name: str, device: str, source: sources.Source) -> Planned:
    """A run of `recipe` on `source`, checked; FontdemoError, in plain words, where it may not be.

    name: "" for the recipe's; a name that is taken gets a number when it starts.
    """
    access.require_start()
    fields.check(access, recipe)
    source.check(access)
    room.check_room(launcher.root, access.limits.runs)
    return Planned(launcher, access, recipe, jobs.check_name(name.strip() or recipe.name), device, source)
