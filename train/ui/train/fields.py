"""A recipe as the fields of a form, and back. Pure functions; what the fields look like is in `train.ui.train.form`."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

from fontdemo.alphabet import ALPHABETS
from fontdemo.network import what_if
from fontdemo.network.architectures import ARCHITECTURES
from fontdemo.network.network import demand
from fontdemo.network.stages import ACTIVATIONS
from fontdemo.network.what_if import EDITABLE
from fontdemo.ui.html import render
from train.access import Access
from train.loop.recipe import Recipe, RecipeError, get_recipe

#: What each named recipe is, in a sentence or two.
SENTENCES = {
    "report": "The report's final network and settings: 99.03 % after 15 epochs, 14.2 minutes on a Tesla T4.",
    "report-1-crnn": "The report's first model, convolutions and a GRU: 98.17 % after epoch 11.",
    "report-2-relu": "The report's first CNN, with ReLU throughout: 97.66 % after epoch 7.",
    "report-3-elu-silu": "ReLU replaced with ELU and SiLU, and a sigmoid after FC2: 98.74 % after epoch 8.",
    "report-4-slower": "The same at a learning rate of 0.0002: 98.77 % after epoch 14.",
    "report-5-silu": "ELU replaced with SiLU: the report's final network, 99.03 % after epoch 15.",
    "report-unstable": "The final network at a learning rate of 0.001, which the report found very unstable.",
    "budget": "Ours, within the report's limits: a residual network, images turned, bent and roughened, 15 epochs.",
    "best": "The networks that ship: all 62 characters, printed and handwritten, plus non-characters to reject.",
    "hands": "best62, trained further on people's pen strokes, more made-up hands and rough scans.",
    "hands-all": "best62 again, all of its stages trained further on more hands.",
    "hands-signs": "best62 again, on hands and, to reject them, on signs and other scripts that fonts draw.",
    "quick": "The report's final network in a hurry: two passes over the sample.",
    "augmented": "Ours: every image turned, sheared and scaled a little each time, for unseen handwriting and fonts.",
}


#: What the label of a field says that differs from the recipe.
EDITED = " (edited)"

#: What is said while another tab's network or settings are the ones to be trained.
DESIGNED = "Start trains the network from the Network tab"
TUNED = "Start trains with the best settings from the Tune tab"
BACK = "Choose a card to go back to its own."

#: What the label of a field says whose value is another tab's.
FROM_NETWORK, FROM_TUNE = " (from the Network tab)", " (from the Tune tab)"

#: Settings besides the network that the Tune tab hands over.
CARRIED = ("learning_rate", "batch")

# Where a design from the Tune tab has the options of the network; that of the Network tab is nothing but options.
_OPTIONS = "options"

#: What each field does, in a line.
HELP = {
    "architecture": "Which network is trained; the Network tab draws it.",
    "conv_activation": "What follows each convolution; the report ended with silu.",
    "fc1_activation": "What follows the first fully connected layer.",
    "fc2_activation": "What follows the second; the report ended with sigmoid.",
    "learning_rate": "The size of a step. Too large is unstable, too small is slow.",
    "batch": "Images per step. Fewer means more, noisier steps.",
    "epochs": "How many times training goes through all images.",
    "minutes": "Training stops after this long, finished or not.",
    "seed": "The same seed gives the same results on this machine.",
    "alphabet": "The characters that the network tells apart.",
    "augmentation": "How images vary each time: affine turns and stretches, paper roughens too.",
    "schedule": "How the learning rate changes: constant, or up and then down to zero.",
    "patience": "Stop after this many epochs without a lower validation error; 0 means never.",
    "smoothing": "How much of the target goes to the wrong classes, against overconfidence.",
    "weight_decay": "How strongly weights are pulled towards zero.",
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


_NAMES = [f.name for f in fields(Fields)]

#: Where those of CARRIED are among the form's fields, those that say which network it is, and its alphabet.
CARRIED_AT = [_NAMES.index(name) for name in CARRIED]
NETWORK_AT = [_NAMES.index(n) for n in ("architecture", "conv_activation", "fc1_activation", "fc2_activation")]
ALPHABET_AT = _NAMES.index("alphabet")

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
    return base.changed(options=options, **{name: whole(getattr(filled, name)) for name in _OF_RECIPE})


def check(access: Access, recipe: Recipe) -> None:
    """NotAllowedError if the recipe asks for more than a run may here; NetworkError if it makes no network."""
    access.check(recipe.epochs, recipe.minutes)
    needs = demand(recipe.architecture, recipe.alphabet, recipe.options)
    access.check_network(recipe.batch, needs.parameters, needs.values, needs.products)


def note(text: str, *, wrong: bool = False) -> str:
    """A line below Start, as HTML."""
    return render("train/note.html", text=text, wrong=wrong)


def edited_labels(labels: Sequence[str], chosen: str, values: Sequence[Any], design: str = "") -> list[str]:
    """The settings' labels, marked where a value differs from that of the recipe `chosen`, or is the design's."""
    own = to_fields(get_recipe(chosen)).values()
    marks = [EDITED * (value != of_recipe) for value, of_recipe in zip(values, own, strict=True)]
    if design:
        given = FROM_TUNE if _OPTIONS in json.loads(design) else FROM_NETWORK
        marks = [given if index in NETWORK_AT else mark for index, mark in enumerate(marks)]
    return [label + mark for label, mark in zip(labels, marks, strict=True)]


def designed(recipe: Recipe, design: str) -> Recipe:
    """`recipe` with the network that the Network tab or the Tune tab handed over; "" leaves the recipe's."""
    if not design:
        return recipe
    given = json.loads(design)
    return recipe.changed(architecture=EDITABLE, options=given.get(_OPTIONS, given))


def of_recipe(recipe: Recipe) -> str:
    """A recipe of the report's CNN as a design: its network, and the settings that come with it."""
    return json.dumps({_OPTIONS: recipe.options, **{name: getattr(recipe, name) for name in CARRIED}})


def handed_over(design: str, alphabet: object) -> list[Any]:
    """What `designed_note` says; the values of CARRIED, left alone where a design brings none; and those of the fields
    at NETWORK_AT.
    """
    if not design:
        return [""] + [gr.skip()] * (len(CARRIED) + len(NETWORK_AT))
    given = json.loads(design)
    values = to_fields(designed(get_recipe("report"), design)).values()
    carried = [given.get(name, gr.skip()) for name in CARRIED]
    return [designed_note(design, alphabet), *carried, *(values[index] for index in NETWORK_AT)]


def designed_note(design: str, alphabet: object) -> str:
    """What stands above the settings, as HTML: which network another tab handed over; "" for none."""
    if not design:
        return ""
    given = json.loads(design)
    which = ""
    if isinstance(alphabet, str) and alphabet in ALPHABETS:
        made = what_if.design(given.get(_OPTIONS, given), alphabet)
        flattened = next((row.computation.split(" → ")[0] for row in made.rows if row.short == "Flatten"), "")
        which = f": last maps {flattened}, {made.total:,} parameters" if made.total else ""
    return note(f"{TUNED if _OPTIONS in given else DESIGNED}{which}. {BACK}")


def whole(value: object) -> object:
    """A number without a fraction as an int, which a browser may send as 50.0; everything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


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
