"""Experiments: a short series of runs, broken and gone on with, and what came of it gathered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fontdemo.errors import FontdemoError
from tests.support.training import small_set
from train.loop import recipe
from train.reproduce import experiments, tables
from train.runs.folder import RunFolder
from train.runs.trainer import execute

SHORT = ("report-1-crnn", "report-2-relu")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recipes of one epoch, trained in this process."""
    for name in {experiment.recipe for experiment in experiments.EXPERIMENTS}:
        monkeypatch.setitem(recipe.RECIPES, name, recipe.RECIPES[name].changed(epochs=1))

    def perform(task: experiments.Task, jobs: int, device: str) -> str:
        assert task.command(device)[1:4] == ["-m", "train", "run"]
        if not (task.folder / "recipe.json").exists():
            wanted = recipe.get_recipe(task.experiment.recipe).changed(seed=task.seed, minutes=experiments.MINUTES)
            RunFolder.create(task.folder, wanted, task.data, "", device)
        execute(task.folder)
        return ""

    monkeypatch.setattr(experiments, "_perform", perform)


def data(folder: Path, rule: str) -> Path:
    file = folder / f"{rule}.fd"
    replace(small_set(), split_rule=rule).save(file)
    return file


def test_a_broken_run_goes_on(short: None, tmp_path: Path) -> None:
    found = experiments.tasks(tmp_path / "runs", data(tmp_path, "random"), None, 1, SHORT[1:])
    (task,) = found
    broken = recipe.get_recipe(SHORT[1]).changed(seed=0, minutes=experiments.MINUTES)
    RunFolder.create(task.folder, broken, task.data, "", "cpu")
    execute(task.folder, should_stop=lambda: True)
    assert not task.done() and "--resume" in task.command("cpu")
    seen: list[float] = []
    experiments.perform(found, device="cpu", watch=seen.append)
    assert task.done() and seen[-1] == 1.0


def test_another_run_in_the_folder_and_a_wrong_split_are_refused(short: None, tmp_path: Path) -> None:
    file = data(tmp_path, "random")
    found = experiments.tasks(tmp_path / "runs", file, None, 1, SHORT[:1])
    RunFolder.create(found[0].folder, recipe.get_recipe("report"), file)
    with pytest.raises(FontdemoError, match="another recipe"):
        experiments.check(found)
    with pytest.raises(FontdemoError, match="split by families"):
        experiments.check(experiments.tasks(tmp_path / "other", file, file, 1))
    with pytest.raises(FontdemoError, match="no experiment 'x'"):
        experiments.tasks(tmp_path, file, None, 1, ["x"])


def test_a_run_that_fails_is_reported_by_name(tmp_path: Path) -> None:
    (task,) = experiments.tasks(tmp_path / "runs", tmp_path / "gone.fd", None, 1, SHORT[:1])
    with pytest.raises(FontdemoError, match="report-1-crnn-0 did not finish: .*gone.fd"):
        experiments.perform([task], device="cpu")


def test_several_seeds_are_reported_with_their_spread(short: None, tmp_path: Path) -> None:
    found = experiments.tasks(tmp_path / "runs", data(tmp_path, "random"), None, 2, SHORT[1:])
    experiments.perform(found, device="cpu")
    (experiment,) = experiments.results(found)["experiments"]
    one, two = (each["valid_accuracy"] for each in experiment["ours"])
    assert experiment["spread"] == pytest.approx(abs(one - two) / 2**0.5)
    assert " ± " in tables.table({"experiments": [experiment]})
