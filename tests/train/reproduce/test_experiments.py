"""Experiments and tables: a short series of runs, broken and gone on with; the table and what it says."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from fontdemo.errors import FontdemoError
from tests.support.training import small_set
from train.__main__ import main
from train.loop import recipe
from train.reproduce import experiments, tables
from train.reproduce.report_curves import REPORT_CURVES
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


def test_a_series_is_run_once_and_its_results_stand_beside_the_reports(
    short: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["reproduce", "--data", str(data(tmp_path, "random")), "--runs", str(tmp_path / "runs"),
             "--only", *SHORT, "-o", str(tmp_path / "results" / "report.json"), "--device", "cpu"]  # fmt: skip
    assert main(words) == 0
    results = json.loads((tmp_path / "results" / "report.json").read_text())
    assert [each["name"] for each in results["experiments"]] == list(SHORT)
    for each in results["experiments"]:
        folder = tmp_path / "runs" / f"{each['name']}-0"
        row = next(row for row in RunFolder(folder).metrics() if row["kind"] == "epoch")
        assert each["ours"][0]["valid_accuracy"] == row["valid_accuracy"] == each["valid_accuracy"]
        assert each["report"]["valid_accuracy"] == REPORT_CURVES[each["name"]][-1].valid_accuracy
        assert each["bytes"] == (folder / "best" / "model.safetensors").stat().st_size
    assert results["experiments"][0]["parameters"] == 1_052_420
    ET.fromstring((tmp_path / "results" / "report.svg").read_bytes())
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "runs").rglob("metrics.jsonl")}
    capsys.readouterr()
    assert main(words) == 0  # nothing is left to do
    assert {file: file.stat().st_mtime_ns for file in before} == before
    assert "| CRNN | 11 | 0.0323 | 0.0720 | 98.17% |" in capsys.readouterr().out


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
