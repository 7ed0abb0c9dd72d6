"""The settings of a training run in one frozen record, the learning rate of each step, and the recipes by name.

A recipe does not say where data and results are; recipe, seed and data together decide the numbers on one machine.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fontdemo.errors import FontdemoError

SCHEDULES = ("constant", "one_cycle")
AUGMENTATIONS = ("none", "affine", "paper", "scans")
PRECISIONS = ("auto", "float32", "bfloat16")


# Fields by the names that recipes of old, in runs and weights folders, have them under.
_RENAMED = {"nonsense": "outliers"}


class RecipeError(FontdemoError):
    """A setting of a recipe is out of range or of the wrong kind; says which."""


@dataclass(frozen=True)
class Recipe:
    """Settings of one run. The defaults are the report's final ones.

    architecture, options, alphabet: what `fontdemo.network.network.Network` takes.
    start_from: name of the weights (under weights/) that training goes on from; "" starts from random ones.
    first_trained: name of the first stage that is trained, "" for all. The stages before it stay as they start, and
    what they make of each image, augmented once, is kept (`train.loop.frozen`).
    learning_rate: of Adam, at its highest. schedule: constant, or one_cycle (up over the first fifth, then a cosine).
    batch: images a step. epochs: passes over the training images. minutes: training stops after this long.
    patience: stop after so many epochs without a lower validation error; 0 never does.
    smoothing: label smoothing of the training loss, 0 to below 1. weight_decay: L2 term of Adam.
    ema: the network that is validated and kept is the exponential moving average of the weights over the steps, with
    this decay; 0 keeps the weights themselves.
    augmentation: a name in AUGMENTATIONS. outliers: so many images of no character (`train.loop.outliers`) are added to
    each step, as a fraction of the batch; over them the network learns to spread its answer evenly.
    seed: of initial weights, order, dropout, augmentation and outliers.
    precision: float32, as the report's; bfloat16 autocast; or auto: the faster of them
    (`train.loop.device.fast_bfloat16`).
    """

    name: str = "report"
    architecture: str = "report-cnn"
    options: dict[str, Any] = field(default_factory=dict)
    alphabet: str = "course52"
    start_from: str = ""
    first_trained: str = ""
    learning_rate: float = 2e-4
    schedule: str = "constant"
    batch: int = 50
    epochs: int = 15
    minutes: float = 15.0
    patience: int = 0
    smoothing: float = 0.0
    weight_decay: float = 0.0
    ema: float = 0.0
    augmentation: str = "none"
    outliers: float = 0.0
    seed: int = 0
    precision: str = "float32"

    def __post_init__(self) -> None:
        _within("learning rate", self.learning_rate, 1e-7, 1.0)
        _within("batch", self.batch, 2, 4096, whole=True)
        _within("epochs", self.epochs, 1, 10_000, whole=True)
        _within("minutes", self.minutes, 0.01, 60 * 24 * 7)
        _within("patience", self.patience, 0, 10_000, whole=True)
        _within("label smoothing", self.smoothing, 0.0, 0.99)
        _within("weight decay", self.weight_decay, 0.0, 1.0)
        _within("ema", self.ema, 0.0, 0.99999)
        _within("outliers", self.outliers, 0.0, 1.0)
        _within("seed", self.seed, 0, 2**31 - 1, whole=True)
        if not re.fullmatch(r"(\w[\w.-]{0,95})?", self.start_from):
            raise RecipeError("start_from must be the name of weights that ship here")
        for what, value, known in (
            ("schedule", self.schedule, SCHEDULES),
            ("augmentation", self.augmentation, AUGMENTATIONS),
            ("precision", self.precision, PRECISIONS),
        ):
            if value not in known:
                raise RecipeError(f"no {what} {value!r}; there are {', '.join(known)}")

    def changed(self, **settings: Any) -> Recipe:
        """A copy with these settings changed; RecipeError if one is out of range or unknown."""
        return from_dict(dataclasses.asdict(self) | settings)

    def to_json(self) -> str:
        """The recipe as indented JSON, read back by `from_json`."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    def rate_at(self, step: int, steps: int) -> float:
        """Learning rate of step `step` (0-based) of `steps` in all; a pure function, so resuming needs no state."""
        if self.schedule == "constant":
            return self.learning_rate
        rise = max(1, steps // 5)
        if step < rise:
            return self.learning_rate * (step + 1) / rise
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))


def _within(what: str, value: object, low: float, high: float, *, whole: bool = False) -> None:
    types = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, types) or not low <= value <= high:  # NaN fails the comparison
        kind, written = ("a whole number", ",.0f") if whole else ("a number", "g")
        raise RecipeError(f"{what} must be {kind} from {low:{written}} to {high:{written}}")


def from_dict(settings: Mapping[str, Any]) -> Recipe:
    """A recipe from its fields; RecipeError for an unknown field, a wrong kind or a value out of range."""
    settings = {_RENAMED.get(name, name): value for name, value in settings.items()}
    unknown = set(settings) - {f.name for f in dataclasses.fields(Recipe)}
    if unknown:
        raise RecipeError(f"a recipe has no field {sorted(unknown)[0]!r}")
    texts = ("name", "architecture", "alphabet", "start_from", "first_trained", "schedule", "augmentation", "precision")
    for text in texts:
        if not isinstance(settings.get(text, ""), str):
            raise RecipeError(f"{text} must be text")
    if not isinstance(settings.get("options", {}), dict):
        raise RecipeError("options must be a table of settings by name")
    return Recipe(**settings)


def from_json(text: str) -> Recipe:
    """A recipe from what `Recipe.to_json` wrote; RecipeError if it is not one."""
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"not a recipe: {error}") from None
    if not isinstance(settings, dict):
        raise RecipeError("not a recipe: not a JSON object")
    return from_dict(settings)


_MIXED = {"conv_activation": "elu", "fc_activations": ["silu", "sigmoid"]}

# What our recipes for the residual network have in common.
_OURS = Recipe(
    "ours",
    architecture="residual-cnn",
    learning_rate=2e-3,
    schedule="one_cycle",
    batch=100,
    augmentation="paper",
    precision="auto",
)

# Ours, trained further on what people draw and on rough scans.
_HANDS = _OURS.changed(
    alphabet="alnum62",
    start_from="best62",
    learning_rate=1e-3,
    epochs=3,
    ema=0.998,
    augmentation="scans",
    outliers=0.15,
    minutes=600.0,
)

#: The recipes by name: the report's final one first, then its earlier experiments in its order, then ours.
#: What the report leaves open is decided here: the CRNN trained at the first learning rate, its GRU is 2 x 256
#: (`report_crnn`); the ReLU network had ReLU after FC1 and FC2 as well; "ELU and SiLU" means ELU in the
#: convolutions (and once more before flattening) and SiLU after FC1.
RECIPES: dict[str, Recipe] = {
    r.name: r
    for r in (
        Recipe("report"),
        Recipe("report-1-crnn", architecture="report-crnn", learning_rate=1e-3),
        Recipe(
            "report-2-relu",
            options={"conv_activation": "relu", "fc_activations": ["relu", "relu"]},
            learning_rate=1e-3,
        ),
        Recipe("report-3-elu-silu", options=_MIXED, learning_rate=1e-3),
        Recipe("report-4-slower", options=_MIXED),
        Recipe("report-5-silu"),
        Recipe("report-unstable", learning_rate=1e-3),
        _OURS.changed(name="budget", minutes=120.0),
        _OURS.changed(name="best", alphabet="alnum62", epochs=12, outliers=0.1, minutes=600.0),
        _HANDS.changed(name="hands", first_trained="conv4"),
        _HANDS.changed(name="hands-all", ema=0.999),
        _HANDS.changed(name="hands-signs", learning_rate=5e-4, epochs=2),
        Recipe(
            "augmented",
            schedule="one_cycle",
            learning_rate=1e-3,
            smoothing=0.05,
            augmentation="affine",
            precision="auto",
        ),
        # For the sample data set: well under a minute on two idle cores, see docs/log.md.
        Recipe("quick", schedule="one_cycle", learning_rate=2e-3, epochs=2, minutes=5.0, precision="auto"),
    )
}


def in_epochs(epochs: int) -> str:
    """1 epoch, 15 epochs."""
    return "1 epoch" if epochs == 1 else f"{epochs:,} epochs"


def get_recipe(name: str) -> Recipe:
    """The recipe called `name`; RecipeError, naming the ones there are, if there is none."""
    try:
        return RECIPES[name]
    except (KeyError, TypeError):  # TypeError: a list, of a browser that means harm
        raise RecipeError(f"no recipe {name!r}; there are {', '.join(RECIPES)}") from None
