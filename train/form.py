"""A recipe as the fields of a form, and back. Pure functions; what the fields look like is in `train.tab_form`."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from fontdemo.networks import ARCHITECTURES
from fontdemo.stages import ACTIVATIONS
from train.recipe import Recipe, RecipeError, get_recipe

#: What each named recipe is, in a sentence or two.
SENTENCES = {
    "report": "The report's final network and settings: 99.03 % after 15 epochs, 14.2 minutes on a Tesla T4.",
    "report-1-crnn": "The report's first model, convolutions and a GRU: 98.17 % after epoch 11.",
    "report-2-relu": "The report's first CNN, with ReLU throughout: 97.66 % after epoch 7.",
    "report-3-elu-silu": "ReLU replaced with ELU and SiLU, and a sigmoid after FC2: 98.74 % after epoch 8.",
    "report-4-slower": "The same at a learning rate of 0.0002: 98.77 % after epoch 14.",
    "report-5-silu": "ELU replaced with SiLU: the report's final network, 99.03 % after epoch 15.",
    "report-unstable": "The final network at the learning rate of 0.001, which the report found to be very unstable.",
    "budget": "Ours, within the report's means: a residual network, every image turned, bent and roughened, 15 epochs.",
    "best": "Ours, for the networks that ship: all 62 characters, printed and drawn, and things that are none.",
    "hands": "Ours: best62 trained on with people's pen strokes, more made-up hands and rough scans.",
    "augmented": "Ours: every image turned, sheared and scaled a little each time, for hands and fonts unseen.",
}


@dataclass(frozen=True)
class Fields:
    """What the form holds, in the form's order; each is the recipe's field of that name, the activations apart.

    conv_activation, fc1_activation, fc2_activation: of the network's options; fc1 and fc2 mean nothing to a network
    without such layers.
    """

    architecture: str
    conv_activation: str
    fc1_activation: str
    fc2_activation: str
    learning_rate: float
    batch: int
    epochs: int
    minutes: float
    seed: int
    alphabet: str
    augmentation: str
    schedule: str
    patience: int
    smoothing: float
    weight_decay: float

    def values(self) -> list[Any]:
        """The fields' values in order."""
        return [getattr(self, f.name) for f in fields(self)]


_OF_RECIPE = [f.name for f in fields(Fields) if not f.name.endswith("_activation")]


def to_fields(recipe: Recipe) -> Fields:
    """The fields that `from_fields` makes this recipe of."""
    conv, (fc1, fc2) = _activations(recipe.architecture, recipe.options)
    own = {name: getattr(recipe, name) for name in _OF_RECIPE}
    return Fields(conv_activation=conv, fc1_activation=fc1, fc2_activation=fc2, **own)


def from_fields(name: str, filled: Fields) -> Recipe:
    """The named recipe with the form's settings; RecipeError, saying which, if one will not do.

    Options that the form does not show stay as in the named recipe while its architecture is kept.
    """
    base = get_recipe(name)
    if filled.architecture not in ARCHITECTURES:
        raise RecipeError(f"no architecture {filled.architecture!r}; there are {', '.join(ARCHITECTURES)}")
    for activation in (filled.conv_activation, filled.fc1_activation, filled.fc2_activation):
        if activation not in ACTIVATIONS:
            raise RecipeError(f"no activation {activation!r}; there are {', '.join(ACTIVATIONS)}")
    options = dict(base.options) if filled.architecture == base.architecture else {}
    # Only what differs is written down, so that an unchanged recipe stays the very same.
    conv, fc = _activations(filled.architecture, options)
    takes = inspect.signature(ARCHITECTURES[filled.architecture]).parameters
    if filled.conv_activation != conv and "conv_activation" in takes:
        options["conv_activation"] = filled.conv_activation
    wanted = (filled.fc1_activation, filled.fc2_activation)
    if wanted != fc and len(_fc_activations(takes, options)) == 2:
        options["fc_activations"] = list(wanted)
    return base.changed(options=options, **{name: getattr(filled, name) for name in _OF_RECIPE})


def _activations(architecture: str, options: Mapping[str, Any]) -> tuple[str, tuple[str, str]]:
    """The activations of the convolutions and of FC1 and FC2; where there are none, what the form shows anyway."""
    takes = inspect.signature(ARCHITECTURES[architecture]).parameters
    conv = options.get("conv_activation", takes["conv_activation"].default if "conv_activation" in takes else "silu")
    fc = _fc_activations(takes, options)
    return str(conv), (str(fc[0]), str(fc[1])) if len(fc) == 2 else ("silu", "sigmoid")


def _fc_activations(takes: Mapping[str, inspect.Parameter], options: Mapping[str, Any]) -> list[Any]:
    """Empty if the architecture takes none."""
    return list(options.get("fc_activations", takes["fc_activations"].default)) if "fc_activations" in takes else []


def has_fc_activations(architecture: str) -> bool:
    """Whether the fields of FC1 and FC2 mean anything to this architecture."""
    return "fc_activations" in inspect.signature(ARCHITECTURES[architecture]).parameters
