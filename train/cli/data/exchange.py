"""The commands of `python -m train data` for sets that are there: joined, described, shown, to and from folders."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from fontdemo.alphabet import ALPHABETS, get_alphabet
from fontdemo.errors import FontdemoError
from fontdemo.glyph.layout import LAYOUTS
from train.cli.fonts import find, on_bar
from train.data import course_files
from train.data.build import build
from train.data.contact_sheet import contact_sheet
from train.data.glyphset import MAX_IMAGES, PARTS, GlyphSet
from train.data.join import join

#: Options that more than one command has, by name.
_OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "fonts": ("--fonts", {"type": Path, "action": "append", "default": [], "metavar": "DIR", "help": "look here too"}),
    "like": ("--like", {"type": Path, "action": "append", "default": [], "metavar": "FILE",
                        "help": "families on the sides that they are on in this set; may be repeated"}),
    "seed": ("--seed", {"type": int, "default": 0}),
    "output": ("-o/--output", {"type": Path, "required": True, "metavar": "FILE"}),
}  # fmt: skip


def add(commands: Any, name: str, function: Any, text: str, options: str = "") -> Any:
    """A command of `data`, which calls `function`; options: names in _OPTIONS, between blanks."""
    parser = commands.add_parser(name, help=text, description=function.__doc__)
    parser.set_defaults(function=function)
    for option in options.split():
        flags, settings = _OPTIONS[option]
        parser.add_argument(*flags.split("/"), **settings)
    return parser


def add_commands(data: Any) -> None:
    """Adds the commands to the subparsers of `data`."""
    merge = add(data, "join", _join, "make one data set of several", "output")
    merge.add_argument("files", nargs="+", type=Path, metavar="FILE")
    merge.add_argument("--most", type=int, default=MAX_IMAGES, metavar="IMAGES", help="keep so many, drawn at random")
    merge.add_argument("--seed", type=int, default=0, help="of the images that are kept")

    info = add(data, "info", _info, "what a data set holds")
    info.add_argument("file", type=Path, metavar="FILE")

    show = add(data, "show", _show, "a contact sheet: one character in many typefaces", "fonts seed")
    show.add_argument("character", metavar="CHAR")
    show.add_argument("--data", type=Path, metavar="FILE", help="a data set; without it, the typefaces found here")
    show.add_argument("--layout", choices=LAYOUTS, default="course", help="when there is no data set")
    show.add_argument("--faces", type=int, default=48, help="how many at most")
    show.add_argument("-o", "--output", type=Path, required=True, metavar="PNG")

    export = add(data, "export", _export, "write a data set as the course's folders of .npy files")
    export.add_argument("folder", type=Path, metavar="DIR")
    export.add_argument("--data", type=Path, required=True, metavar="FILE")

    bring = add(data, "import", _import, "read the course's folders of .npy files into a data set", "output")
    bring.add_argument("folder", type=Path, metavar="DIR")
    bring.add_argument("--alphabet", choices=ALPHABETS, default="course52", help="unless the folder says")


def _join(arguments: argparse.Namespace) -> int:
    """Put several packed data sets of one alphabet into one; every image stays in the part that it is in."""
    if arguments.most < 1:
        raise FontdemoError("Keep at least one image.")
    joined = join(arguments.files, arguments.most, arguments.seed)
    joined.save(arguments.output)
    describe(joined, arguments.output)
    return 0


def _info(arguments: argparse.Namespace) -> int:
    """Tell what a packed data set holds."""
    describe(GlyphSet.load(arguments.file), arguments.file)
    return 0


def _show(arguments: argparse.Namespace) -> int:
    """Draw a contact sheet of one character in many typefaces, with their families' names, as a PNG."""
    if arguments.faces < 1:
        raise FontdemoError("A contact sheet needs at least one face.")
    if arguments.data:
        glyphs = GlyphSet.load(arguments.data)
    else:
        alphabet = get_alphabet("alnum62")
        glyphs = build(
            find(arguments.fonts, alphabet).faces, alphabet,
            layout=arguments.layout, kind="all", train=arguments.faces, valid=0, seed=arguments.seed,
        )  # fmt: skip
    label = glyphs.alphabet.label(arguments.character)
    if label is None:
        raise FontdemoError(f"{arguments.character!r} is not a character of the alphabet {glyphs.alphabet.name}.")
    indices = np.flatnonzero(glyphs.labels == label)
    if len(indices) > arguments.faces:
        indices = np.sort(np.random.default_rng(arguments.seed).choice(indices, arguments.faces, replace=False))
    names = [glyphs.faces[face].family for face in glyphs.face[indices]]
    contact_sheet(glyphs.images[indices], names).save(arguments.output, format="PNG")
    print(f"{len(indices)} faces in {arguments.output}")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    """Write a packed data set as the course's folders: train/30/395_30.npy and so on."""
    glyphs = GlyphSet.load(arguments.data)
    with tqdm(desc="writing", unit="image") as bar:
        count = course_files.write(glyphs, arguments.folder, progress=on_bar(bar))
    print(f"{count} images in {arguments.folder}")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    """Read the course's folders into a packed data set; files that cannot be used are named (exit status 1)."""
    refused: list[str] = []
    with tqdm(desc="reading", unit="file") as bar:
        glyphs = course_files.read(
            arguments.folder,
            get_alphabet(arguments.alphabet),
            refused=lambda path, reason: refused.append(f"{path.relative_to(arguments.folder)}: {reason}"),
            progress=on_bar(bar),
        )
    for line in refused:
        print(f"refused: {line}", file=sys.stderr)
    glyphs.save(arguments.output)
    describe(glyphs, arguments.output)
    return 1 if refused else 0


def describe(glyphs: GlyphSet, file: Path) -> None:
    """Print what a set holds, and its file's size."""
    print(f"{file}: {file.stat().st_size / 1e6:.1f} MB, {len(glyphs)} images of {len(glyphs.faces)} faces")
    print(f"alphabet {glyphs.alphabet.name}, layout {glyphs.layout}, {glyphs.ink}, split {glyphs.split_rule}, "
          f"seed {glyphs.seed}")  # fmt: skip
    for number, part in enumerate(PARTS):
        chosen = glyphs.split == number
        faces = [glyphs.faces[face] for face in np.unique(glyphs.face[chosen])]
        if faces:
            counted = Counter(face.category or "unknown" for face in faces).most_common()
            print(f"{part}: {chosen.sum()} images, {len(faces)} faces of {len({face.key for face in faces})} families: "
                  + ", ".join(f"{count} {category}" for category, count in counted))  # fmt: skip
    if len(glyphs.outliers):
        counts = np.bincount(glyphs.outlier_split, minlength=len(PARTS))
        images = [f"{count} {part}" for part, count in zip(PARTS, counts, strict=True) if count]
        print(f"what is no character: {', '.join(images)}")
    print("made with " + ", ".join(f"{name} {version}" for name, version in glyphs.versions.items()))
    print(f"fingerprint {glyphs.fingerprint()}")
    if glyphs.notice:
        print(glyphs.notice)
