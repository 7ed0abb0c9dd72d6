"""Trials of a search as lines over parallel axes: one per setting, the last for the accuracy. Values to HTML only."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from fontdemo.ui.html import render
from train.ui.tune.view import SETTINGS, Row, accuracy_ticks

#: Units of the drawing: between two axes, and along one.
GAP, LENGTH = 76, 200

#: Trials drawn at most: the best ones. More would be a grey field.
LINES = 60

#: The settings that are drawn on a logarithmic axis, and on a plain one; all others take few values, evenly spaced.
_LOG, _PLAIN = {"learning_rate"}, {"dropout", "fc1"}

Axis = tuple[Callable[[Any], float], list[tuple[float, str]]]


def parallel(trials: Sequence[Row]) -> str:
    """The trials with an accuracy, over the settings in which they differ; "" for fewer than two of them."""
    drawn = [row for row in trials if row.accuracy is not None]
    drawn = sorted(drawn, key=lambda row: row.accuracy or 0.0)[-LINES:]
    names = [name for name in SETTINGS if len({row.settings[name] for row in drawn if name in row.settings}) > 1]
    if len(drawn) < 2 or not names:
        return ""
    axes = {name: _axis(name, [row.settings[name] for row in drawn if name in row.settings]) for name in names}
    low, high, ticks = _accuracies(drawn)
    span = high - low
    columns = [
        {"x": number * GAP, "title": SETTINGS[name], "low": number % 2 == 1,
         "ticks": [{"y": y, "text": text} for y, text in axes[name][1]]}
        for number, name in enumerate(names)
    ]  # fmt: skip
    last = len(names) * GAP
    columns.append({"x": last, "title": "accuracy", "low": len(names) % 2 == 1, "ticks": ticks})
    lines = []
    for rank, row in enumerate(drawn, start=1):
        points = [(n * GAP, axes[name][0](row.settings[name])) for n, name in enumerate(names) if name in row.settings]
        points.append((last, LENGTH * (high - (row.accuracy or 0.0)) / span))
        lines.append({
            "path": "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points), "number": row.number,
            "accuracy": row.accuracy, "state": row.state, "opacity": 0.15 + 0.55 * rank / len(drawn),
            "best": rank == len(drawn),
        })  # fmt: skip
    return render("tune/parallel.html", columns=columns, lines=lines, width=last, length=LENGTH, trials=len(drawn))


def _axis(name: str, values: Sequence[Any]) -> Axis:
    """(value -> units from the top, the labelled ticks as (units from the top, text)) of a setting's axis."""
    if name in _LOG or name in _PLAIN:
        scale = math.log if name in _LOG else float
        low, high = scale(min(values)), scale(max(values))
        span = (high - low) or 1.0

        def down(value: Any) -> float:
            return LENGTH * (high - scale(value)) / span

        def text(value: Any) -> str:
            return f"{value:.2g}" if isinstance(value, float) else str(value)

        return down, [(down(value), text(value)) for value in (max(values), min(values))]
    order = sorted(set(values), key=lambda value: (isinstance(value, str), value), reverse=True)
    step = LENGTH / max(1, len(order) - 1)
    at = {value: number * step for number, value in enumerate(order)}
    return at.__getitem__, [(y, str(value)) for value, y in at.items()]


def _accuracies(trials: Sequence[Row]) -> tuple[float, float, list[dict[str, Any]]]:
    """(lowest, highest, ticks) of the axis of accuracies, 0..1."""
    values = accuracy_ticks([row.accuracy or 0.0 for row in trials])
    low, high = values[0], values[-1]
    return low, high, [{"y": LENGTH * (high - v) / (high - low), "text": f"{100 * v:g} %"} for v in values]
