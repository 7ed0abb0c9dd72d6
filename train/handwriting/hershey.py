"""Single-line fonts -> pen strokes, as if a very neat person had written them: npm's package `hersheytext`.

`npm install --prefix DIR hersheytext` (MIT) brings A. V. Hershey's vector fonts of 1967 in `hersheytext.json`, and in
`svg_fonts/` the EMS fonts by Sheldon B. Michaels (SIL Open Font License). Their letters and digits are hands; what
the sets of symbols, music, Greek, Cyrillic and Japanese hold is none of our characters. Nothing is drawn here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from fontdemo.alphabet import CHARACTERS
from fontdemo.glyph.strokes import Drawing
from train.handwriting.collections import CollectionError, Sample

# Hershey's sets whose letters are a pen's (the other Latin ones are engravers'), and those that hold no letters.
_HANDS = ("futural", "scripts", "cursive", "scriptc", "timesr", "timesi", "futuram")
_OTHERS = ("astrology", "cyrillic", "greek", "japanese", "markers", "mathlow", "mathupp", "meteorology", "music",
           "symbolic")  # fmt: skip

# Those, by the keys they lie on, that look like one of ours; a slash does in all of them.
_LOOKALIKES = {
    "greek": "ABEZHIKMNOPTXYabegiknoprtuvwxyz",
    "cyrillic": "ABCEHIKMOPTXYabceghikmoptuxyzZ",
    "markers": "ABHab",
    "mathlow": "de",
    "mathupp": "de",
    "symbolic": "!\"#$%&'()*+,-.789:<=>?@",
}

# The first character of a set of Hershey's.
_FIRST = 33


def read_hersheytext(package: Path) -> list[Sample]:
    """All hands and all signs of the package in this folder; a writer is a font.

    CollectionError if the folder is anything else.
    """
    try:
        sets: dict[str, Any] = json.loads((package / "hersheytext.json").read_text(encoding="utf-8"))
        paths = {name: [entry["d"] for entry in held["chars"]] for name, held in sets.items()}
        return [*_hershey(paths), *_ems(package / "svg_fonts")]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CollectionError(f"{package.name} is not npm's package hersheytext: {error}.") from None


def _hershey(paths: Mapping[str, list[str]]) -> Iterator[Sample]:
    for name in _HANDS:
        for number, path in enumerate(paths[name]):
            character = chr(_FIRST + number)
            if path and character in CHARACTERS:
                yield Sample(character, f"Hershey {name}", strokes_of(path, 1))
    # The sets of symbols repeat the letters of others.
    letters = {path for name, found in paths.items() if name not in _OTHERS for path in found[15:]}
    for name in _OTHERS:
        for number, path in enumerate(paths[name]):
            key = chr(_FIRST + number)
            if path and path not in letters and key not in "/" + _LOOKALIKES.get(name, ""):
                yield Sample(f"{name}/{number:03}", f"Hershey {name}", strokes_of(path, 1))


def _ems(folder: Path) -> Iterator[Sample]:
    for file in sorted(folder.glob("EMS*.svg")):
        for glyph in ElementTree.fromstring(file.read_bytes()).iterfind(".//{*}glyph"):
            character, path = glyph.get("unicode") or "", glyph.get("d") or ""
            if len(character) == 1 and character in CHARACTERS and path:
                yield Sample(character, file.stem, strokes_of(path, -1))


def strokes_of(path: str, up: int) -> Drawing:
    """The strokes of an SVG path of M and L commands; up: -1 turns a y that runs upward. ValueError for any other."""
    strokes: list[list[list[float]]] = []
    for command, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if command not in "ML" or len(values) % 2 or not values:
            raise ValueError(f"a path with {command!r}")
        if command == "M" or not strokes:
            strokes.append([])
        strokes[-1] += [[x, up * y] for x, y in zip(values[::2], values[1::2], strict=True)]
    return strokes
