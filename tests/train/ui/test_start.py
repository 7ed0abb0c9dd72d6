"""train.ui.start: what is checked before a run, and that it is its owner's before it trains."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from fontdemo.errors import FontdemoError
from tests.support.runs import make_run
from train.access import Access, access, owner_of
from train.data.sources import FONTS, SAMPLE, Source
from train.loop.recipe import Recipe, get_recipe
from train.runs import jobs
from train.runs.background import Launcher
from train.ui.start import plan

SPACE = access({"SPACE_ID": "a/b"}).of({"browser": "b" * 20})
QUICK, LETTERS = get_recipe("quick"), Source(SAMPLE)


@pytest.mark.parametrize(
    "rights, recipe, name, source, sentence",
    [
        (access({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": "off"}), QUICK, "", LETTERS, "Training is off"),
        (access({"SPACE_ID": "a/b"}), QUICK, "", LETTERS, "lost track of your browser"),
        (SPACE, Recipe(), "", LETTERS, "At most 5 epochs"),
        (SPACE, QUICK, "", Source(FONTS), "on the sample only"),
        (SPACE, QUICK, "../a", LETTERS, "a run's name must be"),
    ],
)
def test_what_may_not_be_is_refused(
    root: Path, rights: Access, recipe: Recipe, name: str, source: Source, sentence: str
) -> None:
    with pytest.raises(FontdemoError, match=sentence):
        plan(Launcher(root), rights, recipe, name, "auto", source)
    assert not root.exists()


def test_a_run_has_its_owner_and_its_drawing_before_it_trains(root: Path) -> None:
    found: list[Any] = []

    def take_over(folder: Path) -> bool:
        found.append((folder.name, owner_of(folder), np.load(folder / "pinned.npy").sum()))
        return True

    launcher = Launcher(root, cast(Any, SimpleNamespace(launch=take_over)))
    plan(launcher, SPACE, QUICK, "", "auto", LETTERS).begin(np.ones((100, 100), np.float32), found.append)
    launcher.wait(30)
    assert launcher.error == "" and found == [("quick", SPACE.browser, 10_000), "quick"]


def test_while_another_trains_a_visitor_waits_and_at_home_it_is_refused(root: Path) -> None:
    make_run(root, "busy", status="running")  # by this very process, which is alive
    launcher = Launcher(root)
    plan(launcher, SPACE, QUICK, "mine", "auto", LETTERS).begin()
    assert launcher.line.browser_of("mine") == SPACE.browser and launcher.line.browser_of("busy") == ""
    with pytest.raises(jobs.JobError, match="“busy” is running"):
        plan(launcher, access({}), QUICK, "other", "auto", LETTERS).begin()
