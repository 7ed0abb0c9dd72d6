"""A font's category: from its own tables, its name and its similarity to text faces, or from a list.

Categories are those of Google Fonts. Text faces are Sans Serif, Serif and Monospace; all others are "other".
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from train.fonts.face import CATEGORIES, TEXT_CATEGORIES, Face
from train.fonts.inspect import Tables
from train.fonts.similarity import Resemblance

#: A face less like text faces than this (`train.fonts.similarity`: 1 is one of them) is none. Chosen as what parts text
#: faces from others best on 579 families of Google Fonts.
LEAST_LIKENESS = 0.83

#: A text face that leans further than this towards serif models is a serif face (95 % right on the same families).
SERIF_LEAN = 0.03

#: The name of a list of categories beside fonts.
LIST = "FONTS.tsv"

# Words in a family's name that give its category away, the first list that has one.
_WORDS = {
    "Monospace": "mono code console terminal typewriter typist courier monospace fixed",
    "Handwriting": "script hand handwriting handwritten writing brush marker pen pencil calligraphy chancery "
    "cursive comic chalk kids scribble sketch ecolier note",
    "Display": "display stencil shadow outline inline poster ornament initials decorative blackletter fraktur pixel "
    "graffiti segment dots unicase swash brk px",
    "Serif": "serif slab antiqua garamond bodoni didot times caslon baskerville century goudy roman",
    "Sans Serif": "sans grotesk grotesque gothic din",
}


def is_display_style(style: str) -> bool:
    """Whether a style, of whatever family, is one for display: Outline, Shadow, ..."""
    return bool(set(re.findall(r"[a-z]+", style.lower())) & {"outline", "shadow", "inline", "stencil", "inverted"})


def category_of(tables: Tables, family: str, alike: Resemblance) -> str:
    """One of CATEGORIES, from a font's tables, its family's name, and how much it is like text faces."""
    words = set(re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", family).lower()))
    named = next((category for category, listed in _WORDS.items() if words & set(listed.split())), "")
    if tables.letters == 3 or tables.family_class == 10 or named == "Handwriting":
        return "Handwriting"
    if tables.letters in (4, 5) or tables.family_class in (9, 12) or alike.likeness < LEAST_LIKENESS:
        return "Display"
    # Some text families have a cut for large sizes called Display; such a one is a text face all the same.
    if named == "Display" and alike.likeness < 0.9:
        return "Display"
    if tables.fixed_pitch or named == "Monospace":
        return "Monospace"
    if named in TEXT_CATEGORIES:
        return named
    return "Serif" if alike.lean > SERIF_LEAN else "Sans Serif"


def listed_categories(folders: Sequence[Path], faces: Sequence[Face]) -> dict[str, str]:
    """{family key: category} from a FONTS.tsv (columns file and category) at the top of any of `folders`."""
    by_path: dict[Path, str] = {}
    for folder in folders:
        table = folder / LIST
        if not table.is_file():
            continue
        with table.open(encoding="utf-8", errors="replace", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row.get("file") and row.get("category") in CATEGORIES:
                    by_path[folder / row["file"]] = row["category"]
    return {face.key: by_path[face.path] for face in faces if face.path in by_path}
