"""A recipe as the fields of a form, and back; what other tabs hand over to the form."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import gradio as gr
import pytest

from fontdemo.network.network import Network
from train.loop.recipe import RECIPES, Recipe, RecipeError, get_recipe
from train.ui.train import fields as form


@pytest.mark.parametrize("name", list(RECIPES))
def test_every_recipe_survives_its_form(name: str) -> None:
    assert form.from_fields(name, form.to_fields(get_recipe(name))) == get_recipe(name)
    assert name in form.SENTENCES


def test_fields_change_the_recipe() -> None:
    given = replace(form.to_fields(get_recipe("report")), conv_activation="elu", fc2_activation="relu", epochs=3)
    recipe = form.from_fields("report", given)
    assert recipe.epochs == 3
    assert recipe.options == {"conv_activation": "elu", "fc_activations": ["silu", "relu"]}
    assert form.to_fields(recipe) == given
    Network(recipe.architecture, recipe.alphabet, recipe.options)


@pytest.mark.parametrize(
    ("field", "value"),
    [("batch", None), ("epochs", 0), ("learning_rate", float("nan")), ("architecture", "evil"),
     ("conv_activation", "__class__"), ("seed", -1), ("augmentation", "none; rm"), ("minutes", 1e9)],
)  # fmt: skip
def test_values_that_will_not_do_are_reported(field: str, value: Any) -> None:
    with pytest.raises(RecipeError):
        form.from_fields("report", replace(form.to_fields(get_recipe("report")), **{field: value}))


def test_a_recipe_of_the_search_fills_the_form_and_comes_out_whole() -> None:
    best = Recipe(name="tuned-7", options={"channels": [8, 16, 32], "dropout": 0.1}, learning_rate=0.0007, batch=25)
    design = form.of_recipe(best)
    said, *values = form.handed_over(design, "course52")
    assert "Tune tab" in said and values[:2] == [0.0007, 25]
    names = [f.name for f in fields(form.Fields)]
    assert [names[index] for index in form.CARRIED_AT] == list(form.CARRIED)
    assert form.designed(Recipe(), design).options == best.options


def test_a_network_of_the_network_tab_leaves_the_settings_alone() -> None:
    options = {"channels": [8, 16, 32]}
    said, *values = form.handed_over(json.dumps(options), "course52")
    assert "Network tab: last maps 32×6×6, 679,676 parameters. Choose a card" in said
    carried, network = values[: len(form.CARRIED)], values[len(form.CARRIED) :]
    assert carried == [gr.skip()] * len(form.CARRIED) and network == ["report-cnn", "silu", "silu", "sigmoid"]
    relu = form.handed_over(json.dumps(options | {"conv_activation": "relu"}), "course52")
    assert relu[-3:] == ["relu", "silu", "sigmoid"]
    for odd in (None, ["course52"], "no such alphabet"):  # of a stranger's browser
        assert "Network tab. Choose a card" in form.handed_over(json.dumps(options), odd)[0]
    labels = [f.name for f in fields(form.Fields)]
    values = form.to_fields(get_recipe("quick")).values()
    shown = form.edited_labels(labels, "quick", values, json.dumps(options))
    assert [name for name, label in zip(labels, shown, strict=True) if label.endswith(" (from the Network tab)")] == [
        "architecture", "conv_activation", "fc1_activation", "fc2_activation"
    ]  # fmt: skip
    assert form.edited_labels(labels, "quick", values) == labels
    assert form.designed(Recipe(learning_rate=0.5), json.dumps(options)) == Recipe(learning_rate=0.5, options=options)
    assert form.handed_over("", "course52")[0] == "" and form.designed(Recipe(), "") == Recipe()
