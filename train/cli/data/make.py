"""The commands of `python -m train data` that make data sets: of fonts, of their signs, of people's drawings."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fontdemo.alphabet import ALPHABETS, get_alphabet
from fontdemo.glyph.layout import LAYOUTS
from train.cli.data import exchange
from train.cli.data.exchange import add, describe
from train.cli.fonts import find, on_bar
from train.data import sample
from train.data.build import KINDS, build, build_scribbles, build_signs
from train.data.glyphset import INKS, OLD_INKS, SPLITS, GlyphSet
from train.data.people import build_people, build_scans, collection
from train.fonts import fontsource
from train.fonts.find import Findings


def add_commands(commands: Any) -> None:
    """Adds `data`, with these commands and those of `exchange`, to argparse's subparsers."""
    data = commands.add_parser("data", help="make, show and exchange data sets")
    data = data.add_subparsers(required=True, metavar="COMMAND")
    make = add(data, "build", _build, "render typefaces into a data set", "fonts like seed output")
    make.add_argument("--layout", choices=LAYOUTS, default="course", help="one font size for all, or each fitted")
    make.add_argument("--alphabet", choices=ALPHABETS, default="course52")
    make.add_argument("--split", choices=SPLITS, default="families", help="what is in one part only: families, images")
    make.add_argument("--kind", choices=KINDS, default="text", help="text faces, or handwriting and display faces too")
    make.add_argument("--train", type=int, default=800, metavar="FACES")
    make.add_argument("--valid", type=int, default=300, metavar="FACES")
    make.add_argument("--test", type=int, default=0, metavar="FACES")
    make.add_argument("--ink", choices=INKS, default="printed", type=lambda name: OLD_INKS.get(name, name),
                      help="as the faces have it, traced with a pen, or by made-up writers")  # fmt: skip

    signs = add(data, "signs", _signs, "make a set of what is no character, of fonts", "fonts like seed output")
    signs.add_argument("--each", type=int, default=4, metavar="N", help="of every kind in every face")

    scribbles = add(data, "scribbles", _scribbles, "make a set of scribbles, as what is no character", "seed output")
    scribbles.add_argument("--count", type=int, default=12_000, metavar="N", help="the last tenth is held out")

    add(data, "sample", _sample, "make the data set that ships, of fetched fonts, and its card", "seed output")

    strokes = add(data, "import-strokes", _import_strokes, "make a data set of people's pen strokes", "seed output")
    strokes.add_argument("collections", nargs="+", metavar="PLACE", help="UJI's text, Omniglot's folder of strokes, "
                         "npm's hersheytext, or FILE.json; FILE.json:2 where each person made two drawings in a row")
    strokes.add_argument("--layout", choices=LAYOUTS, default="fit")
    strokes.add_argument("--valid", type=float, default=1 / 3, metavar="FRACTION", help="of the people, held out")
    strokes.add_argument("--each", type=int, default=800, metavar="N", help="training images of a character, about")
    strokes.add_argument("--outliers", type=int, default=4, metavar="N", help="of a drawing of what is no character")

    scans = add(data, "import-scans", _import_scans, "make a data set of MNIST's digits", "seed output")
    scans.add_argument("folder", type=Path, metavar="MNIST", help="the folder of its four files")
    scans.add_argument("--each", type=int, default=2000, metavar="N", help="training images of a digit")
    exchange.add_commands(data)


def _build(arguments: argparse.Namespace) -> int:
    """Render typefaces into a packed data set."""
    alphabet = get_alphabet(arguments.alphabet)
    findings = find(arguments.fonts, alphabet) if arguments.ink != "writers" else Findings((), ())
    with tqdm(desc="rendering", unit="face") as bar:
        start = time.monotonic()
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
            ink=arguments.ink,
            like=[GlyphSet.load(file) for file in arguments.like],
            progress=on_bar(bar),
        )
        seconds = time.monotonic() - start
    glyphs.save(arguments.output)
    print(f"{len(glyphs) / seconds:.0f} glyphs a second")
    describe(glyphs, arguments.output)
    return 0


def _signs(arguments: argparse.Namespace) -> int:
    """Draw signs and letters of other scripts, as fonts have them, into a packed data set to be joined to others."""
    faces = find(arguments.fonts, get_alphabet("alnum62")).faces
    like = [GlyphSet.load(file) for file in arguments.like]
    with tqdm(desc="drawing", unit="face") as bar:
        glyphs = build_signs(faces, each=arguments.each, seed=arguments.seed, like=like, progress=on_bar(bar))
    glyphs.save(arguments.output)
    describe(glyphs, arguments.output)
    return 0


def _scribbles(arguments: argparse.Namespace) -> int:
    """Draw scribbles with the page's pen into a packed data set to be joined to others."""
    with tqdm(desc="drawing", unit="batch") as bar:
        glyphs = build_scribbles(arguments.count, seed=arguments.seed, progress=on_bar(bar))
    glyphs.save(arguments.output)
    describe(glyphs, arguments.output)
    return 0


def _sample(arguments: argparse.Namespace) -> int:
    """Make the data set that ships with the program, and its card, of the fonts that `fonts --fetch` got."""
    with tqdm(desc="looking at fonts", unit="file") as bar:
        glyphs, card = sample.make(fontsource.fetched_folder(), arguments.seed, on_bar(bar))
    glyphs.save(arguments.output, level=9)
    arguments.output.with_name("README.md").write_text(card, encoding="utf-8")
    describe(glyphs, arguments.output)
    return 0


def _import_strokes(arguments: argparse.Namespace) -> int:
    """Draw people's pen strokes with the page's pen, in variations, into a packed data set; people are kept apart.

    Collections of some characters only belong into one set: the loss of each image is taken among the characters that
    they have together.
    """
    glyphs = build_people(
        [collection(path) for path in arguments.collections],
        layout=arguments.layout,
        valid=arguments.valid,
        each=arguments.each,
        outliers=arguments.outliers,
        seed=arguments.seed,
    )
    glyphs.save(arguments.output)
    describe(glyphs, arguments.output)
    return 0


def _import_scans(arguments: argparse.Namespace) -> int:
    """Read MNIST's scans of digits as pictures are read, into a packed data set to be joined to others."""
    glyphs = build_scans(arguments.folder, each=arguments.each, seed=arguments.seed)
    glyphs.save(arguments.output)
    describe(glyphs, arguments.output)
    return 0
