"""`export-tensorboard`: what TensorBoard reads back is what metrics.jsonl holds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.train.ui.train.test_tab import make_run
from train.__main__ import main
from train.runs import metrics


def test_tensorboard_reads_back_the_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = make_run(tmp_path / "runs", "a")
    assert main(["export-tensorboard", str(run), str(tmp_path / "logs")]) == 0
    assert "3 rows of a" in capsys.readouterr().out
    events: Any = EventAccumulator(str(tmp_path / "logs" / "a"))
    events.Reload()
    read = [(point.step, point.value) for point in events.Scalars("accuracy/validation")]
    rows = metrics.read(run).rows
    assert read == [(1000 * row["at"], pytest.approx(row["valid_accuracy"])) for row in rows]


def test_without_tensorboard_or_rows_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    assert main(["export-tensorboard", str(tmp_path), str(tmp_path / "logs")]) == 1
    assert "pip install tensorboard" in capsys.readouterr().err and not (tmp_path / "logs").exists()
