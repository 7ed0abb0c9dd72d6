"""The commands `run` and `test` of `python -m train`."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

import torch

from fontdemo import memory
from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from train.data.packed import PackedSet
from train.data.sample import sample_file
from train.loop.device import choose_device
from train.loop.evaluate import by_category, evaluate
from train.loop.recipe import RECIPES, Recipe, from_json, get_recipe
from train.runs import worker
from train.runs.folder import RunFolder
from train.runs.trainer import execute, load_data, train_here

_OVERRIDES = {
    "learning_rate": float,
    "batch": int,
    "epochs": int,
    "minutes": float,
    "patience": int,
    "outliers": float,
    "seed": int,
    "augmentation": str,
    "precision": str,
}


def add_commands(commands: Any) -> None:
    """Enter `run` and `test` into the subparsers of the command line."""
    parser = commands.add_parser("run", help="train a network", description=_run.__doc__)
    parser.set_defaults(function=_run)
    parser.add_argument("--recipe", default="report", metavar="NAME", help=f"one of {', '.join(RECIPES)}, or FILE.json")
    parser.add_argument("--data", type=Path, metavar="FILE", default=sample_file(),
                        help="a packed data set (data build makes one); default: the sample that ships")  # fmt: skip
    parser.add_argument("--run", type=Path, required=True, metavar="DIR", help="the run's folder")
    parser.add_argument("--resume", action="store_true", help="go on with the run in DIR")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    for name, kind in _OVERRIDES.items():
        parser.add_argument("--" + name.replace("_", "-"), type=kind, help="instead of the recipe's")

    parser = commands.add_parser("test", help="measure a network on a data set", description=_test.__doc__)
    parser.set_defaults(function=_test)
    parser.add_argument("weights", help="a name under weights/, a folder, or a Hub repository")
    parser.add_argument("--data", type=Path, default=sample_file(), metavar="FILE", help="default: the sample")
    parser.add_argument("--part", default="", choices=("train", "valid", "test"), help="default: test, else valid")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))


def _run(arguments: argparse.Namespace) -> int:
    """Train by a recipe, save when the validation error falls; Ctrl-C finishes the step, saves, and can be resumed."""
    folder: Path = arguments.run
    memory.keep()
    should_stop = worker.asked_to_end()
    loaded = None
    if not arguments.resume:
        loaded = load_data(arguments.data)
        changes = {name: getattr(arguments, name) for name in _OVERRIDES if getattr(arguments, name) is not None}
        recipe = _recipe(arguments.recipe).changed(alphabet=loaded.data.alphabet.name, **changes)
        RunFolder.create(folder, recipe, arguments.data, loaded.fingerprint, arguments.device)
    execute(folder, should_stop=should_stop, trainer=partial(train_here, loaded=loaded))
    return 0


def _recipe(text: str) -> Recipe:
    """A recipe by its name, or from a .json file; RecipeError, or FontdemoError if the file cannot be read."""
    if not text.endswith(".json"):
        return get_recipe(text)
    try:
        return from_json(Path(text).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FontdemoError(f"{text} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _test(arguments: argparse.Namespace) -> int:
    """Say how many images of a data set a network reads rightly, in all and by category of typeface."""
    device = choose_device(arguments.device)
    network = pretrained.load(arguments.weights).to(device)
    packed = PackedSet.open(arguments.data)
    if packed.about.alphabet != network.alphabet:
        raise FontdemoError(
            f"the network's alphabet is {network.alphabet.name}, the data's {packed.about.alphabet.name}"
        )
    part = arguments.part or ("test" if packed.count("test") else "valid")
    data = packed.part(part)
    images, labels = torch.from_numpy(data.images).to(device), torch.from_numpy(data.labels).to(device)
    if not len(images):
        raise FontdemoError(f"the data has no images in its part {part!r}")
    result = evaluate(network, images, labels)
    print(f"Accuracy of the network on the {len(images)} test images: {100 * result.accuracy}%")
    for row in by_category(result, data, part):
        print(f"  {row.category}: {row.accuracy:.2%} of {row.images}")
    return 0
