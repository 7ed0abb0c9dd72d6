"""`python -m train invariance`: one picture inverted, cut, on a desk, at 24 pixels: how often one answer."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from fontdemo.alphabet import CHARACTERS
from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.reading.reader import Reader
from train.benchmark.invariance import chosen_faces, same, sentence
from train.data.glyphset import GlyphSet


def add_commands(commands: Any) -> None:
    """Enter `invariance` into the subparsers of the command line."""
    parser = commands.add_parser("invariance", help="does one file get one answer", description=_invariance.__doc__)
    parser.set_defaults(function=_invariance)
    parser.add_argument("--data", type=Path, required=True, metavar="FILE",
                        help="a packed data set of layout fit; its held-out families are taken")  # fmt: skip
    parser.add_argument("--weights", nargs="+", metavar="NAME", help="default: the one that reads first on the page")
    parser.add_argument("--faces", type=int, default=20, metavar="N", help="held-out faces, all characters of each")
    parser.add_argument("--seed", type=int, default=0)


def _invariance(arguments: argparse.Namespace) -> int:
    """How often a character gets the same answer inverted, cut tightly, on a desk and at 24 pixels as it is."""
    if arguments.faces < 1:
        raise FontdemoError("--faces must be at least 1")
    data = GlyphSet.load(arguments.data)
    if data.alphabet.classes != CHARACTERS:
        raise FontdemoError(f"{arguments.data.name} lacks characters: build one with --alphabet alnum62.")
    images = chosen_faces(data, arguments.faces, arguments.seed)
    for name in arguments.weights or [pretrained.default_name()]:
        reader = Reader.load(name)
        with tqdm(desc="reading", unit="glyph", total=len(images), leave=False, disable=None) as bar:
            found = same(reader, images, arguments.seed, bar.update)
        for change, each in found.items():
            print(sentence(f"{name}, {change}", each))
        print(sentence(f"{name}, all of them", np.concatenate(list(found.values()))))
    return 0
