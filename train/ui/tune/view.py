"""A search for settings as HTML: how far it is, its best trial, every trial, and which settings matter.

Pure functions from values to text; the HTML is in train/ui/templates/tune, its style in tune.css. The study is read by
`train.tune.study`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from fontdemo.ui.html import percent, render
from train.loop.estimate import Estimate
from train.reproduce.report_curves import REPORT_CURVES
from train.runs.start.line import about
from train.ui.train.choices import seconds_of

if TYPE_CHECKING:
    import optuna

#: Settings shown of a trial, in order: their names in the study and for people.
SETTINGS = {
    "learning_rate": "learning rate", "batch": "batch", "conv_activation": "convolutions",
    "fc1_activation": "after FC1", "fc2_activation": "after FC2",
    "channels1": "channels 1", "channels2": "channels 2", "channels3": "channels 3",
    "kernel1": "kernel 1", "kernel2": "kernel 2", "kernel3": "kernel 3", "fc1": "FC1", "fc2": "FC2",
    "dropout": "dropout",
}  # fmt: skip

# The report's experiments in its order: recipe -> what it changed.
_BY_HAND = {
    "report-1-crnn": "Convolutions, then a GRU", "report-2-relu": "A CNN with ReLU",
    "report-3-elu-silu": "ELU and SiLU instead", "report-4-slower": "A smaller learning rate",
    "report-5-silu": "SiLU throughout",
}  # fmt: skip

#: Trials in the table at most: the best ones.
ROWS = 30

# The chart; the first of its dots stands at _LEFT, so that none lies on the percentages.
_WIDTH, _HEIGHT, _LEFT = 600, 160, 60

# About so many lines across the chart, at round percentages.
_LINES: dict[str, Any] = {"nbins": 4, "steps": [1, 2, 2.5, 5, 10]}


@dataclass(frozen=True)
class Row:
    """A trial. state: complete, pruned, running or fail. accuracy: 0..1, the last one reported; None before that.

    progress: how much of it has been trained, 0..1.
    """

    number: int
    state: str
    accuracy: float | None
    parameters: int | None
    seconds: float | None
    settings: Mapping[str, Any] = field(default_factory=dict)
    progress: float = 0.0


def rows(study: optuna.Study) -> list[Row]:
    """The trials of a study in order."""
    found = []
    for trial in study.get_trials(deepcopy=False):
        last = trial.intermediate_values.get(trial.last_step) if trial.last_step is not None else None
        accuracy = trial.value if trial.value is not None else last
        attributes = trial.user_attrs
        drawn = dict(trial.params)
        if "recipe" in attributes and "fc1" in drawn:  # FC1 may have been narrowed to keep the limit
            drawn["fc1"] = json.loads(attributes["recipe"])["options"]["widths"][0]
        found.append(Row(trial.number, trial.state.name.lower(), accuracy, attributes.get("parameters"),
                         attributes.get("seconds"), drawn, attributes.get("progress", 0.0)))  # fmt: skip
    return found


def study(parts: Sequence[str]) -> str:
    """What stands above the table; parts: HTML, in order."""
    return render("tune/study.html", parts=[Markup(part) for part in parts])


def expected(pace: Estimate, images: int, trials: int, epochs: int) -> str:
    """How long a search would take, for people. pace: of the report's CNN; images: trained on in an epoch."""
    took = about(trials * seconds_of(pace, epochs, images))
    return f"At most {took} on {pace.device}, if trials take as long as the report's CNN; weak ones stop early."


def seconds_left(trials: Sequence[Row], wanted: int) -> float | None:
    """How long a search until `wanted` trials still takes, if further ones take as long as those that ended did.

    None before one has ended.
    """
    took = [row.seconds for row in _ended(trials) if row.seconds is not None]
    if not took:
        return None
    running = sum(row.progress for row in trials if row.state == "running")
    return max(0.0, wanted - len(_ended(trials)) - running) * sum(took) / len(took)


def card(trials: Sequence[Row], alive: bool, log_tail: str, wanted: int = 0) -> str:
    """How the search stands, and the best trial's settings. wanted: trials after which it ends, 0 if not known."""
    done = _ended(trials)
    left = seconds_left(trials, wanted) if alive and wanted else None
    best = best_of(trials)
    settings = _settings(best) if best else []
    # A search that did all that was asked of it left no trial unfinished; one that was stopped, or broke, did.
    ended = bool(trials) and trials[-1].state in ("complete", "pruned")
    return render(
        "tune/card.html", alive=alive, ended=ended, begun=bool(trials or log_tail), best=best,
        done=len(done), left="" if left is None else about(left), pruned=sum(row.state == "pruned" for row in done),
        settings=settings, running=[row for row in trials if alive and row.state == "running"],
        log="\n".join(log_tail.splitlines()[-6:]),
    )  # fmt: skip


def by_hand() -> str:
    """The report's own search, which fills the place of trials before there are any: what each network misread."""
    read = {recipe: max(point.valid_accuracy for point in REPORT_CURVES[recipe]) for recipe in _BY_HAND}
    wrong = {name: 1 - read[recipe] for recipe, name in _BY_HAND.items()}
    most = max(wrong.values())
    bars = [{"name": name, "width": 100 * part / most, "text": percent(part, 2)} for name, part in wrong.items()]
    return render("tune/by_hand.html", bars=bars)


def best_of(trials: Sequence[Row]) -> Row | None:
    """The best of the trials that finished."""
    complete = [row for row in trials if row.state == "complete" and row.accuracy is not None]
    return max(complete, key=lambda row: row.accuracy or 0.0, default=None)


def chart(trials: Sequence[Row]) -> str:
    """The accuracy of every trial in order, and the best so far as a line, on an axis that fits them."""
    shown = [row for row in trials if row.accuracy is not None]
    if not shown:
        return ""
    ticks = accuracy_ticks([row.accuracy or 0.0 for row in shown])
    low, high = ticks[0], ticks[-1]

    def down(accuracy: float) -> float:
        return _HEIGHT * (high - accuracy) / (high - low)

    count = max(2, len(shown))
    dots: list[dict[str, Any]] = []
    path: list[str] = []
    best = 0.0
    for number, row in enumerate(shown):
        accuracy = row.accuracy or 0.0
        x = _LEFT + number * (_WIDTH - _LEFT - 10) / (count - 1)
        if row.state == "complete":
            best = max(best, accuracy)
        dots.append({"x": x, "y": down(accuracy), "number": row.number, "state": row.state, "said": _said(row),
                     "accuracy": accuracy})  # fmt: skip
        if best:
            path.append(f"{'L' if path else 'M'}{x:.1f} {down(best):.1f}")
    lines = [{"y": down(accuracy), "accuracy": accuracy} for accuracy in ticks]
    return render("tune/chart.html", width=_WIDTH, height=_HEIGHT, ticks=lines, path="".join(path), dots=dots)


def accuracy_ticks(accuracies: Sequence[float]) -> list[float]:
    """Two or more round accuracies, evenly spaced, of which the first and last lie round all of these."""
    low, high = min(accuracies), max(accuracies)
    if high - low < 0.01:  # all alike: a hundredth round them, within what an accuracy can be
        low, high = max(0.0, low - 0.005), min(1.0, high + 0.005)
    from matplotlib.ticker import MaxNLocator  # takes half a second to load

    percents = MaxNLocator(**_LINES).tick_values(100 * low, 100 * high)
    return [round(float(value) / 100, 6) for value in percents if 0 <= value <= 100]


def importance(fractions: Mapping[str, float]) -> str:
    """Which settings matter for the accuracy, as bars; a sentence where there are too few trials to tell."""
    most = max(fractions.values(), default=1.0)
    bars = [
        {"name": SETTINGS.get(name, name), "width": 100 * fraction / most, "text": f"{fraction:.0%}"}
        for name, fraction in fractions.items()
    ]
    return render("tune/importance.html", bars=bars)


def table(trials: Sequence[Row]) -> str:
    """The best trials, the best first, then those under way."""
    if not trials:
        return ""
    order = sorted(trials, key=lambda row: (row.accuracy is None, -(row.accuracy or 0.0)))[:ROWS]
    return render("tune/table.html", rows=[(_cells(row), _settings(row)) for row in order], trials=len(trials))


def _ended(trials: Sequence[Row]) -> list[Row]:
    return [row for row in trials if row.state in ("complete", "pruned")]


def _settings(row: Row) -> list[tuple[str, str]]:
    return [(title, _value(row.settings[name])) for name, title in SETTINGS.items() if name in row.settings]


def _cells(row: Row) -> list[str]:
    return [
        str(row.number), "–" if row.accuracy is None else f"{row.accuracy:.2%}", _said(row),
        "–" if row.parameters is None else f"{row.parameters:,}",
        "–" if row.seconds is None else f"{row.seconds:.0f} s",
    ]  # fmt: skip


def _said(row: Row) -> str:
    """A trial's state for people."""
    return {"complete": "trained", "pruned": "stopped early", "fail": "not finished"}.get(row.state, row.state)


def _value(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
