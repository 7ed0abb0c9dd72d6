"""train.ui.pace: how fast this machine trains, measured once for recipes whose steps take equally long."""

from __future__ import annotations

import pytest

from train.loop.recipe import get_recipe
from train.ui import pace


def test_a_pace_is_measured_once_for_recipes_of_equal_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace.time, "time", lambda: 1000.0)  # within the two minutes that it is known
    recipe = get_recipe("quick").changed(batch=20)
    found = pace.pace(recipe, "cpu")
    assert found.cpu and found.images_per_second > 0 and found.minutes > 0 and found.epochs == 1
    assert pace.pace(recipe.changed(epochs=7, seed=3, name="other"), "cpu") is found
