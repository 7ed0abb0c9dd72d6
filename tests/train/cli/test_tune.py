"""The command `tune`: it searches, writes the best recipe, which `run` trains, and says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.training import packed
from tests.train.tune.test_study import tiny
from train.__main__ import main

__all__ = ["tiny"]

pytest.importorskip("optuna")


def test_the_command_searches_and_writes_a_recipe_that_runs(
    tiny: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("train.runs.jobs.RUNS_ROOT", tmp_path / "runs")
    data = packed(tmp_path)
    best = tmp_path / "best.json"
    assert main(["tune", "--best", str(best)]) == 1
    assert main(["tune", "--trials", "2", "--epochs", "1", "--data", str(data), "--device", "cpu"]) == 0
    assert (tmp_path / "runs" / "tune.db").is_file()
    assert main(["tune", "--best", str(best)]) == 0
    assert json.loads(best.read_text())["name"].startswith("tuned-")
    assert main(["tune", "--best", str(tmp_path / "nowhere" / "best.json")]) == 1
    assert "cannot be written" in capsys.readouterr().err
    run = tmp_path / "runs" / "one"
    words = ["run", "--recipe", str(best), "--data", str(data), "--run", str(run), "--device", "cpu", "--epochs", "1"]
    assert main(words) == 0
    assert json.loads((run / "recipe.json").read_text())["recipe"] == json.loads(best.read_text()) | {"epochs": 1}
    capsys.readouterr()
    assert main(["run", "--recipe", str(tmp_path / "no.json"), "--data", str(data), "--run", str(tmp_path / "x")]) == 1
    assert main(["tune", "--storage", "nothing://", "--data", str(data)]) == 1
    assert "database cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--trials", "0"], ["--epochs", "0"], ["--minutes", "0"], ["--minutes", "nan"]])
def test_a_search_of_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    monkeypatch.setattr("train.runs.jobs.RUNS_ROOT", tmp_path / "runs")
    assert main(["tune", *words]) == 1
    assert "must be above 0" in capsys.readouterr().err
