"""The three ways to begin: each a recipe that there is, one card each, and how long it takes by arithmetic."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fontdemo.network.network import demand
from train.access import access
from train.loop.estimate import Estimate
from train.loop.recipe import RECIPES, Recipe
from train.runs.start.standby import Standby
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


@pytest.mark.parametrize(
    ("pace", "said"),
    [(0.1, "It stops after 5 minutes at the latest."),  # 10,400 images, twice, take 0.26 minutes
     (5.8, "Its limit of 5 minutes stops it after about a third of it. What it has by then is kept."),
     (1000.0, "Its limit of 5 minutes stops it after a small part of it."),
     (1.95, "Its limit of 5 minutes stops it after nearly all of it.")],
)  # fmt: skip
def test_a_card_tells_the_limit_and_what_one_gets_by_then(pace: float, said: str) -> None:
    """pace: minutes for an epoch of MEASURED images."""

    class Known(Standby):
        def pace(self, _recipe: Recipe) -> Estimate:
            return Estimate("the CPU", True, 1.0, 1, pace, 1.0)

    cards = choices.cards("quick", Known(), HOME)
    assert said in cards
    assert "stopped after" not in cards


def test_the_time_of_a_changed_network_is_known_in_proportion_to_its_products() -> None:
    class Known(Standby):
        def pace(self, recipe: Recipe) -> Estimate | None:
            return Estimate("the CPU", True, 100.0, 1, 2.0, 1.0) if recipe.options == {} else None

    quick = RECIPES["quick"]
    assert choices.known_pace(quick, Known()) == Estimate("the CPU", True, 100.0, 1, 2.0, 1.0)
    wide = quick.changed(options={"widths": [1024, 128]})
    found = choices.known_pace(wide, Known())
    products = [demand(r.architecture, r.alphabet, r.options).products for r in (quick, wide)]
    assert found is not None and found.minutes == pytest.approx(2.0 * products[1] / products[0])
    assert found.minutes > 2.0
    assert found.images_per_second * found.minutes == pytest.approx(200.0)
    assert choices.known_pace(quick.changed(architecture="report-crnn", options={"width": 8}), Known()) is None


@pytest.mark.parametrize("epochs", [1, 3])
def test_time_grows_with_epochs_and_images(epochs: int) -> None:
    fields = {name: 1.0 for name in Estimate.__dataclass_fields__}
    pace = Estimate(**(fields | {"images_per_second": 100.0}))  # type: ignore[arg-type]
    one = choices.seconds_of(pace, epochs, 1000)
    assert one > 0 and choices.seconds_of(pace, 2 * epochs, 1000) == pytest.approx(2 * one)
    assert choices.seconds_of(pace, epochs, 2000) == pytest.approx(2 * one)
