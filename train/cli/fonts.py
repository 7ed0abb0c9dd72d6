"""The command `fonts` of `python -m train`: what faces are here; and how commands look at fonts and show progress."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fontdemo.alphabet import ALPHABETS, Alphabet, get_alphabet
from train.fonts import fontsource
from train.fonts.find import Findings, find_faces, font_folders
from train.parallel import Progress


def add_commands(commands: Any) -> None:
    """Adds `fonts` to argparse's subparsers; it sets `function`, to be called with the arguments."""
    fonts = commands.add_parser("fonts", help="what typefaces are here, and which cannot be used",
                                description=_fonts.__doc__)  # fmt: skip
    fonts.set_defaults(function=_fonts)
    fonts.add_argument("folders", nargs="*", type=Path, metavar="DIR", help="look here too")
    fonts.add_argument("--alphabet", choices=ALPHABETS, default="alnum62", help="characters that a face must draw")
    fonts.add_argument("--list", action="store_true", help="list the usable faces")
    fonts.add_argument("--fetch", action="store_true", help="first get the families of fontsource.txt from npm")


def _fonts(arguments: argparse.Namespace) -> int:
    """List what typefaces are on this machine, how many families, and why others are refused."""
    if arguments.fetch:
        with tqdm(desc="fetching fonts", unit="family") as bar:
            got = fontsource.fetch(fontsource.fetched_folder(), on_bar(bar))
        print(f"{got} families fetched into {fontsource.fetched_folder()}")
    findings = find(arguments.folders, get_alphabet(arguments.alphabet))
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


def find(folders: list[Path], alphabet: Alphabet) -> Findings:
    """The faces of the usual folders and these, with a bar on the terminal."""
    with tqdm(desc="looking at fonts", unit="file") as bar:
        return find_faces(font_folders(folders), alphabet, progress=on_bar(bar))


def on_bar(bar: Any) -> Progress:
    """Moves a tqdm bar."""

    def move(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return move
