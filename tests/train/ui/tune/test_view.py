"""A search as HTML."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.training import small_recipe
from train.loop.estimate import Estimate
from train.runs.start.standby import MEASURED
from train.ui.tune import view
from train.ui.tune.view import Row

optuna = pytest.importorskip("optuna")


def test_before_there_are_trials_the_report_s_own_search_is_shown() -> None:
    bars = re.findall(r"<span>([^<]+)</span><i><b style=\"width:(\d+)%\"></b></i><em>([^<]+)</em>", view.by_hand())
    assert [text for _, _, text in bars] == ["1.83 %", "2.34 %", "1.26 %", "1.23 %", "0.97 %"]  # of its own tables
    assert [int(width) for _, width, _ in bars] == [78, 100, 54, 53, 41] and bars[-1][0] == "SiLU throughout"


def test_what_is_shown() -> None:
    trials = [
        Row(0, "complete", 0.9, 700_000, 10.0, {"learning_rate": 0.00123, "batch": 50}),
        Row(1, "pruned", 0.4, 600_000, 2.0, {"batch": 25}),
        Row(2, "complete", 0.95, 1_100_000, 11.0, {"fc1": 512, "conv_activation": "<b>"}),
        Row(3, "running", None, None, None, progress=0.375),
    ]
    best = view.best_of(trials)
    assert best is not None and best.number == 2
    card = view.card(trials, True, "one\ntwo <script>")
    assert "95.00%" in card and "3 trials, 1 of them stopped early" in card and "searching" in card
    assert "&lt;script&gt;" in card and "&lt;b&gt;" in card and "<script>" not in card
    assert "Trial 3" in card and "38 %" in card and "Trial 1<" not in card
    assert "Trial 3" not in view.card(trials, False, "")  # nothing is under way once the search has stopped
    # Three ended in 23 s; of seven four are left, less what has been trained of the one that runs.
    assert view.seconds_left(trials, 7) == pytest.approx((7 - 3 - 0.375) * 23 / 3)
    assert "about 30 seconds left" in view.card(trials, True, "", 7) and " left" not in view.card(trials, False, "", 7)
    assert view.seconds_left(trials[3:], 7) is None and view.seconds_left(trials, 3) == 0.0
    table = view.table(trials)
    positions = [table.index(f"<td>{number}</td>") for number in (2, 0, 1, 3)]
    assert positions == sorted(positions)
    assert "<span>learning rate</span> 0.00123, <span>batch</span> 50</td>" in table and "stopped early" in table
    chart = view.chart(trials)
    assert ", trained: 90.00%" in chart and ", stopped early: 40.00%" in chart
    assert chart.count("<circle") == 3 and 'class="tune-line" d="M' in chart
    assert view.chart([]) == "" and "No trial" in view.card([], False, "")
    assert "not started" in view.card([], False, "") and "stopped" in view.card([], False, "it ended")
    # Dots keep clear of the percentages at the left.
    assert min(float(x) for x in re.findall(r'cx="([\d.]+)"', chart)) > 50
    assert "After ten finished trials" in view.importance({})
    assert "width:100%" in view.importance({"batch": 0.7, "fc1": 0.3})


@pytest.mark.parametrize(
    ("last", "pill", "cell"),
    [("complete", "finished", "trained"), ("pruned", "finished", "stopped early"), ("fail", "stopped", "not finished"),
     ("running", "stopped", "running")],
)  # fmt: skip
def test_a_search_that_did_all_its_trials_is_finished_and_no_other(last: str, pill: str, cell: str) -> None:
    trials = [Row(0, "complete", 0.9, 700_000, 10.0), Row(1, last, 0.8, 700_000, 10.0)]
    assert f'<span class="pill">{pill}</span>' in view.card(trials, False, "2 of 2")
    assert f"<td>{cell}</td>" in view.table(trials) and "failed" not in view.table(trials)
    assert ("1 trial<" in view.card(trials, False, "")) == (last in ("fail", "running"))


@pytest.mark.parametrize(
    ("accuracies", "labels"),
    [((0.0385, 0.0192), ["1.5 %", "2 %", "2.5 %", "3 %", "3.5 %", "4 %"]),
     ((0.9, 0.4), ["40 %", "60 %", "80 %", "100 %"]),
     ((0.5,), ["49.5 %", "50 %", "50.5 %"]), ((1.0, 1.0), ["99.6 %", "100 %"]), ((0.0,), ["0 %", "0.4 %"])],
)  # fmt: skip
def test_the_chart_fits_its_trials(accuracies: tuple[float, ...], labels: list[str]) -> None:
    chart = view.chart([Row(n, "complete", value, None, None) for n, value in enumerate(accuracies)])
    ticks = {text: float(y) for y, text in re.findall(r'y1="([\d.]+)".*?>([\d.]+ %)</text>', chart)}
    assert set(labels) <= set(ticks)
    first, last = min(ticks, key=lambda text: float(text[:-2])), max(ticks, key=lambda text: float(text[:-2]))
    low, high = float(first[:-2]) / 100, float(last[:-2]) / 100
    for value, y in zip(accuracies, re.findall(r'cy="([\d.]+)"', chart), strict=True):
        part = (value - low) / (high - low)
        assert 0 <= part <= 1
        assert float(y) == pytest.approx(ticks[first] + part * (ticks[last] - ticks[first]), abs=0.11)


def test_rows_tell_the_width_that_was_trained(tmp_path: Path) -> None:
    study = optuna.create_study(storage=f"sqlite:///{tmp_path / 'study.db'}")
    trial = study.ask({"fc1": optuna.distributions.CategoricalDistribution([512, 1024])})
    recipe = small_recipe(options={"widths": [448, 16]})
    trial.set_user_attr("recipe", recipe.to_json())
    study.tell(trial, 0.5)
    (row,) = view.rows(study)
    assert row.settings["fc1"] == 448 and row.accuracy == 0.5 and row.state == "complete"


def test_before_a_search_its_time_is_told() -> None:
    pace = Estimate("the CPU", True, 1000.0, 1, 0.5 * MEASURED[0] / 10_400, 15.0)  # half a minute an epoch
    told = view.expected(pace, 10_400, 20, 5)
    assert told.startswith("At most about 50 minutes on the CPU, ")
