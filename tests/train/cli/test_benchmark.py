"""The command `python -m train benchmark`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fontdemo.alphabet import ALPHABETS
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.training import SMALL, packed
from train.__main__ import main
from train.cli import benchmark


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A network that was never trained."""
    pretrained.save(Network("report-cnn", "course52", SMALL), tmp_path / "small", "card")
    return tmp_path / "small"


@pytest.fixture
def sets(tmp_path: Path) -> list[str]:
    """A set of each kind."""
    (tmp_path / "strokes.json").write_text(json.dumps({"L": [[[[0, 0], [0, 9], [5, 9]]]], "l": [[]]}))
    x = np.full((2, 32, 32), 255, np.uint8)
    x[:, 4:28, 14:18] = 0
    np.savez(tmp_path / "bars.npz", x=x, y=np.array([0, 1]), classes=np.array(["I", "1"]))
    return ["--data", str(packed(tmp_path, train=156)), "--strokes", str(tmp_path / "strokes.json"),
            "--pictures", str(tmp_path / "bars.npz")]  # fmt: skip


def test_every_network_is_measured_on_every_set(
    weights: Path, sets: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results, errors = tmp_path / "results" / "benchmark.json", tmp_path / "errors"
    arguments = ["benchmark", "--weights", str(weights), *sets, "-o", str(results), "--errors", str(errors)]
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0].split(" on ")[1] for line in lines] == [
        "split random, course", "strokes", "pictures, bars"
    ]  # fmt: skip
    assert ": 2 (1 without a glyph) images" in lines[1]
    rows = json.loads(results.read_text())["rows"]
    assert [row["scores"]["images"] for row in rows] == [26, 2, 2]
    for row in rows:
        scores = row["scores"]
        assert 0 <= scores["alphabet"] == scores["twins"] <= scores["top5"] <= 1
        assert row["milliseconds"] > 0
    sheets = sorted(errors.glob("*.png"))
    assert any(sheet.name.endswith("-small-split-random-course.png") for sheet in sheets)
    with Image.open(sheets[-1]) as sheet:
        assert sheet.width > 100


def test_the_table_alone_is_markdown(weights: Path, sets: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "--weights", str(weights), *sets, "--table"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + 1 + 1 + 2 + 3  # the overview, a blank line, the table
    assert all(line.startswith("| ") and line.endswith(" |") for line in lines if line)


def test_sets_of_one_name_are_told_apart_by_their_files(
    weights: Path, sets: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["benchmark", "--weights", str(weights), *sets[:2], *sets[:2]]) == 0
    assert capsys.readouterr().out.count("split random, course (small)") == 2


def test_without_a_set_or_weights_it_says_what_is_missing(sets: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "--weights", "report-cnn"]) == 1
    assert "--strokes" in capsys.readouterr().err
    assert main(["benchmark", "--weights", "no-such-network", *sets]) == 1
    assert "no-such-network" in capsys.readouterr().err


class Always:
    """A baseline that says A."""

    name, alphabet = "always A", ALPHABETS["alnum62"]

    def answers(self, images: np.ndarray) -> list[str]:
        return ["A"] * len(images)


def test_baselines_read_the_same_images_as_the_networks_beside_them(
    weights: Path, sets: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed (requirements-dev.txt)")
    monkeypatch.setattr(benchmark, "Tesseract", Always)
    monkeypatch.setattr(benchmark, "rapid_ocr", list)
    results = tmp_path / "r.json"
    assert main(["benchmark", "--weights", str(weights), *sets, "--baselines", "--baseline-images", "10", "--table",
                 "-o", str(results)]) == 0  # fmt: skip
    rows = json.loads(results.read_text())["rows"]
    sampled = [row for row in rows if row["evalset"] == "split random, course, 10 of them"]
    names = [row["reader"] for row in sampled]
    assert names == [str(weights), "always A", "HOG + nearest neighbours", "HOG + SVM"]
    assert {row["scores"]["images"] for row in sampled} == {10}
    # Sets as small as the sample are read whole, once, by all.
    assert [row["reader"] for row in rows if row["evalset"] == "strokes"] == names
    assert [row["scores"]["refused"] for row in rows if row["evalset"] == "strokes"] == [1] * 4
    assert "always A" in capsys.readouterr().out
    assert main(["benchmark", *sets, "--peers", "--baseline-images", "0"]) == 1
    assert "--baseline-images" in capsys.readouterr().err


def test_outliers_are_shown_to_every_network(
    weights: Path, sets: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "r.json"
    arguments = ["benchmark", "--weights", str(weights), *sets[:2], "--outliers", "4", "-o", str(results)]
    assert main(arguments) == 0
    found = json.loads(results.read_text())["false_accepts"]
    assert [(one["kind"], one["images"]) for one in found] == [
        ("scribbles", 4), ("two characters", 4), ("textures", 4), ("bare paper", 4),
        ("signs", 4), ("other scripts", 4), ("drawn signs", 4),
    ]  # fmt: skip
    assert found[0]["accepted"] == 1  # this network never says "I can't tell"
    assert "takes 100.0% of 4 images of scribbles for characters" in capsys.readouterr().out
    assert main([*arguments, "--table"]) == 0
    assert "| Taken for a character | scribbles |" in capsys.readouterr().out
