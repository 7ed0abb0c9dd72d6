"""People's pen strokes from public collections, in the collections' own file formats. Nothing is drawn here.

- UJI Pen Characters, version 2 (Prat, Castro, Llorens, Marzal and Vilar 2008; doi 10.24432/C5FG8S; CC BY 4.0): one
  text file of WORD, NUMSTROKES and POINTS lines.
- Omniglot (Lake, Salakhutdinov and Tenenbaum 2015; MIT licence): `strokes_background/ALPHABET/characterNN/*.txt`, each
  a drawing, lines of x,y,time between START and BREAK.
- JSON {character: [drawing, ...]}, where drawings n*i to n*i + n - 1 of each character are person i's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fontdemo.alphabet import CHARACTERS
from fontdemo.errors import FontdemoError
from fontdemo.glyph.strokes import Drawing, check_strokes

# Omniglot's folder of the Latin alphabet: character01 is a, character26 is z.
_LATIN = "Latin"


@dataclass(frozen=True)
class Sample:
    """One person's drawing of one character.

    character: the character itself, or a longer name for what is none of ours ("Greek/01"). writer: who drew it.
    drawing: strokes of points [x, y], y downward, in any scale.
    """

    character: str
    writer: str
    drawing: Drawing

    @property
    def known(self) -> bool:
        """Whether it is one of the 62 characters."""
        return len(self.character) == 1 and self.character in CHARACTERS


class CollectionError(FontdemoError):
    """A collection can't be read; says which file and why."""


def read_uji(file: Path) -> list[Sample]:
    """UJI's text file; what is not of the 62 characters (accents, punctuation) is left out.

    CollectionError if it is anything else.
    """
    samples: list[Sample] = []
    character = writer = ""
    strokes: list[list[list[float]]] = []
    left = 0
    for number, line in enumerate(_text(file).splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("//"):
            continue
        try:
            if words[0] == "WORD":
                character, session = words[1], words[2]
                writer = session.rpartition("-")[0] or session
            elif words[0] == "NUMSTROKES":
                left, strokes = int(words[1]), []
            elif words[0] == "POINTS":
                values = [float(word) for word in words[words.index("#") + 1 :]]
                if len(values) != 2 * int(words[1]) or left < 1:
                    raise ValueError("the count is wrong")
                strokes.append([list(point) for point in zip(values[::2], values[1::2], strict=True)])
                left -= 1
                if not left and len(character) == 1 and character in CHARACTERS:
                    samples.append(Sample(character, writer, check_strokes(strokes)))
        except (IndexError, ValueError, FontdemoError) as error:
            raise CollectionError(f"Line {number} of {file.name} is not as in UJI Pen Characters: {error}.") from None
    return _some(samples, file)


def read_omniglot(folder: Path) -> list[Sample]:
    """Omniglot's folder of strokes, one of alphabets; those of its Latin alphabet become small letters.

    A writer is a person of one alphabet. CollectionError if it is anything else.
    """
    samples = []
    for file in sorted(folder.glob("*/character*/*.txt")):
        alphabet, number = file.parent.parent.name, int(file.parent.name.removeprefix("character") or 0)
        person = file.stem.rpartition("_")[2]
        name = chr(ord("a") + number - 1) if alphabet == _LATIN and 1 <= number <= 26 else f"{alphabet}/{number:02}"
        samples.append(Sample(name, f"{alphabet} {person}", _omniglot_drawing(file)))
    return _some(samples, folder)


def _omniglot_drawing(file: Path) -> Drawing:
    strokes: list[list[list[float]]] = [[]]
    for line in _text(file).split():
        if line == "BREAK":
            strokes.append([])
        elif re.fullmatch(r"-?[\d.]+,-?[\d.]+,-?[\d.]+", line):
            across, up, _ = line.split(",")
            strokes[-1].append([float(across), -float(up)])  # their y runs upward from -105 to 0
        elif line != "START":
            raise CollectionError(f"{file.name} is not as in Omniglot: {line[:40]!r}.")
    return check_strokes(strokes)


def read_json(file: Path, each: int = 1) -> list[Sample]:
    """JSON of drawings by character, `each` of one person in a row; CollectionError if it is anything else."""
    try:
        content = json.loads(_text(file))
        return _some([*_in_json(file.stem, content, each)], file)
    except (ValueError, RecursionError, AttributeError, TypeError, FontdemoError) as error:
        raise CollectionError(f"{file.name} is not JSON of drawings by character: {error}.") from None


def _in_json(name: str, content: dict[str, list[Any]], each: int) -> Iterator[Sample]:
    for character, drawings in content.items():
        for index, drawing in enumerate(drawings):
            yield Sample(character, f"{name} {index // each + 1:02}", check_strokes(drawing))


def read(path: Path, each: int = 1) -> list[Sample]:
    """The collection at `path`: Omniglot's folder, JSON (`each` drawings of a person in a row) or UJI's text file."""
    if path.is_dir():
        return read_omniglot(path)
    return read_json(path, each) if path.suffix == ".json" else read_uji(path)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CollectionError(f"Can't read {file.name}: {error.strerror or error}.") from None


def _some(samples: Sequence[Sample], path: Path) -> list[Sample]:
    if not samples:
        raise CollectionError(f"There is no drawing in {path.name}.")
    return [sample for sample in samples if sample.drawing]
