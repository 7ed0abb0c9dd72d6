"""The command `reproduce`: a series is run once, its results are written, shown again, and what it lacks is said."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.train.reproduce.test_experiments import SHORT, data, short
from train.__main__ import main
from train.reproduce.report_curves import REPORT_CURVES
from train.runs.folder import RunFolder

__all__ = ["short"]


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
    shown = capsys.readouterr().out
    assert "| CRNN | 11 | 0.0323 | 0.0720 | 98.17% |" in shown
    assert main(["reproduce", "--table", "-o", str(tmp_path / "results" / "report.json")]) == 0
    assert capsys.readouterr().out == shown


def test_what_is_missing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(data(tmp_path, "random"))
    for words, said in (
        ([], "--data is needed"),
        (["--data", file, "--seeds", "0"], "must be at least 1"),
        (["--data", file, "--jobs", "0"], "must be at least 1"),
        (["--data", file, "--only", "report-5-silu-families"], "give --families"),
        (["--data", file, "--only", "nothing"], "no experiment 'nothing'"),
        (["--table", "-o", str(tmp_path / "none.json")], "holds no results"),
    ):
        assert main(["reproduce", "--runs", str(tmp_path / "runs"), *words]) == 1
        assert said in capsys.readouterr().err
    (tmp_path / "odd.json").write_text(json.dumps({"experiments": [{"title": "no figures"}]}))
    assert main(["reproduce", "--table", "-o", str(tmp_path / "odd.json")]) == 1
    assert "holds no results" in capsys.readouterr().err and not (tmp_path / "runs").exists()
