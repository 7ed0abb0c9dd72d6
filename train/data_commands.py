"""The commands `fonts` and `data` of `python -m train`: what faces are here; data sets made, shown and exchanged."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fontdemo.alphabet import ALPHABETS, get_alphabet
from fontdemo.layout import LAYOUTS
from train.build import KINDS, build
from train.fonts import find_faces, font_folders
from train.glyphset import SPLITS
from train.parallel import Progress


def add_commands(commands: Any) -> None:
    """Adds `fonts` and `data` to argparse's subparsers; each sets `function`, to be called with the arguments."""
    data = commands.add_parser("data", help="make, show and exchange data sets").add_subparsers(required=True)
    make = data.add_parser("build", help="render fonts into a data set")
    make.add_argument("--layout", choices=LAYOUTS, default="course")
    make.add_argument("--alphabet", choices=ALPHABETS, default="course52")
    make.add_argument("--split", choices=SPLITS, default="families", help="keep families, or nothing, on one side")
    make.add_argument("--kind", choices=KINDS, default="text")
    make.add_argument("--train", type=int, default=800, metavar="FACES")
    make.add_argument("--valid", type=int, default=300, metavar="FACES")
    make.add_argument("--test", type=int, default=0, metavar="FACES")
    make.add_argument("--fonts", type=Path, action="append", default=[], metavar="DIR", help="look here too")
    make.add_argument("--seed", type=int, default=0)
    make.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    make.set_defaults(function=build_data)


def build_data(arguments: argparse.Namespace) -> int:
    """`data build`."""
    alphabet = get_alphabet(arguments.alphabet)
    with tqdm(desc="looking at fonts", unit="file") as bar:
        findings = find_faces(font_folders(arguments.fonts), alphabet, progress=_on(bar))
    with tqdm(desc="rendering", unit="face") as bar:
        glyphs = build(
            findings.faces,
            alphabet,
            layout=arguments.layout,
            kind=arguments.kind,
            split=arguments.split,
            train=arguments.train,
            valid=arguments.valid,
            test=arguments.test,
            seed=arguments.seed,
            progress=_on(bar),
        )
    glyphs.save(arguments.output)
    if glyphs.notice:
        print(glyphs.notice)
    print(f"{len(glyphs)} images of {len(glyphs.faces)} faces, fingerprint {glyphs.fingerprint()}")
    return 0


def _on(bar: Any) -> Progress:
    """Moves a tqdm bar."""

    def move(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return move
