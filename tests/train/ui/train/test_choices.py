"""The three ways to begin: each a recipe that there is, one card each, and how long it takes by arithmetic."""

from __future__ import annotations

from dataclasses import replace

import pytest

from train.access import access
from train.loop.estimate import Estimate
from train.loop.recipe import RECIPES
from train.ui.train import choices

HOME = access({})


def test_each_choice_is_a_recipe_and_a_card() -> None:
    assert {choice.recipe for choice in choices.CHOICES} <= set(RECIPES)
    for choice in choices.CHOICES:
        assert choices.find(choice.recipe) is choice
        recipe = RECIPES[choice.recipe]
        assert choices.is_as_chosen(recipe, choice.source(HOME), HOME)
        assert not choices.is_as_chosen(recipe.changed(epochs=recipe.epochs + 1), choice.source(HOME), HOME)
        cards = choices.cards(choice.recipe, None, HOME)
        assert cards.count('type="radio"') == len(choices.CHOICES) and cards.count(" checked") == 1
    visitor = access({"SPACE_ID": "ada/fontdemo"})
    quick = choices.CHOICES[0]
    few = replace(quick.source(visitor), faces=2)  # as the form has it where visitors may ask for no more
    assert choices.is_as_chosen(RECIPES["quick"], few, visitor)  # else two times stand there, and differ
    assert not choices.is_as_chosen(RECIPES["quick"], replace(few, kind="fonts"), visitor)
    assert choices.find("nobody") is None and choices.find(None) is None


@pytest.mark.parametrize("epochs", [1, 3])
def test_time_grows_with_epochs_and_images(epochs: int) -> None:
    fields = {name: 1.0 for name in Estimate.__dataclass_fields__}
    pace = Estimate(**(fields | {"images_per_second": 100.0}))  # type: ignore[arg-type]
    one = choices.seconds_of(pace, epochs, 1000)
    assert one > 0 and choices.seconds_of(pace, 2 * epochs, 1000) == pytest.approx(2 * one)
    assert choices.seconds_of(pace, epochs, 2000) == pytest.approx(2 * one)
