"""A stranger's font file -> all 62 characters drawn in both layouts, in a process of its own that may crash.

The font engine and the parser are given only so much memory and time, and what comes back is checked. Run as a module
it is that process: python -m train.fonts.sandbox FILE FACE, which writes a line of JSON and the images to its output.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFont

from fontdemo.alphabet import CHARACTERS
from fontdemo.errors import FontdemoError
from fontdemo.glyph.layout import LAYOUTS, SIDE
from fontdemo.threads import TooBusyError
from train.files import PROJECT
from train.fonts.inspect import faces_of, open_file
from train.fonts.render import LARGE, crop, draw_glyph, open_font, oversized

#: Largest font file that is opened, in bytes.
LARGEST_FILE = 20_000_000

#: What the process may use: bytes of memory, seconds of computing, seconds until it is ended.
MEMORY, CPU_SECONDS, WAIT_SECONDS = 2_000_000_000, 30, 60

#: How far it stands back behind the page that started it (as `nice`): a font may be made to be slow.
NICENESS = 5

#: Faces of one file that can be chosen.
MOST_FACES = 60

# The first four bytes of OpenType, old Mac and web fonts and of collections.
_SIGNATURES = (b"\0\1\0\0", b"OTTO", b"true", b"ttcf", b"wOFF", b"wOF2")

_SIZE = len(LAYOUTS) * len(CHARACTERS) * SIDE * SIDE


class SpecimenError(FontdemoError):
    """A font file that cannot be read; says why."""


@dataclass(frozen=True, eq=False)
class Specimen:
    """A face's glyphs.

    images: uint8 (layouts, characters, SIDE, SIDE), ink 255, in the order of LAYOUTS and CHARACTERS. faces: names of
    the faces in the file; number `face` is drawn. lacking: the characters that it has not. blank: those in whose place
    it draws nothing. The images of both are blank.
    """

    faces: tuple[str, ...]
    face: int
    lacking: str
    blank: str
    images: NDArray[np.uint8]

    @property
    def name(self) -> str:
        """The drawn face's name."""
        return self.faces[self.face]


def read_font(file: Path, face: int = 0) -> Specimen:
    """All glyphs of face number `face` of a font file; SpecimenError for what is no font, too large, or crashes.

    TooBusyError where no process is left to read it.
    """
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise SpecimenError(f"The font is larger than {LARGEST_FILE / 1e6:.0f} MB.")
        with file.open("rb") as opened:
            signature = opened.read(4)
    except OSError as error:
        raise SpecimenError("The font file is gone; upload it again.") from error
    if signature not in _SIGNATURES:
        raise SpecimenError("This is not a font file. Use .ttf, .otf, .ttc, .woff or .woff2.")
    command = [sys.executable, "-m", "train.fonts.sandbox", str(file.resolve()), str(int(face))]
    try:
        done = subprocess.run(
            command, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=WAIT_SECONDS, check=False, env=_environment(),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise SpecimenError("The font takes too long to draw.") from None
    except OSError:  # no process is left
        raise TooBusyError from None
    if done.returncode:
        raise SpecimenError("This font crashes the font engine, so it cannot be read.")
    return _received(done.stdout)


def _environment() -> dict[str, str]:
    """What Python needs to start, and no tokens for a font to find."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "TEMP")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"OPENBLAS_NUM_THREADS": "1"}


def _received(output: bytes) -> Specimen:
    """What the process wrote; it may have been taken over by a font, so its word is checked."""
    line, _, pixels = output.partition(b"\n")
    try:
        answer = json.loads(line)
        if isinstance(answer, dict) and type(answer.get("error")) is str:
            raise SpecimenError(_plain(answer["error"], 200))
        faces, face, lacking, blank = (answer[key] for key in ("faces", "face", "lacking", "blank"))
        faces = tuple(_plain(name, 170) for name in faces[:MOST_FACES])
        if type(face) is not int or not 0 <= face < len(faces) or len(pixels) != _SIZE:
            raise ValueError
        lacking, blank = ("".join(c for c in CHARACTERS if c in answer) for answer in (str(lacking), str(blank)))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise SpecimenError("The font cannot be read.") from None
    images = np.frombuffer(pixels, np.uint8).reshape(len(LAYOUTS), len(CHARACTERS), SIDE, SIDE)
    return Specimen(faces, face, lacking, blank, images)


def _plain(text: Any, most: int) -> str:
    return "".join(c for c in str(text) if c.isprintable())[:most]


def draw(file: Path, face: int) -> tuple[dict[str, Any], bytes]:
    """What the process answers (`faces`, `face`, `lacking`, `blank`, or `error`), and the images as bytes."""
    from fontTools.ttLib import TTCollection

    try:
        opened = open_file(file)
        with closing(opened):
            fonts = opened.fonts if isinstance(opened, TTCollection) else [opened]
            faces = [
                (each, font) for index, font in enumerate(fonts[:MOST_FACES]) for each in faces_of(file, index, font)
            ][:MOST_FACES]
            if not 0 <= face < len(faces):
                return {"error": "There is no such face in the font."}, b""
            chosen, font = faces[face]
            head: Any = font["head"]
            has, em = font.getBestCmap() or {}, head.unitsPerEm
            drawers = {"course": open_font(chosen), "fit": open_font(chosen, LARGE)}
    except Exception as error:  # fontTools and Pillow raise whatever a damaged file makes them stumble over
        return {"error": f"The font is damaged and cannot be read ({type(error).__name__})."}, b""
    lacking = "".join(c for c in CHARACTERS if ord(c) not in has)
    if lacking == CHARACTERS:
        return {"error": "The font has none of the 62 letters and digits."}, b""
    drawn = "".join(c for c in CHARACTERS if c not in lacking)
    huge = "".join(c for c in drawn if _oversized(drawers["fit"], c))
    if huge == drawn:
        return {"error": f"The font's letters are far larger than its em of {em} units: its scale is wrong."}, b""
    images = np.zeros((len(LAYOUTS), len(CHARACTERS), SIDE, SIDE), np.uint8)
    blank = ""
    for index, character in enumerate(CHARACTERS):
        if character in lacking:
            continue
        if character in huge:
            blank += character
            continue
        for number, layout in enumerate(LAYOUTS):
            images[number, index] = _drawn(drawers[layout], character, layout)
        if crop(Image.fromarray(images[-1, index])) is None:
            blank += character
            images[:, index] = 0
    answer = {"faces": [each.name for each, _ in faces], "face": face, "lacking": lacking, "blank": blank}
    return answer, images.tobytes()


def _oversized(drawer: ImageFont.FreeTypeFont, character: str) -> bool:
    """Whether the character is too large to be drawn; one that the font engine stumbles over is left to `_drawn`."""
    try:
        return bool(oversized(drawer, character))
    except (OSError, ValueError, MemoryError, OverflowError):
        return False


def _drawn(drawer: ImageFont.FreeTypeFont, character: str, layout: str) -> NDArray[np.uint8]:
    """The character's image, blank where the font engine cannot draw it."""
    try:
        return np.asarray(draw_glyph(drawer, character, layout))
    except (OSError, ValueError, MemoryError, OverflowError):
        return np.zeros((SIDE, SIDE), np.uint8)


def _limit() -> None:
    """Keep this process to its memory and time, behind the page, and from writing files; where the system can do so."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        try:
            resource.setrlimit(what, (most, most))
        except (OSError, ValueError):  # a system without this limit, or with a lower one
            continue


def _main(file: str, face: str) -> None:
    _limit()
    logging.disable(logging.CRITICAL)
    answer, images = draw(Path(file), int(face))
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + images)


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])
