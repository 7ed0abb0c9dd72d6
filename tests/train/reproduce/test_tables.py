"""train.reproduce.tables: what is said of the experiments."""

from __future__ import annotations

from typing import Any

from train.reproduce import tables
from train.reproduce.report_curves import REPORT_CURVES


def _results(**accuracies: float) -> dict[str, Any]:
    return {
        "experiments": [
            {"name": name, "title": name, "report": vars(REPORT_CURVES[name][-1]), "valid_accuracy": accuracy}
            for name, accuracy in accuracies.items()
        ]
    }


def test_where_the_order_differs_is_said() -> None:
    names = ["report-1-crnn", "report-2-relu", "report-3-elu-silu"]
    same = tables.findings(_results(**dict(zip(names, (0.98, 0.97, 0.99), strict=True))))
    assert same == ["Of the 3 pairs of the report's experiments, 3 come out in the report's order."]
    other = tables.findings(_results(**dict(zip(names, (0.98, 0.985, 0.99), strict=True))))
    assert len(other) == 2 and "“report-2-relu” (98.50%) does not come out below “report-1-crnn” (98.00%)" in other[1]
