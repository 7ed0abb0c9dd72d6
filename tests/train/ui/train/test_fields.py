"""A recipe as the fields of a form, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fontdemo.network.network import Network
from train.loop.recipe import RECIPES, RecipeError, get_recipe
from train.ui.train import fields as form


@pytest.mark.parametrize("name", list(RECIPES))
def test_every_recipe_survives_its_form(name: str) -> None:
    assert form.from_fields(name, form.to_fields(get_recipe(name))) == get_recipe(name)
    assert name in form.SENTENCES


def test_fields_change_the_recipe() -> None:
    fields = replace(form.to_fields(get_recipe("report")), conv_activation="elu", fc2_activation="relu", epochs=3)
    recipe = form.from_fields("report", fields)
    assert recipe.epochs == 3
    assert recipe.options == {"conv_activation": "elu", "fc_activations": ["silu", "relu"]}
    assert form.to_fields(recipe) == fields
    Network(recipe.architecture, recipe.alphabet, recipe.options)


@pytest.mark.parametrize(
    ("field", "value"),
    [("batch", None), ("epochs", 0), ("learning_rate", float("nan")), ("architecture", "evil"),
     ("conv_activation", "__class__"), ("seed", -1), ("augmentation", "none; rm"), ("minutes", 1e9)],
)  # fmt: skip
def test_values_that_will_not_do_are_reported(field: str, value: Any) -> None:
    with pytest.raises(RecipeError):
        form.from_fields("report", replace(form.to_fields(get_recipe("report")), **{field: value}))
