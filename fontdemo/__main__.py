"""The command line of reading: python -m fontdemo read FILE...

It only reads; training and everything around it is `python -m train`.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub.utils import logging as hub_logging

from fontdemo.errors import FontdemoError, GlyphError
from fontdemo.glyph.glyph import Glyph, from_drawing, from_picture
from fontdemo.glyph.strokes import MAX_TEXT, parse_strokes
from fontdemo.reading import wording, words
from fontdemo.reading.among import AMONG, ANYTHING
from fontdemo.reading.reader import Reader, Reading, use_one_thread

_READ_HELP = """\
Name the character in each file: the label, then the five likeliest classes with their probabilities.

A FILE is a picture of one character (PNG, JPEG, GIF, BMP, WebP, TIFF, ...: dark on light or light on dark, cropped
or with a margin), or a drawing NAME.json: [[[x, y], ...], ...], one list of points a stroke, y downward. Coordinates
from 0 to 1 are points on the drawing pad; others are of any scale, and the drawing is fitted into the square.
A folder stands for the files in it.
"""

_READ_EXAMPLES = """\
examples:
  python -m fontdemo read letter.png
  python -m fontdemo read --json scans/*.jpg > answers.jsonl
  python -m fontdemo read --weights someone/fontdemo letter.png

With --json each line is one object: "file", "label" (the character), "twin" (the other case that it may be, or null
where size and position show the case), "probabilities" (class: probability), "certain" (false where it is not sure) and
"alike" (the likeliest class and those that look like it: "label", "twin", "probability"). A picture adds "seen" (as
what: "dark ink", "on the light sheet", ...) and "rejected" (the other ways to see it, with "label", "twin",
"probability"); one of several characters in a line also "text" and "line" (of each: "label", "twin", "probability",
"touching"). A file that cannot be read is reported on the error stream, the others are still answered, and the exit
status is 1.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status: 0, or 1 if something could not be read."""
    options = _parser().parse_args(arguments)
    # What becomes of a Hub repository is told once, in a sentence.
    hub_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    # A file name need not be text that this terminal can show.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # Pillow warns of small flaws in files that it reads all the same.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        return read(options.files, options.weights, options.json, options.among)
    except FontdemoError as error:
        print(f"error: {error}", file=sys.stderr)
    except BrokenPipeError:
        # Who read the output has closed it (as `head` does); Python must not try to flush the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fontdemo", description="Read single characters in any font.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    reading = commands.add_parser(
        "read",
        help="name the character in each picture or drawing",
        description=_READ_HELP,
        epilog=_READ_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    reading.add_argument("files", metavar="FILE", nargs="+", help="a picture, a drawing NAME.json, or a folder of them")
    reading.add_argument(
        "--weights", metavar="NAME", help="weights that ship here, a folder, or a Hub repository OWNER/NAME"
    )
    reading.add_argument("--among", choices=AMONG, default=ANYTHING, help="say what each is; default: anything")
    reading.add_argument("--json", action="store_true", help="one JSON object a line, with every class")
    return parser


def read(
    files: Sequence[str], weights: str | None = None, as_json: bool = False, among: str = ANYTHING
) -> int:
    """Answer `files` in order on the output, as they are read; 1 if one of them could not be read, else 0.

    A folder stands for the files in it, hidden ones left out.
    """
    use_one_thread()
    reader = Reader.load(weights)
    files = [name for file in files for name in _files(file)]
    answer = _json_line if as_json else _text_line
    unread = 0
    for file in files:
        try:
            reading, page = _read(reader, Path(file), among)
        except GlyphError as error:
            print(f"{file}: {error}", file=sys.stderr)
            unread += 1
        else:
            print(answer(file, reading, page), flush=True)
    return 1 if unread else 0


def _read(reader: Reader, file: Path, among: str) -> tuple[Reading, words.Page | None]:
    """What is read in a file, and of a picture how; GlyphError if it cannot be."""
    if file.suffix.lower() == ".json":
        return reader.read(_drawing(file), among), None
    page = words.read_page(reader, words.split(file), among)
    return page.picture.reading, page


def _files(name: str) -> list[str]:
    """The file itself, or the files of a folder in the order of their names; a folder without any stands for itself."""
    try:
        inside = [entry.path for entry in os.scandir(name) if entry.is_file() and not entry.name.startswith(".")]
    except OSError:  # no folder, or one that may not be looked into: reading it says which
        inside = []
    return sorted(inside) or [name]


def open_glyph(file: Path) -> Glyph:
    """The glyph of a picture file as it looks likeliest, or of a drawing NAME.json; GlyphError if it cannot be had."""
    return _drawing(file) if file.suffix.lower() == ".json" else from_picture(file)


def _drawing(file: Path) -> Glyph:
    try:
        with open(file, encoding="utf-8") as stream:
            strokes = parse_strokes(stream.read(MAX_TEXT + 1))
    except (OSError, UnicodeDecodeError) as error:
        raise GlyphError(f"{file.name} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    on_pad = all(0 <= number <= 1 for stroke in strokes for point in stroke for number in point)
    return from_drawing(strokes, fit=not on_pad)


def _text_line(file: str, reading: Reading, page: words.Page | None) -> str:
    if page is not None and page.letters:
        each = "  ".join(f"{wording.line(letter.reading)}{', touching' * letter.touching}" for letter in page.letters)
        return f"{file}: {words.text(page.letters).replace(chr(10), ' ')}   ({each})"
    probabilities = "  ".join(f"{title} {100 * probability:.1f}%" for title, probability in reading.top(5))
    return f"{file}: {wording.line(reading)}   ({probabilities})"


def _json_line(file: str, reading: Reading, page: words.Page | None) -> str:
    classes = zip(reading.alphabet.classes, reading.probabilities, strict=True)
    probabilities = {character: float(probability) for character, probability in classes}
    answer = {"file": file, "label": reading.character, "twin": reading.twin, "probabilities": probabilities}
    return json.dumps(answer | wording.as_json(reading) | (words.as_json(page) if page is not None else {}))


if __name__ == "__main__":
    sys.exit(main())
