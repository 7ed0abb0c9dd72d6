"""The report's curves: as many epochs as it trained, within the ranges of errors and accuracies."""

from __future__ import annotations

from train.loop.recipe import RECIPES
from train.reproduce.report_curves import REPORT_CURVES, REPORT_MINUTES


def test_every_curve_is_of_a_recipe_and_whole() -> None:
    assert set(REPORT_CURVES) <= set(RECIPES) and 0 < REPORT_MINUTES < 15
    for name, points in REPORT_CURVES.items():
        assert points[-1].epoch == max(point.epoch for point in points), name
        for point in points:
            assert 0 < point.train_accuracy <= 1 and 0 < point.valid_accuracy <= 1, name
            assert 0 < point.train_error < 10 and 0 < point.valid_error < 10, name
    final = REPORT_CURVES["report"]
    assert [point.epoch for point in final] == list(range(1, 16)) and final[-1].train_error < final[0].train_error
