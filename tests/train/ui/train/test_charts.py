"""The learning curves: where points land, what is said of them, and that growing curves leave the axes alone."""

from __future__ import annotations

import csv
import html
import io
import json
import math
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.loop.recipe import RECIPES
from train.reproduce.report_curves import REPORT_CURVES
from train.ui.train.charts import MOST_RUNS, Curve, charts


def step(at: float, accuracy: float, mid_epoch: float | None = None) -> dict[str, Any]:
    return {
        "kind": "step", "at": at, "epoch": int(at) + 1, "train_error": 2.0, "train_accuracy": accuracy,
        "step": round(at % 1 * 8), "steps": 8,
        "valid_accuracy": mid_epoch,
    }  # fmt: skip


def epoch(number: int, accuracy: float, error: float = 0.5) -> dict[str, Any]:
    return {
        "kind": "epoch", "at": number, "epoch": number, "train_error": error, "train_accuracy": accuracy,
        "valid_error": error, "valid_accuracy": accuracy,
    }  # fmt: skip


def positions(page: str, kind: str, chart: int = 0) -> list[tuple[float, float]]:
    """The points of the path whose class is `kind`, as (right, up) in 0..1."""
    figure = page.split("<figure")[1 + chart]
    paths = [p for svg in re.findall(r"<svg.*?</svg>", figure) for p in ElementTree.fromstring(svg).iter("path")]
    path = next((p for p in paths if p.get("class") == kind), None)
    if path is None:
        return []
    found = re.findall(r"([\d.]+) ([\d.]+)", path.get("d", ""))
    return [(float(x) / 1000, 1 - float(y) / 1000) for x, y in found]


def test_points_inside_the_first_epoch_and_at_every_epoch() -> None:
    rows = [step(0.25, 0.3, 0.4), step(0.5, 0.5, 0.6), epoch(1, 0.7), step(1.5, 0.8), epoch(2, 0.9)]
    page = charts([Curve("a", rows)], 4)
    assert [x for x, _ in positions(page, "dots-valid series-alone")] == pytest.approx([0.0625, 0.125, 0.25, 0.5])
    assert [x for x, _ in positions(page, "line-steps series-alone")] == pytest.approx([0.0625, 0.125, 0.375])
    assert [x for x, _ in positions(page, "dots-train series-alone")] == pytest.approx([0.25, 0.5])
    heights = [y for _, y in positions(page, "dots-valid series-alone")]
    assert heights == sorted(heights) and len(set(heights)) == 4


def test_accuracy_is_drawn_by_its_odds() -> None:
    """Ten times the odds is the same height anywhere on the axis: 50 % to 90.9 % as 90.9 % to 99.0 %."""
    accuracies = [0.5, 10 / 11, 100 / 101, 1000 / 1001]
    page = charts([Curve("a", [epoch(n + 1, accuracy) for n, accuracy in enumerate(accuracies)])], 4)
    heights = [y for _, y in positions(page, "dots-valid series-alone")]
    steps = [b - a for a, b in zip(heights, heights[1:], strict=False)]
    assert steps == pytest.approx([steps[0]] * 3, abs=0.001)


@given(st.floats(0, 1), st.floats(0, 100))
def test_no_number_leaves_the_chart(accuracy: float, error: float) -> None:
    page = charts([Curve("a", [epoch(1, accuracy, error)])], 1)
    for chart in (0, 1):
        for x, y in positions(page, "dots-valid series-alone", chart):
            assert 0 <= x <= 1 and -1e-9 <= y <= 1 and math.isfinite(y)


def test_axes_stay_while_a_curve_grows() -> None:
    def axes(page: str) -> list[str]:
        return re.findall(r'<div class="chart-a(?:cross|long)".*?</div>', page)

    rows = [epoch(n, 0.1 * n) for n in range(1, 8)]
    pages = [charts([Curve("a", rows[:n])], 15) for n in range(8)]
    assert len(axes(pages[0])) == 4
    assert all(axes(page) == axes(pages[0]) for page in pages)


def test_the_report_lies_behind() -> None:
    page = charts([], 15, REPORT_CURVES["report"])
    ours = positions(charts([Curve("a", [epoch(15, 0.9903, 0.038301)])], 15), "dots-valid series-alone")
    assert len(positions(page, "report-dots report-valid")) == 15
    assert positions(page, "report-dots report-valid")[-1] == pytest.approx(ours[0])
    assert len(positions(charts([], 15, REPORT_CURVES["report-2-relu"]), "report-dots report-valid")) == 1
    assert "the report" in page and "the report" not in charts([], 15)
    shorter = charts([], 5, REPORT_CURVES["report"])  # no point beyond the axis
    assert len(positions(shorter, "report-dots report-valid")) == 5


def test_the_reports_numbers() -> None:
    """Its log says "Validation loss decreased" after every epoch but 10, 11, 13 and 14, and ends at 99.03 %."""
    best, fell = math.inf, []
    for point in REPORT_CURVES["report"]:
        if point.valid_error < best:
            best = point.valid_error
            fell.append(point.epoch)
    assert fell == [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15]
    last = REPORT_CURVES["report"][-1]
    assert (last.valid_accuracy, last.valid_error, last.train_error) == (0.9903, 0.038301, 0.005510)
    assert set(REPORT_CURVES) <= set(RECIPES)


def test_a_linear_axis_is_linear() -> None:
    accuracies = [0.0, 0.25, 0.5, 1.0]
    page = charts([Curve("a", [epoch(n + 1, accuracy) for n, accuracy in enumerate(accuracies)])], 4, linear=True)
    assert [y for _, y in positions(page, "dots-valid series-alone")] == pytest.approx(accuracies)
    assert 'aria-pressed="true"' in page and 'aria-pressed="false"' in charts([], 4)


def test_the_values_to_save_are_those_of_the_rows() -> None:
    rows = [step(0.25, 0.3, 0.4), epoch(1, 0.7), step(1.5, 0.8), epoch(2, 0.9, 0.125)]
    data = re.search(r'data-csv="(.*?)"', charts([Curve('a "b",<c>', rows)], 2), re.DOTALL)
    assert data is not None
    read = list(csv.DictReader(io.StringIO(html.unescape(data[1]))))
    assert [row["run"] for row in read] == ['a "b",<c>'] * 3
    assert [row["epoch"] for row in read] == ["0.25", "1", "2"]
    assert [row["valid_accuracy"] for row in read] == ["0.4", "0.7", "0.9"]
    assert [row["valid_error"] for row in read] == ["", "0.5", "0.125"]


def test_many_runs_are_laid_over_each_other_in_their_own_colours() -> None:
    page = charts([Curve(f"run {n}", [epoch(1, 0.5)]) for n in range(MOST_RUNS + 3)], 2)
    assert set(re.findall(r"dots-valid series-(\d)", page)) == {str(n) for n in range(MOST_RUNS)}
    assert "run 0" in page and f"run {MOST_RUNS}" not in page


def test_names_are_escaped() -> None:
    page = charts([Curve("<script>x</script>&\"'", [epoch(1, 0.5)]), Curve("b", [epoch(1, 0.5)])], 2)
    assert "<script" not in page
    data = re.search(r'data-readout="(.*?)"', page)
    assert data is not None
    shown = json.loads(html.unescape(data[1]))
    assert shown[0][1].startswith("<script>x</script>&\"', epoch 1: training 50.00 %, validation 50.00 %")


def test_long_runs_stay_small() -> None:
    rows = [step(n / 100, 0.5) for n in range(20_000)] + [epoch(200, 0.9)]
    page = charts([Curve("a", rows)], 200)
    assert len(positions(page, "line-steps series-alone")) <= 300
    assert len(page) < 60_000


def test_no_point_is_told_by_a_fraction_of_an_epoch() -> None:
    page = charts([Curve("a", [step(0.25, 0.5, 0.4), epoch(1, 0.5)])], 2)
    data = re.search(r'data-readout="(.*?)"', page)
    assert data is not None
    inside, whole = (text for _, text in json.loads(html.unescape(data[1])))
    assert inside == "epoch 1, step 2 of 8: training 50.00 %, validation 40.00 %"
    assert whole.startswith("epoch 1: ")


def test_each_line_has_its_key_and_the_error_says_which_one_it_is() -> None:
    rows = [step(0.25, 0.3, 0.4), epoch(1, 0.7), epoch(2, 0.9)]
    page = charts([Curve("a", rows)], 2, REPORT_CURVES["report"])
    for key, text in (
        ("series-alone line-valid", "validation"), ("series-alone line-train", "training, whole epochs"),
        ("key-steps", "training, steps"), ("key-report", "the report, validation"),
        ("key-report-train", "the report, training"),
    ):  # fmt: skip
        assert page.count(f'<i class="{key}"></i>{text}</span>') == 2
    assert page.count("cross-entropy") == 1 and "cross-entropy" in page.split("<figure")[2]
    assert "the report" not in charts([Curve("a", rows)], 2).split("<svg")[0]
    assert "cross-entropy" in charts([Curve("a", rows)], 2, linear=True).split("<figure")[2]
