"""The command `teach-benchmark`: which hands go into which row, and what it writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from fontdemo.network.network import Network
from train.__main__ import main
from train.cli import teach_benchmark
from train.teach.measure import Hand, Row, table


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    """Rows as they are asked for, with no lesson given."""
    rows: list[Row] = []

    def measure(
        reader: str, network: Network, name: str, hands: Sequence[Hand], *, progress: Callable[[], object]
    ) -> Row:
        progress()
        rows.append(Row(reader, name, len(hands), 1, 1, 1, 1, 0, 1, 1, 1, 1, 0.9, 0.9, 0.9, 1.0))
        return rows[-1]

    monkeypatch.setattr(teach_benchmark, "measure", measure)
    monkeypatch.setattr(teach_benchmark, "prepare", lambda network: None)
    monkeypatch.setattr(teach_benchmark, "made_up_hands", lambda count, seed: [Hand((), ())] * count)
    return rows


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    file = tmp_path / "drawn.json"
    file.write_text(json.dumps({"1": [[[[0, 0], [1, height]]] for height in range(1, 7)]}))
    return file


def test_the_people_that_something_was_chosen_by_stand_apart(
    measured: list[Row], drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "made" / "teach.json"
    given = ["--weights", "report-cnn", "--hands", "2", "--twice", str(drawn), "--but", "2", "--once", str(drawn)]
    assert main(["teach-benchmark", *given, "-o", str(output)]) == 0
    assert [(row.name, row.hands) for row in measured] == [
        ("made-up hands", 2), ("people, each digit twice", 2), ("the people chosen by", 1),
        ("people, each character once", 6),
    ]  # fmt: skip
    assert [Row(**row) for row in json.loads(output.read_text(encoding="utf-8"))["rows"]] == measured
    assert capsys.readouterr().out == table(measured)


def test_rows_stand_set_by_set(measured: list[Row], drawn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--weights", "report-cnn", "budget52", "--hands", "1", "--once", str(drawn)]
    assert main(["teach-benchmark", *given]) == 0
    lines = capsys.readouterr().out.splitlines()[2:]
    assert [line.split(" | ")[1] for line in lines] == ["report-cnn", "budget52"] * 2


def test_nothing_to_measure_on_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["teach-benchmark", "--hands", "0"]) == 1
    assert "Nothing to measure on" in capsys.readouterr().err
