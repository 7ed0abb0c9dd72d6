"""The commands `ship`, `card` and `index`: from a run to a folder under weights/ that says all it should."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fontdemo.network import pretrained
from fontdemo.reading import nearest
from tests.support.training import packed, small_recipe
from train.__main__ import main
from train.runs.folder import RunFolder
from train.runs.trainer import execute


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packed(tmp_path_factory.mktemp("data"))


@pytest.fixture
def weights(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Path]:
    """Train a run of one epoch and ship it, with these words besides."""

    def ship(*words: str) -> Path:
        RunFolder.create(tmp_path / "run", small_recipe(epochs=1), data, device="cpu")
        execute(tmp_path / "run")
        capsys.readouterr()
        assert main(["ship", str(tmp_path / "run"), str(tmp_path / "mine"), *words]) == 0
        return tmp_path / "mine"

    return ship


def test_a_run_is_shipped_with_what_it_was_made_by_and_measured_later(
    weights: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = weights("--command", "python -m train data build", "--source", "Pens of 1903, MIT")
    count = pretrained.load(folder).parameter_count
    assert f"mine: report-cnn, course52, {count:,} parameters" in capsys.readouterr().out
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "python -m train data build" in card and "- Pens of 1903, MIT" in card and "How well" not in card
    scores = {"images": 77, "alphabet": 0.5, "twins": 0.5, "case_blind": 0.5, "top5": 0.9, "calibration": 0.1}
    results = tmp_path / "results.json"
    results.write_text(json.dumps({"rows": [{"reader": "mine", "evalset": "printed", "scores": scores}]}))
    assert main(["card", str(folder), "--benchmark", str(results)]) == 0
    assert "| printed | 77 | 50.00% |" in (folder / "README.md").read_text(encoding="utf-8")
    results.write_text('{"rows": 3}')
    assert main(["card", str(folder), "--benchmark", str(tmp_path / "none.json")]) == 1
    assert "holds no rows" in capsys.readouterr().err


def test_only_a_network_of_all_characters_is_folded(
    weights: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = weights()
    assert main(["ship", str(tmp_path / "run"), str(tmp_path / "other"), "--fold", "course52"]) == 1
    assert "all 62 characters" in capsys.readouterr().err and not (tmp_path / "other").exists()
    assert folder.is_dir()


def test_the_index_of_a_network_lies_beside_it_and_can_be_searched(
    weights: Callable[..., Path], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = weights()
    capsys.readouterr()
    assert main(["index", str(folder), "--data", str(data), "--device", "cpu"]) == 0
    index = nearest.load(folder, pretrained.load(folder))
    written = (folder / nearest.FILE).stat().st_size
    assert f"{len(index):,} glyphs of 3 faces, {written:,} bytes" in capsys.readouterr().out
    assert 0 < len(index) <= 52
