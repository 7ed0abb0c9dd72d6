"""The commands `fonts` and `data` of `python -m train`: what faces are here; data sets made, shown and exchanged."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from fontdemo.alphabet import ALPHABETS, Alphabet, get_alphabet
from fontdemo.errors import FontdemoError
from fontdemo.glyph.layout import LAYOUTS
from train.data import course_files, sample
from train.data.build import KINDS, build
from train.data.contact_sheet import contact_sheet
from train.data.glyphset import INKS, MAX_IMAGES, OLD_INKS, PARTS, SPLITS, GlyphSet
from train.data.join import join, thinned
from train.data.people import build_people, collection
from train.fonts import fontsource
from train.fonts.find import Findings, find_faces, font_folders
from train.parallel import Progress


def add_commands(commands: Any) -> None:
    """Adds `fonts` and `data` to argparse's subparsers; each sets `function`, to be called with the arguments."""
    fonts = _add(commands, "fonts", _fonts, "what typefaces are here, and which cannot be used")
    fonts.add_argument("folders", nargs="*", type=Path, metavar="DIR", help="look here too")
    fonts.add_argument("--alphabet", choices=ALPHABETS, default="alnum62", help="characters that a face must draw")
    fonts.add_argument("--list", action="store_true", help="list the usable faces")
    fonts.add_argument("--fetch", action="store_true", help="first get the families of fontsource.txt from npm")

    data = commands.add_parser("data", help="make, show and exchange data sets")
    data = data.add_subparsers(required=True, metavar="COMMAND")
    make = _add(data, "build", _build, "render typefaces into a data set")
    make.add_argument("--layout", choices=LAYOUTS, default="course", help="one font size for all, or each fitted")
    make.add_argument("--alphabet", choices=ALPHABETS, default="course52")
    make.add_argument("--split", choices=SPLITS, default="families", help="what is in one part only: families, images")
    make.add_argument("--kind", choices=KINDS, default="text", help="text faces, or handwriting and display faces too")
    make.add_argument("--train", type=int, default=800, metavar="FACES")
    make.add_argument("--valid", type=int, default=300, metavar="FACES")
    make.add_argument("--test", type=int, default=0, metavar="FACES")
    make.add_argument("--fonts", type=Path, action="append", default=[], metavar="DIR", help="look here too")
    make.add_argument("--ink", choices=INKS, default="printed", type=lambda name: OLD_INKS.get(name, name),
                      help="as the faces have it, traced with a pen, or by made-up writers")  # fmt: skip
    make.add_argument("--like", type=Path, action="append", default=[], metavar="FILE",
                      help="families on the sides that they are on in this set; may be repeated")  # fmt: skip
    make.add_argument("--seed", type=int, default=0)
    make.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")

    ship = _add(data, "sample", _sample, "make the data set that ships, of fetched fonts, and its card beside it")
    ship.add_argument("--seed", type=int, default=0)
    ship.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")

    merge = _add(data, "join", _join, "make one data set of several")
    merge.add_argument("files", nargs="+", type=Path, metavar="FILE")
    merge.add_argument("--most", type=int, default=MAX_IMAGES, metavar="IMAGES", help="keep so many, drawn at random")
    merge.add_argument("--seed", type=int, default=0, help="of the images that are kept")
    merge.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")

    info = _add(data, "info", _info, "what a data set holds")
    info.add_argument("file", type=Path, metavar="FILE")

    show = _add(data, "show", _show, "a contact sheet: one character in many typefaces")
    show.add_argument("character", metavar="CHAR")
    show.add_argument("--data", type=Path, metavar="FILE", help="a data set; without it, the typefaces found here")
    show.add_argument("--fonts", type=Path, action="append", default=[], metavar="DIR", help="look here too")
    show.add_argument("--layout", choices=LAYOUTS, default="course", help="when there is no data set")
    show.add_argument("--faces", type=int, default=48, help="how many at most")
    show.add_argument("--seed", type=int, default=0)
    show.add_argument("-o", "--output", type=Path, required=True, metavar="PNG")

    export = _add(data, "export", _export, "write a data set as the course's folders of .npy files")
    export.add_argument("folder", type=Path, metavar="DIR")
    export.add_argument("--data", type=Path, required=True, metavar="FILE")

    bring = _add(data, "import", _import, "read the course's folders of .npy files into a data set")
    bring.add_argument("folder", type=Path, metavar="DIR")
    bring.add_argument("--alphabet", choices=ALPHABETS, default="course52", help="unless the folder says")
    bring.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")

    strokes = _add(data, "import-strokes", _import_strokes, "make a data set of people's pen strokes")
    strokes.add_argument("collections", nargs="+", metavar="PLACE", help="UJI's text, Omniglot's folder of strokes, "
                         "npm's hersheytext, or FILE.json; FILE.json:2 where each person made two drawings in a row")
    strokes.add_argument("--layout", choices=LAYOUTS, default="fit")
    strokes.add_argument("--valid", type=float, default=1 / 3, metavar="FRACTION", help="of the people, held out")
    strokes.add_argument("--each", type=int, default=800, metavar="N", help="training images of a character, about")
    strokes.add_argument("--outliers", type=int, default=4, metavar="N", help="of a drawing of what is no character")
    strokes.add_argument("--seed", type=int, default=0)
    strokes.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")


def _add(commands: Any, name: str, function: Any, text: str) -> Any:
    parser = commands.add_parser(name, help=text, description=function.__doc__)
    parser.set_defaults(function=function)
    return parser


def _fonts(arguments: argparse.Namespace) -> int:
    """List what typefaces are on this machine, how many families, and why others are refused."""
    if arguments.fetch:
        with tqdm(desc="fetching fonts", unit="family") as bar:
            got = fontsource.fetch(fontsource.fetched_folder(), _on(bar))
        print(f"{got} families fetched into {fontsource.fetched_folder()}")
    findings = _find(arguments.folders, get_alphabet(arguments.alphabet))
    if arguments.list:
        for face in findings.faces:
            print(f"{face.category:<12}  {face.name}  ({face.path.name})")
    for refusal in sorted(findings.refusals, key=lambda refusal: (refusal.name, refusal.reason)):
        print(f"refused: {refusal.name} ({refusal.path.name}): {refusal.reason}")
    faces = findings.faces
    families = len({face.key for face in faces})
    print(f"{len(faces)} usable faces of {families} families; {len(findings.refusals)} refused")
    for kind in ("text", "other"):
        of_kind = [face for face in faces if face.kind == kind]
        counted = ", ".join(f"{n} {category}" for category, n in Counter(f.category for f in of_kind).most_common())
        print(f"{kind}: {len(of_kind)} faces of {len({face.key for face in of_kind})} families ({counted or 'none'})")
    return 0


def _build(arguments: argparse.Namespace) -> int:
    """Render typefaces into a packed data set."""
    alphabet = get_alphabet(arguments.alphabet)
    findings = _find(arguments.fonts, alphabet) if arguments.ink != "writers" else Findings((), ())
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
            progress=_on(bar),
        )
        seconds = time.monotonic() - start
    glyphs.save(arguments.output)
    print(f"{len(glyphs) / seconds:.0f} glyphs a second")
    _describe(glyphs, arguments.output)
    return 0


def _sample(arguments: argparse.Namespace) -> int:
    """Make the data set that ships with the program, and its card, of the fonts that `fonts --fetch` got."""
    with tqdm(desc="looking at fonts", unit="file") as bar:
        glyphs, card = sample.make(fontsource.fetched_folder(), arguments.seed, _on(bar))
    glyphs.save(arguments.output, level=9)
    arguments.output.with_name("README.md").write_text(card, encoding="utf-8")
    _describe(glyphs, arguments.output)
    return 0


def _join(arguments: argparse.Namespace) -> int:
    """Put several packed data sets of one alphabet into one; every image stays in the part that it is in."""
    if arguments.most < 1:
        raise FontdemoError("Keep at least one image.")
    joined = thinned(join([GlyphSet.load(file) for file in arguments.files]), arguments.most, arguments.seed)
    joined.save(arguments.output)
    _describe(joined, arguments.output)
    return 0


def _info(arguments: argparse.Namespace) -> int:
    """Tell what a packed data set holds."""
    _describe(GlyphSet.load(arguments.file), arguments.file)
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
            _find(arguments.fonts, alphabet).faces, alphabet,
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
        count = course_files.write(glyphs, arguments.folder, progress=_on(bar))
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
            progress=_on(bar),
        )
    for line in refused:
        print(f"refused: {line}", file=sys.stderr)
    glyphs.save(arguments.output)
    _describe(glyphs, arguments.output)
    return 1 if refused else 0


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
    _describe(glyphs, arguments.output)
    return 0


def _find(folders: list[Path], alphabet: Alphabet) -> Findings:
    with tqdm(desc="looking at fonts", unit="file") as bar:
        return find_faces(font_folders(folders), alphabet, progress=_on(bar))


def _describe(glyphs: GlyphSet, file: Path) -> None:
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
        images = [f"{count} {part}" for part in PARTS if (count := len(glyphs.outliers_of(part)))]
        print(f"what is no character: {', '.join(images)}")
    print("made with " + ", ".join(f"{name} {version}" for name, version in glyphs.versions.items()))
    print(f"fingerprint {glyphs.fingerprint()}")
    if glyphs.notice:
        print(glyphs.notice)


def _on(bar: Any) -> Progress:
    """Moves a tqdm bar."""

    def move(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return move
