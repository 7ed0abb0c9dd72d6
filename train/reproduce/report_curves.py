"""The report's own numbers by recipe, for the grey curves behind ours: copied from its logs, nothing is computed.

It prints the final network's log in full, and one epoch of each earlier experiment.
"""

from __future__ import annotations

from dataclasses import dataclass

#: What the report's final training took, in minutes, on a Tesla T4.
REPORT_MINUTES = 14.20


@dataclass(frozen=True)
class Point:
    """An epoch of the report. Errors are mean cross entropies (nats), accuracies fractions of 0..1."""

    epoch: int
    train_error: float
    train_accuracy: float
    valid_error: float
    valid_accuracy: float


def _points(log: str) -> tuple[Point, ...]:
    """Lines of epoch, training error and accuracy in %, validation error and accuracy in %."""
    rows = [[float(word) for word in line.split()] for line in log.strip().splitlines()]
    return tuple(Point(int(epoch), te, ta / 100, ve, va / 100) for epoch, te, ta, ve, va in rows)


_FINAL = _points(
    """
     1 1.597101 82.31 0.537094 96.12
     2 0.299292 97.32 0.192983 97.72
     3 0.136511 98.31 0.123039 98.06
     4 0.082935 98.80 0.095009 98.29
     5 0.054723 99.16 0.068990 98.63
     6 0.037668 99.36 0.055183 98.72
     7 0.026025 99.55 0.050941 98.73
     8 0.019289 99.67 0.047688 98.81
     9 0.014886 99.73 0.042019 98.96
    10 0.012584 99.74 0.042716 98.88
    11 0.010315 99.78 0.052966 98.66
    12 0.009518 99.78 0.039844 98.97
    13 0.006058 99.85 0.041201 98.92
    14 0.009326 99.77 0.048274 98.69
    15 0.005510 99.85 0.038301 99.03
    """
)

#: Recipe name -> what the report prints of it, in order of epochs. For "report-unstable" it shows a picture only.
REPORT_CURVES: dict[str, tuple[Point, ...]] = {
    "report": _FINAL,
    "report-5-silu": _FINAL,
    "report-1-crnn": _points("11 0.032262 99.00 0.072012 98.17"),
    "report-2-relu": _points("7 0.063961 98.49 0.100937 97.66"),
    "report-3-elu-silu": _points("8 0.018153 99.46 0.045918 98.74"),
    "report-4-slower": _points("14 0.008230 99.81 0.045451 98.77"),
}
