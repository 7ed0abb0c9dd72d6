"""The command `index` of `python -m train`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from fontdemo.network import pretrained
from fontdemo.reading import nearest
from train.data.glyphset import GlyphSet
from train.loop.device import DEVICES, choose_device
from train.release.nearest_index import CANDIDATES, candidates, joined, write


def add_commands(commands: Any) -> None:
    """Enter `index` into the subparsers of the command line."""
    parser = commands.add_parser("index", help="make the index of closest typefaces", description=_index.__doc__)
    parser.set_defaults(function=_index)
    parser.add_argument("weights", help="a name under weights/, or a folder")
    parser.add_argument(
        "--data", type=Path, action="append", required=True, metavar="FILE", help="a packed data set; may be repeated"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto", choices=DEVICES)


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
