"""The typefaces on this machine: found, inspected, grouped into families; unusable ones are refused with a reason.

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
from numpy.typing import NDArray

from fontdemo.alphabet import Alphabet
from fontdemo.errors import FontdemoError
from fontdemo.font_files import matplotlib_fonts
from train.files import home
from train.fonts.cache import Entries, FontCache, Stamp, stamps
from train.fonts.category import LIST, category_of, is_display_style, listed_categories
from train.fonts.face import Face, Refusal, RefusalKind, printable
from train.fonts.fontsource import fetched_folder
from train.fonts.inspect import SMALL_SIDE, Inspection, inspect
from train.fonts.similarity import Models
from train.parallel import Progress, spread

SUFFIXES = (".ttf", ".otf", ".ttc", ".otc", ".woff", ".woff2")

# Root mean square difference (of 0..1) between the small pictures of two faces. Up to the first they are the same face
# (saved again, hinted anew); up to the second one was made from the other. Found by looking at 3,868 faces: the first
# pairs that only resemble each other turn up at 0.10 to 0.11.
_SAME, _SIMILAR = 0.02, 0.09

@dataclass(frozen=True)
class Findings:
    """faces: the usable ones, in an order that does not depend on where they are. refusals: the others."""

    faces: tuple[Face, ...]
    refusals: tuple[Refusal, ...]


def font_folders(named: Sequence[Path] = ()) -> list[Path]:
    """The folders to search: those named, matplotlib's own, fetched fonts, then where this system keeps fonts.

    FontdemoError if a named one is no folder.
    """
    for folder in named:
        if not folder.is_dir():
            raise FontdemoError(f"There is no folder {folder}.")
    own_home = home()
    if sys.platform == "darwin":
        system = [Path("/System/Library/Fonts"), Path("/Library/Fonts"), own_home / "Library/Fonts"]
    else:
        shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
        own = os.environ.get("XDG_DATA_HOME") or str(own_home / ".local/share")
        system = [Path(folder) / "fonts" for folder in (*shared.split(":"), own) if folder] + [own_home / ".fonts"]
    system.insert(0, fetched_folder())
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
    remember: bool = True,
) -> Findings:
    """The faces in `folders` that draw every class of `alphabet`; of equal ones the first folder's.

    most_files: inspect no more files than this, chosen at random but always the same. progress(done, all) counts font
    files. remember: use what `train.fonts.cache` has kept, and keep there what is found.
    """
    files = font_files(folders)
    if most_files is not None and len(files) > most_files:
        files = [files[index] for index in sorted(random.Random(0).sample(range(len(files)), most_files))]
    memory = FontCache(alphabet.classes) if remember else None
    stamped, lists = stamps(files), stamps(folder / LIST for folder in folders)
    besides = [alphabet.name, *((str(path.parent), size, time) for path, size, time in lists)]
    if memory and (known := memory.scan(stamped, besides)):
        if progress:
            progress(len(stamped), len(stamped))
        return Findings(tuple(known[0]), tuple(known[1]))
    found = _judged(_inspected(stamped, alphabet, memory, progress, workers), alphabet, folders)
    if memory:
        memory.keep_scan(stamped, besides, found.faces, found.refusals)
    return found


def _inspected(
    files: Sequence[Stamp], alphabet: Alphabet, memory: FontCache | None, progress: Progress | None, workers: int | None
) -> list[Entries]:
    """What is in each file; only those that are not in the cache are opened."""
    known = memory.files(files) if memory else {}
    new = [stamp for stamp in files if stamp[0] not in known]

    def on(done: int, _of: int) -> None:
        if progress:
            progress(len(known) + done, len(files))

    on(0, len(new))  # what is known counts at once, also where nothing is new
    tasks = [(path, alphabet.classes) for path, _, _ in new]
    found = {
        stamp: entries
        for stamp, entries in zip(new, spread(inspect, tasks, progress=on, workers=workers), strict=True)
        if entries
    }
    if memory and found:
        memory.keep_files(found.items())
    known |= {stamp[0]: entries for stamp, entries in found.items()}

    def crashed(path: Path) -> Refusal:
        return Refusal(path, printable(path.name), RefusalKind.CRASHING, "brings the font engine down")

    return [known.get(path) or [crashed(path)] for path, _, _ in files]


def _judged(found: Sequence[Entries], alphabet: Alphabet, folders: Sequence[Path]) -> Findings:
    """The faces that can be used among what files hold, with category and family; the others with the reason."""
    refusals: list[Refusal] = []
    inspections: list[Inspection] = []
    for entries in found:
        for entry in entries:
            if isinstance(entry, Inspection):
                inspections.append(entry)
            else:
                refusals.append(entry)
    if not inspections:
        return Findings((), tuple(refusals))
    models = Models(alphabet)
    letters = []
    for inspection in inspections:
        if fault := models.fault(inspection):
            refusals.append(Refusal(inspection.face.path, inspection.face.name, *fault))
        else:
            letters.append(inspection)
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


def _with_categories(inspections: Sequence[Inspection], models: Models, folders: Sequence[Path]) -> list[Face]:
    """The faces with their category: that of a list, else what the family's most text-like face looks to be.

    By that one face, for the hairlines and heavies of a text family resemble no text face.
    """
    alike = [models.resemblance(inspection) for inspection in inspections]
    category: dict[str, str] = {}
    for index in sorted(range(len(inspections)), key=lambda index: -alike[index].likeness):
        inspection = inspections[index]
        category.setdefault(inspection.face.key, category_of(inspection.tables, inspection.face.family, alike[index]))
    category |= listed_categories(folders, [inspection.face for inspection in inspections])
    faces = [inspection.face for inspection in inspections]
    return [
        replace(face, category="Display" if is_display_style(face.style) else category[face.key]) for face in faces
    ]


def _join_families(faces: list[Face], inspections: Sequence[Inspection], refusals: list[Refusal]) -> list[Face]:
    """Drops faces with the glyphs of an earlier one, and gives one key to families that are similar."""
    home = {face.key: face.key for face in faces}

    def root(key: str) -> str:
        while home[key] != key:
            key = home[key]
        return key

    dropped: dict[int, int] = {}
    for late, early, apart in _near(np.stack([inspection.small.reshape(-1) for inspection in inspections])):
        one, two = sorted((root(faces[early].key), root(faces[late].key)))
        home[two] = one
        if apart < _SAME and early not in dropped:
            dropped.setdefault(late, early)
    for late, early in sorted(dropped.items()):
        reason = f"same glyphs as {faces[early].name}"
        refusals.append(Refusal(faces[late].path, faces[late].name, RefusalKind.SAME_GLYPHS, reason))
    return [replace(face, key=root(face.key)) for index, face in enumerate(faces) if index not in dropped]


def _near(flat: NDArray[np.uint8]) -> Iterator[tuple[int, int, float]]:
    """(late, early, difference) for every two rows, late > early, whose difference is below _SIMILAR, in this order.

    First all pairs are compared by pictures of half the side: averaging never drives two apart, so none is missed.
    """
    side = SMALL_SIDE // 2
    halves = flat.reshape(len(flat), -1, side, 2, side, 2).mean(axis=(3, 5), dtype=np.float32).reshape(len(flat), -1)
    squares = np.square(halves).sum(axis=1, dtype=np.float64)
    block = 256
    for start in range(0, len(flat), block):
        rows = slice(start, start + block)
        squared = squares[rows, None] + squares[None, : start + block] - 2 * (halves[rows] @ halves[: start + block].T)
        # A little more than the limit, for the sums are rounded.
        close = np.sqrt(np.maximum(squared, 0) / halves.shape[1]) / 255 < _SIMILAR + 0.002
        for row, early in np.argwhere(close).tolist():
            late = start + row
            if early < late:
                apart = float(np.sqrt(np.mean(np.square(flat[late].astype(np.float32) - flat[early])))) / 255
                if apart < _SIMILAR:
                    yield late, early, apart
