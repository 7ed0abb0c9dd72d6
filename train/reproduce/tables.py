"""What `train.reproduce.experiments` gathered as a table for the README, as sentences, and as a figure."""

from __future__ import annotations

import io
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from train.reproduce.report_curves import REPORT_CURVES

#: Experiments that the report gives a figure for and that are trained on the same data, in its order of appearance.
_HEAD = (
    "| Experiment | Report: epoch | training error | validation error | accuracy "
    "| Ours: epoch | training error | validation error | accuracy | Parameters | Minutes | File |"
)


def table(results: Mapping[str, Any]) -> str:
    """The results as a Markdown table, the report's figures beside ours; a dash where the report gives none."""
    lines = [_HEAD, "| --- |" + " ---: |" * 11]
    for experiment in results["experiments"]:
        lines.append(f"| {experiment['title']} | {_theirs(experiment['report'])} | {_ours(experiment)} |")
    return "\n".join(lines) + "\n"


def _theirs(report: Mapping[str, Any] | None) -> str:
    return " | ".join(_figures(report)) if report else "– | – | – | –"


def _ours(experiment: Mapping[str, Any]) -> str:
    first = experiment["ours"][0]
    cells = _figures(first)
    if experiment["spread"] is not None:
        cells[3] = f"{experiment['valid_accuracy']:.2%} ± {experiment['spread']:.2%}"
    minutes = sum(each["minutes"] for each in experiment["ours"]) / len(experiment["ours"])
    size = f"{experiment['bytes'] / 1e6:.1f} MB"
    return " | ".join([*cells, f"{experiment['parameters']:,}", f"{minutes:.1f}", size])


def _figures(of: Mapping[str, Any]) -> list[str]:
    return [str(of["epoch"]), f"{of['train_error']:.4f}", f"{of['valid_error']:.4f}", f"{of['valid_accuracy']:.2%}"]


def findings(results: Mapping[str, Any]) -> list[str]:
    """Where ours agrees with the report and where not, in sentences: the order of its experiments, pair by pair."""
    given = [experiment for experiment in results["experiments"] if experiment["report"]]
    agree, differ = 0, []
    for one, other in combinations(given, 2):
        theirs = other["report"]["valid_accuracy"] - one["report"]["valid_accuracy"]
        ours = other["valid_accuracy"] - one["valid_accuracy"]
        if theirs * ours > 0:
            agree += 1
        else:
            better, worse = (one, other) if ours < 0 else (other, one)
            differ.append(f"“{better['title']}” ({better['valid_accuracy']:.2%}) does not come out below "
                          f"“{worse['title']}” ({worse['valid_accuracy']:.2%}) here, as it does in the report "
                          f"({better['report']['valid_accuracy']:.2%} and "
                          f"{worse['report']['valid_accuracy']:.2%}).")  # fmt: skip
    pairs = agree + len(differ)
    return [f"Of the {pairs} pairs of the report's experiments, {agree} come out in the report's order.", *differ]


def figure(results: Mapping[str, Any]) -> bytes:
    """An SVG: validation accuracy over the epochs, a panel an experiment, the report's points in grey; plain text."""
    experiments = results["experiments"]
    columns = min(3, len(experiments))
    rows = -(-len(experiments) // columns)
    # A fixed salt and no date: the same results make the same file.
    with matplotlib.rc_context({"svg.hashsalt": "fontdemo", "svg.fonttype": "none", "font.size": 9}):
        sheet = Figure(figsize=(3.6 * columns, 2.6 * rows), layout="constrained")
        for index, experiment in enumerate(experiments, start=1):
            panel = sheet.add_subplot(rows, columns, index)
            for each in experiment["ours"]:
                percents = [100 * valid for _, valid in each["curve"]]
                panel.plot(range(1, len(percents) + 1), percents, color="#c2560c", linewidth=1.5)
            if experiment["report"]:
                points = REPORT_CURVES[experiment["name"]]
                panel.plot([point.epoch for point in points], [100 * point.valid_accuracy for point in points],
                           color="#777777", marker="o", markersize=3, linewidth=1)  # fmt: skip
            panel.set_title(experiment["title"], fontsize=8)
            panel.set_ylim(94, 100)
            panel.set_xlabel("epoch")
            panel.set_ylabel("accuracy, %")
            panel.grid(alpha=0.3)
        file = io.BytesIO()
        sheet.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()
