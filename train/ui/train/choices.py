"""The three ways to begin, as cards beside Start: what each trains, on what, and how long it takes here.

Pure functions. The HTML is in templates/train, its style in train.css, what a chosen card does in choices.js.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from fontdemo.network.network import demand
from fontdemo.ui.html import render
from train.access import Access
from train.data import sources
from train.loop.estimate import Estimate
from train.loop.recipe import Recipe, get_recipe
from train.runs.start.line import about
from train.runs.start.standby import MEASURED, Standby


@dataclass(frozen=True)
class Choice:
    """recipe: by its name, which is the choice's. kind, faces, every_kind: of `sources.Source`."""

    recipe: str
    title: str
    sentence: str
    kind: str
    faces: int = sources.FACES
    every_kind: bool = False

    def source(self, access: Access) -> sources.Source:
        """What it trains on, within this visitor's limits."""
        if self.kind == sources.SAMPLE:
            return sources.Source(self.kind, faces=sources.FACES)
        return sources.Source(self.kind, None, min(self.faces, access.limits.faces), self.every_kind)


_FRACTIONS = {
    0.05: "a small part of it", 0.1: "about a tenth of it", 0.2: "about a fifth of it", 1 / 4: "about a quarter of it",
    1 / 3: "about a third of it", 1 / 2: "about half of it", 2 / 3: "about two thirds of it",
    3 / 4: "about three quarters of it", 1: "nearly all of it",
}  # fmt: skip

#: The default first.
CHOICES = (
    Choice(
        "quick", "Quick try", "The report's network on the sample: two passes over 10,400 letters.", sources.SAMPLE
    ),
    Choice(
        "report", "The report's run",
        "Its network, its settings: 15 passes over 41,600 letters of this machine's fonts.", sources.FONTS, 1100,
    ),
    Choice(
        "best", "Best",
        "A larger network, all 62 characters, every kind of typeface; each letter turned and bent.",
        sources.FONTS, 2000, True,
    ),
)  # fmt: skip


def find(recipe: object) -> Choice | None:
    """The choice whose recipe this is, or None."""
    return next((choice for choice in CHOICES if choice.recipe == recipe), None)


def is_as_chosen(recipe: Recipe, source: sources.Source, access: Access) -> bool:
    """Whether this is one of the choices, with nothing edited."""
    choice = find(recipe.name)
    if choice is None or recipe != get_recipe(choice.recipe):
        return False
    # Of the sample the number of faces means nothing: its field may hold another one, as few as visitors may ask for.
    return source == choice.source(access) or source.kind == choice.kind == sources.SAMPLE


def cards(chosen: str, standby: Standby | None, access: Access) -> str:
    """The cards, the one of the recipe `chosen` marked. Without a standby nothing is said of the time."""
    listed = []
    for choice in CHOICES:
        closed = _closed(choice, access)
        pace = None if standby is None else standby.pace(get_recipe(choice.recipe))
        time = closed or ("" if standby is None else _time(choice, pace, access))
        listed.append({
            "recipe": choice.recipe, "title": choice.title, "sentence": choice.sentence, "time": time,
            "limit": "" if closed else _limit(choice, pace, access),
            "chosen": choice.recipe == chosen, "closed": bool(closed),
        })  # fmt: skip
    return render("train/choices.html", cards=listed)


def _closed(choice: Choice, access: Access) -> str:
    recipe, limits = get_recipe(choice.recipe), access.limits
    if limits.sample_only and choice.kind != sources.SAMPLE:
        return "Not on this page: run it at home."
    if recipe.epochs > limits.epochs or recipe.minutes > limits.minutes:
        return "Too long for this page: run it at home."
    return ""


def _took(choice: Choice, pace: Estimate | None, access: Access) -> float | None:
    """Seconds that all its epochs would take; None if that cannot be said."""
    if pace is None:
        return None
    images = sources.expected_images(choice.source(access), get_recipe(choice.recipe).alphabet)
    return None if images is None else seconds_of(pace, get_recipe(choice.recipe).epochs, images[0])


def _time(choice: Choice, pace: Estimate | None, access: Access) -> str:
    if pace is None:
        return "Measuring this machine ..."
    took = _took(choice, pace, access)
    if took is None:
        return ""
    looking = "" if choice.kind == sources.SAMPLE else ", after the fonts are read"
    return f"{about(took).capitalize()} on {pace.device}{looking}"


def _limit(choice: Choice, pace: Estimate | None, access: Access) -> str:
    """Its time limit, and how far one comes within it where that is not to the end."""
    limit = 60 * get_recipe(choice.recipe).minutes
    words, took = about(limit).removeprefix("about "), _took(choice, pace, access)
    if took is None or took <= limit:
        return f"It stops after {words} at the latest."
    return f"Its limit of {words} stops it after {fraction(limit / took)}. What it has by then is kept."


def fraction(part: float) -> str:
    """A fraction of 0..1 in words, to the nearest of a few: about a third of it."""
    return _FRACTIONS[min(_FRACTIONS, key=lambda known: abs(math.log(max(part, 1e-9) / known)))]


def known_pace(recipe: Recipe, standby: Standby) -> Estimate | None:
    """How fast such a recipe trains, where nothing need be measured: as the standby measured it, or, of the recipe's
    network with other settings, in proportion to the products that one image takes. None elsewhere.
    """
    own = get_recipe(recipe.name)
    known = standby.pace(recipe)
    if known is not None or recipe.architecture != own.architecture:
        return known
    known = standby.pace(recipe.changed(options=own.options))
    if known is None:
        return None
    ratio = _products(recipe) / _products(recipe.changed(options=own.options))
    return replace(known, images_per_second=known.images_per_second / ratio, minutes=known.minutes * ratio)


def _products(recipe: Recipe) -> int:
    return demand(recipe.architecture, recipe.alphabet, recipe.options).products


def seconds(recipe: Recipe, source: sources.Source, standby: Standby | None) -> float:
    """About how long a run takes, for those who wait for it; a minute where nothing is measured."""
    pace = None if standby is None else standby.pace(recipe)
    images = sources.expected_images(source, recipe.alphabet)
    return 60.0 if pace is None or images is None else seconds_of(pace, recipe.epochs, images[0])


def seconds_of(pace: Estimate, epochs: int, images: int) -> float:
    """How long so many epochs of so many training images take, validation included."""
    return 60 * pace.minutes / MEASURED[0] * images * epochs
