"""The commands `ship`, `card`, `index` and `record` of `python -m train`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from fontdemo.alphabet import ALPHABETS
from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.reading import nearest
from train.data.glyphset import GlyphSet
from train.data.sample import sample_file
from train.loop.device import DEVICES, choose_device
from train.loop.recipe import RECIPES, get_recipe
from train.release.nearest_index import CANDIDATES, candidates, joined, write
from train.release.recorded import RECORDED, record
from train.release.ship import ship, write_card


def add_commands(commands: Any) -> None:
    """Enter `ship`, `card`, `index` and `record` into the subparsers of the command line."""
    parser = commands.add_parser("ship", help="put a run's best network under weights/", description=_ship.__doc__)
    parser.set_defaults(function=_ship)
    parser.add_argument("run", type=Path, metavar="RUN", help="the run's folder")
    parser.add_argument("weights", type=Path, metavar="DIR", help="the weights folder to make, as weights/NAME")
    parser.add_argument("--way", type=float, default=1.0, metavar="FRACTION",
                        help="how far from the weights that the run started from; 0.5 takes the mean")  # fmt: skip
    parser.add_argument("--fold", default="", choices=sorted(ALPHABETS), help="merge what is one class there")
    parser.add_argument("--command", action="append", default=[], help="for the card; may be given several times")
    parser.add_argument("--source", action="append", default=[], help="what it learned from besides typefaces")

    parser = commands.add_parser("card", help="write a model card anew, with measurements", description=_card.__doc__)
    parser.set_defaults(function=_card)
    parser.add_argument("weights", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--benchmark", type=Path, required=True, metavar="FILE", help="of train benchmark -o FILE")
    parser.add_argument("--report", type=Path, metavar="FILE", help="of train reproduce -o FILE: mention its runs too")

    parser = commands.add_parser("index", help="make the index of closest typefaces", description=_index.__doc__)
    parser.set_defaults(function=_index)
    parser.add_argument("weights", help="a name under weights/, or a folder")
    parser.add_argument(
        "--data", type=Path, action="append", required=True, metavar="FILE", help="a packed data set; may be repeated"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto", choices=DEVICES)

    parser = commands.add_parser("record", help="record a run to be played back", description=_record.__doc__)
    parser.set_defaults(function=_record)
    parser.add_argument("folder", type=Path, nargs="?", default=RECORDED / "quick", metavar="DIR")
    parser.add_argument("--recipe", default="quick", metavar="NAME", help=f"one of {', '.join(RECIPES)}")
    parser.add_argument("--data", type=Path, default=sample_file(), metavar="FILE", help="default: the sample")
    parser.add_argument("--minutes", type=float, help="instead of the recipe's")
    parser.add_argument("--repeats", default="", metavar="NAME",
                        help="the weights that an earlier run of the same recipe and data came to")  # fmt: skip


def _record(arguments: argparse.Namespace) -> int:
    """Train, follow a drawing meanwhile, and keep of it what the Train tab plays back: no weights."""
    recipe = get_recipe(arguments.recipe)
    if arguments.minutes is not None:
        recipe = recipe.changed(minutes=arguments.minutes)
    accuracy = record(recipe, arguments.data, arguments.folder, repeats=arguments.repeats)
    print(f"{arguments.folder}: {100 * accuracy:.2f} %")
    return 0


def _ship(arguments: argparse.Namespace) -> int:
    """Put the best network of a run, with how it was trained and a card, into a weights folder."""
    network = ship(arguments.run, arguments.weights, way=arguments.way, fold=arguments.fold,
                   commands=arguments.command, sources=arguments.source,
                   warn=lambda text: print(text, file=sys.stderr))  # fmt: skip
    size = f"{network.parameter_count:,} parameters"
    print(f"{arguments.weights}: {network.architecture}, {network.alphabet.name}, {size}")
    return 0


def _card(arguments: argparse.Namespace) -> int:
    """Write the cards of weights folders anew, with what a benchmark measured of them."""
    rows = _part(arguments.benchmark, "rows")
    experiments = _part(arguments.report, "experiments") if arguments.report else []
    for folder in arguments.weights:
        write_card(folder, rows, experiments)
    return 0


def _index(arguments: argparse.Namespace) -> int:
    """Write the index of the training glyphs that a network knows, beside its weights."""
    folder = pretrained.WEIGHTS / arguments.weights
    folder = folder if arguments.weights in pretrained.shipped() else Path(arguments.weights)
    network = pretrained.load(folder).to(choose_device(arguments.device))
    # One set after the other: they are large.
    each = -(-CANDIDATES // len(arguments.data))
    parts = [candidates(GlyphSet.load(file), each, arguments.seed) for file in arguments.data]
    written = write(network, folder, joined(parts), arguments.seed)
    made = nearest.load(folder, network)
    faces = len(np.unique(made.faces))
    print(f"{folder / nearest.FILE}: {len(made):,} glyphs of {faces:,} faces, {written:,} bytes")
    return 0


def _part(file: Path, name: str) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))[name]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FontdemoError(f"{file} holds no {name} of another command's results") from error
