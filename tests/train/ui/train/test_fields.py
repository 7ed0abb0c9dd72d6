"""train.ui.train.fields: what other tabs hand over to the form."""

from __future__ import annotations

import json
from dataclasses import fields

import gradio as gr

from train.loop.recipe import Recipe
from train.ui.train import fields as form


def test_a_recipe_of_the_search_fills_the_form_and_comes_out_whole() -> None:
    best = Recipe(name="tuned-7", options={"channels": [8, 16, 32], "dropout": 0.1}, learning_rate=0.0007, batch=25)
    design = form.of_recipe(best)
    said, *values = form.handed_over(design)
    assert "Tune tab" in said and values == [0.0007, 25]
    names = [f.name for f in fields(form.Fields)]
    assert [names[index] for index in form.CARRIED_AT] == list(form.CARRIED)
    assert form.designed(Recipe(), design).options == best.options


def test_a_network_of_the_network_tab_leaves_the_settings_alone() -> None:
    options = {"channels": [8, 16, 32]}
    said, *values = form.handed_over(json.dumps(options))
    assert "Network tab" in said and values == [gr.skip()] * len(form.CARRIED)
    assert form.designed(Recipe(learning_rate=0.5), json.dumps(options)) == Recipe(learning_rate=0.5, options=options)
    assert form.handed_over("")[0] == "" and form.designed(Recipe(), "") == Recipe()
