"""train.ui.tune.parallel: where a trial's line crosses the axes, and what is drawn at all."""

from __future__ import annotations

import math
import re

import pytest

from train.ui.tune.parallel import GAP, LENGTH, LINES, parallel
from train.ui.tune.view import Row


def trial(number: int, accuracy: float | None, **settings: object) -> Row:
    return Row(number, "complete", accuracy, None, None, settings)


def lines(drawn: str) -> dict[int, list[tuple[float, float]]]:
    """The points of each trial's line."""
    found = re.findall(r'd="M([^"]+)".*?<title>trial (\d+):', drawn)
    return {int(n): [tuple(map(float, point.split())) for point in path.split(" L")] for path, n in found}  # type: ignore[misc]


def test_a_line_crosses_each_axis_at_its_setting() -> None:
    drawn = parallel([
        trial(0, 0.5, learning_rate=1e-4, batch=25, conv_activation="relu", dropout=0.1),
        trial(1, 0.9, learning_rate=1e-3, batch=200, conv_activation="silu", dropout=0.1),
        trial(2, 0.7, learning_rate=3e-4, batch=50, conv_activation="relu", dropout=0.1),
    ])  # fmt: skip
    at = lines(drawn)
    assert [x for x, _ in at[2]] == [0, GAP, 2 * GAP, 3 * GAP]  # dropout is the same in all of them: no axis
    assert "dropout" not in drawn and "learning rate" in drawn
    rate = LENGTH * math.log(1e-3 / 3e-4) / math.log(10)
    assert at[2][0][1] == pytest.approx(rate, abs=0.06)
    assert [at[n][1][1] for n in (1, 2, 0)] == [0, LENGTH / 2, LENGTH]
    assert at[0][2][1] == at[2][2][1] != at[1][2][1]
    assert at[1][3][1] < at[2][3][1] < at[0][3][1]  # the better, the higher
    best = re.search(r'tune-trial-best"[^>]*><title>trial (\d+)', drawn)
    assert best and best[1] == "1"


def test_widths_are_written_as_whole_numbers() -> None:
    drawn = parallel([trial(0, 0.5, fc1=616, learning_rate=0.00237), trial(1, 0.6, fc1=440, learning_rate=0.001)])
    assert ">616<" in drawn and ">440<" in drawn and ">0.0024<" in drawn


def test_nothing_is_drawn_where_there_is_nothing_to_compare() -> None:
    assert parallel([]) == ""
    assert parallel([trial(0, 0.5, batch=25), trial(1, None, batch=50)]) == ""
    assert parallel([trial(0, 0.5, batch=25), trial(1, 0.6, batch=25)]) == ""


def test_many_trials_are_the_best_ones_and_texts_are_escaped() -> None:
    drawn = parallel([trial(n, n / 100, batch=n % 3, conv_activation=f"<b>{n % 2}") for n in range(LINES + 5)])
    assert sorted(lines(drawn)) == list(range(5, LINES + 5))
    assert "<b>" not in drawn and "&lt;b&gt;1" in drawn
