"""Learning curves as HTML: accuracy on one chart, error on another, ours in colour, the report's in grey behind.

Pure functions from rows of metrics.jsonl to text. Lines are SVG stretched to the width of the page, with strokes that
do not stretch; all text is HTML beside it, so it keeps its size on a phone. The axes depend on nothing but the number
of epochs, so a growing curve moves nothing else. The HTML is in
train/ui/templates/train/charts.html, its style in train.css, the readout in charts.js.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fontdemo.ui.html import render
from train.reproduce.report_curves import Point

#: Curves laid over each other at most; there are as many colours in the style sheet.
MOST_RUNS = 6

_SIDE = 1000  # of the SVG's own square, stretched over the chart
_MOST_POINTS = 300


@dataclass(frozen=True)
class Curve:
    """The rows of one run's metrics.jsonl, under the name that the legend gives it."""

    name: str
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class _Axis:
    """A vertical axis: position(value) is 0 at the bottom and 1 at the top, clipped there. hint: beside its title."""

    title: str
    quantity: str
    ticks: Mapping[float, str]
    low: float
    high: float
    scale: Callable[[float], float]
    text: Callable[[float], str]
    hint: str = ""

    def position(self, value: float) -> float:
        low, high = self.scale(self.low), self.scale(self.high)
        return (self.scale(min(self.high, max(self.low, value))) - low) / (high - low)


def _logit(accuracy: float) -> float:
    return math.log10(accuracy / (1 - accuracy))


# What matters happens between 90 % and 100 %, where a straight scale would show one thick line: the scale is that of
# the odds (right to wrong), on which every halving of the mistakes is a step of the same height.
_ACCURACY = _Axis(
    "Accuracy", "accuracy",
    {0.1: "10 %", 0.5: "50 %", 0.8: "80 %", 0.9: "90 %", 0.95: "95 %", 0.98: "98 %", 0.99: "99 %", 0.999: "99.9 %"},
    0.02, 0.9996, _logit, lambda accuracy: f"{accuracy:.2%}".replace("%", " %"),
)  # fmt: skip
_ERROR = _Axis(
    "Error", "error",
    {0.003: "0.003", 0.01: "0.01", 0.03: "0.03", 0.1: "0.1", 0.3: "0.3", 1: "1", 3: "3"},
    0.002, 6.0, math.log10, lambda error: f"{error:.4f}", "the loss: cross-entropy, lower is better",
)  # fmt: skip


_ACCURACY_LINEAR = _Axis(
    "Accuracy", "accuracy", {n / 5: f"{20 * n} %" for n in range(6)}, 0.0, 1.0, float, _ACCURACY.text
)
_ERROR_LINEAR = _Axis(
    "Error", "error", {n / 2: f"{n / 2:g}" for n in range(9)}, 0.0, 4.0, float, _ERROR.text, _ERROR.hint
)


def charts(
    curves: Sequence[Curve], epochs: int, report: Sequence[Point] = (), *, linear: bool = False, play: str = ""
) -> str:
    """Both charts of up to MOST_RUNS runs over 0..epochs; with no run only the axes and the report's curve.

    linear: straight axes instead of logarithmic ones. play: a recording, which the browser draws as if it were live;
    another text plays it again.
    """
    curves, epochs = curves[:MOST_RUNS], max(1, epochs)
    axes = (_ACCURACY_LINEAR, _ERROR_LINEAR) if linear else (_ACCURACY, _ERROR)
    along = [{"at": f"{100 * tick / epochs:.2f}", "text": tick} for tick in _epoch_ticks(epochs)]
    return render(
        "train/charts.html", csv=_csv(curves), linear=linear, play=play, side=_SIDE, legend=_legend(curves, report),
        along=along, charts=[_chart(axis, curves, epochs, report) for axis in axes],
    )  # fmt: skip


def _csv(curves: Sequence[Curve]) -> str:
    """Every epoch, and every point inside the first one, as comma-separated values with a head line."""
    rows = ["run,epoch,train_error,train_accuracy,valid_error,valid_accuracy"]
    for curve in curves:
        name = '"' + curve.name.replace('"', '""') + '"'
        for row in curve.rows:
            if row["kind"] == "epoch" or row["epoch"] == 1:
                values = (row.get(f"{part}_{q}") for part in ("train", "valid") for q in ("error", "accuracy"))
                numbers = ("" if value is None else f"{value:.6g}" for value in values)
                rows.append(",".join([name, f"{row['at']:.4g}", *numbers]))
    return "\n".join(rows) + "\n"


def _chart(axis: _Axis, curves: Sequence[Curve], epochs: int, report: Sequence[Point]) -> dict[str, Any]:
    grid = "".join(f"M0 {_down(axis.position(value))}h{_SIDE}" for value in axis.ticks)
    lines: list[dict[str, str]] = []
    for number, curve in enumerate(curves):
        lines += _run_lines(axis, curve, epochs, f"series-{number}" if len(curves) > 1 else "series-alone")
    readout = [point for curve in curves for point in _readout(axis, curve, epochs, len(curves) > 1)]
    return {
        "title": axis.title, "hint": axis.hint, "readout": json.dumps(readout), "lines": lines,
        "described": _described(axis, curves),
        "across": [{"at": f"{100 * axis.position(value):.2f}", "text": text} for value, text in axis.ticks.items()],
        "ground": [{"kind": "chart-grid", "path": grid}, *_report_lines(axis, report, epochs)],
    }  # fmt: skip


def _described(axis: _Axis, curves: Sequence[Curve]) -> str:
    """The newest numbers in words, for those who cannot see the chart."""
    parts = []
    for curve in curves:
        last = next((row for row in reversed(curve.rows) if row["kind"] == "epoch"), None)
        if last is not None:
            value = axis.text(last[f"valid_{axis.quantity}"])
            parts.append(f"{curve.name}: validation {axis.quantity} {value} after epoch {last['epoch']}")
    return "; ".join(parts) or f"{axis.title}: nothing trained yet"


def _legend(curves: Sequence[Curve], report: Sequence[Point]) -> list[tuple[str, str]]:
    if len(curves) > 1:
        keys = [(f"series-{number}", curve.name) for number, curve in enumerate(curves)]
        keys.append(("key-dotted", "dotted: training"))
    else:
        keys = [
            ("series-alone line-valid", "validation"), ("series-alone line-train", "training, whole epochs"),
            ("key-steps", "training, steps"),
        ]  # fmt: skip
    of_report = [("key-report", "the report, validation"), ("key-report-train", "the report, training")]
    return keys + of_report if report else keys


def _run_lines(axis: _Axis, curve: Curve, epochs: int, kind: str) -> list[dict[str, str]]:
    """Training: single steps faintly, then whole epochs; validation: inside the first epoch, then whole epochs."""
    q = axis.quantity
    steps = [(row["at"], row[f"train_{q}"]) for row in curve.rows if row["kind"] == "step"]
    whole = [row for row in curve.rows if row["kind"] == "epoch"]
    trained = [(row["at"], row[f"train_{q}"]) for row in whole]
    within = [
        (row["at"], row[f"valid_{q}"])
        for row in curve.rows
        if row["kind"] == "step" and row.get(f"valid_{q}") is not None
    ]
    validated = within + [(row["at"], row[f"valid_{q}"]) for row in whole]
    return [
        *_line(f"line-steps {kind}", _thinned(steps), axis, epochs),
        *_line(f"line-train {kind}", trained, axis, epochs),
        *_dots(f"dots-train {kind}", trained, axis, epochs),
        *_line(f"line-valid {kind}", validated, axis, epochs),
        *_dots(f"dots-valid {kind}", validated, axis, epochs),
    ]


def _report_lines(axis: _Axis, report: Sequence[Point], epochs: int) -> list[dict[str, str]]:
    lines: list[dict[str, str]] = []
    for part in ("train", "valid"):
        points = [(float(p.epoch), getattr(p, f"{part}_{axis.quantity}")) for p in report if p.epoch <= epochs]
        lines += _line(f"report-line report-{part}", points, axis, epochs)
        lines += _dots(f"report-dots report-{part}", points, axis, epochs)
    return lines


def _line(kind: str, points: Sequence[tuple[float, float]], axis: _Axis, epochs: int) -> list[dict[str, str]]:
    drawn = [f"{_right(at, epochs)} {_down(axis.position(value))}" for at, value in points]
    return [{"kind": kind, "path": "M" + "L".join(drawn)}] if len(drawn) > 1 else []


def _dots(kind: str, points: Sequence[tuple[float, float]], axis: _Axis, epochs: int) -> list[dict[str, str]]:
    """Lines of no length with round ends: dots that stay round however the picture is stretched."""
    drawn = "".join(f"M{_right(at, epochs)} {_down(axis.position(value))}h0" for at, value in points)
    return [{"kind": kind, "path": drawn}] if drawn else []


def _right(at: float, epochs: int) -> str:
    return f"{_SIDE * min(1.0, at / epochs):.1f}".removesuffix(".0")


def _down(position: float) -> str:
    return f"{_SIDE * (1 - position):.1f}".removesuffix(".0")


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most _MOST_POINTS points, each the mean of as many neighbours as need be."""
    size = -(-len(points) // _MOST_POINTS) or 1
    groups = [points[i : i + size] for i in range(0, len(points), size)]
    return [(sum(at for at, _ in g) / len(g), sum(v for _, v in g) / len(g)) for g in groups]


def _epoch_ticks(epochs: int) -> list[int]:
    """Whole epochs from 0, at most nine of them, at a round distance."""
    distance = next(d for k in range(9) for d in (10**k, 2 * 10**k, 5 * 10**k) if epochs / d <= 8)
    return list(range(0, epochs + 1, distance))


def _readout(axis: _Axis, curve: Curve, epochs: int, named: bool) -> list[tuple[float, str]]:
    """(position along the axis in 0..1, what is known there) of each epoch, and each point inside the first one."""
    q, points = axis.quantity, []
    for row in curve.rows:
        if row["kind"] != "epoch" and row["epoch"] > 1:
            continue
        when = f"epoch {row['epoch']}" + (f", step {row['step']} of {row['steps']}" if row["kind"] == "step" else "")
        text = f"{curve.name}, {when}" if named else when
        text += f": training {axis.text(row[f'train_{q}'])}"
        if row.get(f"valid_{q}") is not None:
            text += f", validation {axis.text(row[f'valid_{q}'])}"
        points.append((round(min(1.0, row["at"] / epochs), 4), text))
    return points
