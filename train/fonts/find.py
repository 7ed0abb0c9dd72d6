"""The typefaces on this machine: found, looked at, the unusable refused with a reason, gathered into families.

A family is one family wherever its files lie, and families that share their glyphs (clones with the metrics of another,
fonts of other scripts that borrow their Latin) count as one, so that a split by families keeps them on one side.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fontdemo.alphabet import Alphabet
from fontdemo.errors import FontdemoError
from train.fonts.category import category_of, is_display_style, listed_categories
from train.fonts.face import Face, Refusal, RefusalKind
from train.fonts.inspect import Look, inspect
from train.fonts.similarity import Models, matplotlib_fonts
from train.parallel import Progress, spread

SUFFIXES = (".ttf", ".otf", ".ttc", ".otc", ".woff", ".woff2")

# Root mean square difference (of 0..1) between the small pictures of two faces. Up to the first they are the same face
# (saved again, hinted anew); up to the second one was made from the other. Found by looking at 3,868 faces: the first
# pairs that only resemble each other turn up at 0.10 to 0.11.
_SAME, _KIN = 0.02, 0.09

@dataclass(frozen=True)
class Findings:
    """faces: the usable ones, in an order that does not hang on where they lie. refusals: the others."""

    faces: tuple[Face, ...]
    refusals: tuple[Refusal, ...]


def font_folders(named: Sequence[Path] = ()) -> list[Path]:
    """The folders to look into: those named, then matplotlib's own, then those where this system keeps fonts.

    FontdemoError if a named one is no folder.
    """
    for folder in named:
        if not folder.is_dir():
            raise FontdemoError(f"There is no folder {folder}.")
    home = Path.home()
    if sys.platform == "darwin":
        system = [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    else:
        shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
        own = os.environ.get("XDG_DATA_HOME") or str(home / ".local/share")
        system = [Path(place) / "fonts" for place in (*shared.split(":"), own) if place] + [home / ".fonts"]
    return [*named, matplotlib_fonts(), *(folder for folder in system if folder.is_dir())]


def font_files(folders: Sequence[Path]) -> list[Path]:
    """Every font file in and below `folders`, each once, in a fixed order; links are followed."""
    seen: set[Path] = set()
    return [path for folder in folders for path in _walk(folder, seen)]


def find_faces(
    folders: Sequence[Path],
    alphabet: Alphabet,
    *,
    most_files: int | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Findings:
    """The faces in `folders` that draw every class of `alphabet`; of equal ones the first folder's.

    most_files: look at no more files than this, chosen by chance but always the same. progress(done, all) counts font
    files.
    """
    files = font_files(folders)
    if most_files is not None and len(files) > most_files:
        files = [files[place] for place in sorted(random.Random(0).sample(range(len(files)), most_files))]
    found = spread(inspect, [(path, alphabet.classes) for path in files], progress=progress, workers=workers)
    refusals: list[Refusal] = []
    looks: list[Look] = []
    for path, entries in zip(files, found, strict=True):
        for entry in entries or [Refusal(path, path.name, RefusalKind.CRASHING, "brings the font engine down")]:
            if isinstance(entry, Look):
                looks.append(entry)
            else:
                refusals.append(entry)
    if not looks:
        return Findings((), tuple(refusals))
    models = Models(alphabet)
    letters = []
    for look in looks:
        if fault := models.fault(look):
            refusals.append(Refusal(look.face.path, look.face.name, *fault))
        else:
            letters.append(look)
    faces = _with_categories(letters, models, folders)
    faces = _join_families(faces, letters, refusals)
    faces.sort(key=lambda face: (face.key, face.family, face.style, face.path.name, face.index, face.axes))
    return Findings(tuple(faces), tuple(refusals))


def _walk(folder: Path, seen: set[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in seen:
        return
    seen.add(real)
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir():
                yield from _walk(entry, seen)
            elif entry.suffix.lower() in SUFFIXES and entry.is_file() and entry.resolve() not in seen:
                seen.add(entry.resolve())
                yield entry
        except OSError:
            continue


def _with_categories(looks: Sequence[Look], models: Models, folders: Sequence[Path]) -> list[Face]:
    """The faces with their category: that of a list, else what the family's most text-like face looks to be.

    By that one face, for the hairlines and heavies of a text family resemble no text face.
    """
    alike = [models.resemblance(look) for look in looks]
    told: dict[str, str] = {}
    for place in sorted(range(len(looks)), key=lambda place: -alike[place].likeness):
        look = looks[place]
        told.setdefault(look.face.key, category_of(look.tables, look.face.family, alike[place]))
    told |= listed_categories(folders, [look.face for look in looks])
    return [
        replace(look.face, category="Display" if is_display_style(look.face.style) else told[look.face.key])
        for look in looks
    ]


def _join_families(faces: list[Face], looks: Sequence[Look], refusals: list[Refusal]) -> list[Face]:
    """Drops faces with the glyphs of an earlier one, and gives one key to families that are kin."""
    home = {face.key: face.key for face in faces}

    def root(key: str) -> str:
        while home[key] != key:
            key = home[key]
        return key

    flat = np.stack([look.small.reshape(-1) for look in looks]) if looks else np.zeros((0, 1), np.uint8)
    squares = np.array([np.square(row, dtype=np.float32).sum(dtype=np.float64) for row in flat])
    dropped: dict[int, int] = {}
    block = 256
    for start in range(0, len(flat), block):
        rows = flat[start : start + block].astype(np.float32)
        for other in range(0, start + block, block):
            products = rows @ flat[other : other + block].astype(np.float32).T
            squared = squares[start : start + block, None] + squares[None, other : other + block] - 2 * products
            near = np.sqrt(np.maximum(squared, 0) / flat.shape[1]) / 255
            for row, column in np.argwhere(near < _KIN):
                late, early = start + int(row), other + int(column)
                if early >= late:
                    continue
                one, two = sorted((root(faces[early].key), root(faces[late].key)))
                home[two] = one
                if near[row, column] < _SAME and early not in dropped:
                    dropped.setdefault(late, early)
    for late, early in sorted(dropped.items()):
        reason = f"same glyphs as {faces[early].name}"
        refusals.append(Refusal(faces[late].path, faces[late].name, RefusalKind.SAME_GLYPHS, reason))
    return [replace(face, key=root(face.key)) for place, face in enumerate(faces) if place not in dropped]
