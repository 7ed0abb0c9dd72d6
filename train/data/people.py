"""People's drawings -> a data set: drawn with the page's pen in many variations, no person in two parts.

Collections of digits and small letters must not teach that whatever a pen draws is one of these: each image says which
characters the collections have together (`FaceNote.among`), and its loss is taken among them only. Drawings of what is
none of the 62 characters become the set's outliers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fontdemo.alphabet import get_alphabet
from fontdemo.errors import FontdemoError
from fontdemo.glyph.binarize import Guess, find_ink
from fontdemo.glyph.fit import fit_points
from fontdemo.glyph.glyph import Opened, from_opened
from fontdemo.glyph.layout import BASELINE_ROW, CAPITAL_ROW, LAYOUTS, SIDE
from fontdemo.glyph.picture import open_picture, to_plane
from fontdemo.glyph.strokes import PEN
from fontdemo.reading.lookalikes import SAME_SHAPES
from train.data.build import versions
from train.data.glyphset import PEOPLE, About, FaceNote, GlyphSet
from train.handwriting.collections import Sample, read
from train.handwriting.hershey import read_hersheytext
from train.handwriting.letterforms import BASELINE, letterforms
from train.handwriting.pen import Points, draw_strokes, unsteady
from train.handwriting.scans import PARTS as SCAN_PARTS
from train.handwriting.scans import read_mnist

#: Characters of other scripts, by Omniglot's names, that look like one of our 62 as people draw them (omicron, nu, chi,
#: a square, a crossed 7): no outliers. Chosen by eye, those first that a network of the first release took for one.
LOOKALIKES = frozenset(
    f"{script}/{number}"
    for script, numbers in {
        "Balinese": "05 14 15",
        "Early_Aramaic": "02 03 04 06 07 10 11 12 13 14 16 17 18 20 21 22",
        "Greek": "01 02 03 04 05 07 08 09 10 12 13 15 17 18 19 20 22 24",
        "Japanese_(katakana)": "04 20 24 27 33 41 42 43 46",
        "Korean": "02 03 10 12 14 21 22 24 25 27 28 33 37 38",
        "Sanskrit": "05 37",
        "Tagalog": "03",
    }.items()
    for number in numbers.split()
)

# Of the pen's width; how much of a made-up hand's unsteadiness is put upon a drawing, which has its own.
_PEN, _UNSTEADY = (0.6, 1.5), 0.5

_PIXELS = (BASELINE_ROW - CAPITAL_ROW) / BASELINE

# Fitted, a 0 is an o or an O by its width alone, and people's overlap. Half of the images of each are chosen without
# the other kind, so that what has all three, fonts and made-up writers, decides where one ends and the other begins.
_RINGS = {"0": "oO", "o": "0", "O": "0"}

# Letters that people write like a digit: a scan of it says nothing of them. Not `lookalikes`, which is of faces, too: a
# hand's open 4 is a y, its s may be a 5, and nobody's 8 has the straight back of a B.
_WRITTEN_LIKE = {"0": "oO", "1": "Il", "2": "Zz", "4": "yY", "5": "Ss", "6": "bG", "9": "gq"}


def build_people(
    collections: Sequence[Sequence[Sample]],
    *,
    layout: str = "fit",
    valid: float = 1 / 3,
    each: int = 400,
    outliers: int = 4,
    seed: int = 0,
    leave_out: Collection[str] = LOOKALIKES,
) -> GlyphSet:
    """A data set of `alnum62` from collections; each person is in the training or in the validation part.

    valid: the fraction of people held out, at least one. each: training images of a character of a collection, about:
    drawings are repeated in variations until there are as many; held-out ones are drawn once, as they are. outliers:
    variations of each training drawing of what is none of ours; leave_out: the names of those to pass over.
    FontdemoError if the settings make no set.
    """
    if layout not in LAYOUTS or not 0 < valid < 1 or each < 1 or outliers < 1:
        raise FontdemoError("Choose a known layout, a fraction between 0 and 1, and at least one image.")
    alphabet = get_alphabet("alnum62")
    notes: list[FaceNote] = []
    images, labels, face, split = [], [], [], []
    others, other_split = [], []
    found = {s.character for samples in collections for s in samples if s.known}
    both_cases = _both_cases(found) if layout == "fit" else {}
    among = "".join(sorted(found | set(both_cases.values())))
    for number, samples in enumerate(collections):
        known = [sample for sample in samples if sample.known]
        held_out = _held_out(samples, valid, seed)
        variations = _variations(known, held_out, each)
        face_of: dict[tuple[str, str], int] = {}
        for at, sample in enumerate(samples):
            if not sample.known and sample.character in leave_out:
                continue
            rng = np.random.default_rng([seed, number, at])
            out = sample.writer in held_out
            count = 1 if out else variations[sample.character] if sample.known else outliers
            drawn = [_drawn(sample, layout, None if out else rng) for _ in range(count)]
            if sample.known:
                images += drawn
                cases = [sample.character, both_cases.get(sample.character, sample.character)]
                written = [cases[turn % 2] for turn in range(count)]
                labels += [alphabet.label(character) for character in written]
                for turn, character in enumerate(written):
                    without = _RINGS.get(character, "") if layout == "fit" and not out and turn // 2 % 2 else ""
                    if (sample.writer, without) not in face_of:
                        face_of[sample.writer, without] = len(notes)
                        notes.append(_note(sample.writer, "".join(c for c in among if c not in without)))
                    face.append(face_of[sample.writer, without])
                split += [int(out)] * count
            else:
                others += drawn
                other_split += [int(out)] * count
    if not images and not others:
        raise FontdemoError("There is no drawing in these collections.")
    about = About(tuple(notes), alphabet, layout, "families", seed, versions(), ink=PEOPLE)
    return about.with_images(
        _stacked(images), np.array(labels, np.int64), np.array(face, np.int64), np.array(split, np.uint8),
        _stacked(others), np.array(other_split, np.uint8),
    )  # fmt: skip


def build_scans(folder: Path, *, each: int = 2000, held_out: int = 100, seed: int = 0) -> GlyphSet:
    """A data set of `alnum62`, layout `fit`, of MNIST's scans (`train.handwriting.scans`), as pictures are read.

    each: training images of a digit, of those of MNIST's training part chosen by chance; held_out: validation images,
    of its other part, whose people wrote for that alone. The loss of each is taken among the characters that people
    do not write like that digit, for nobody wrote letters. FontdemoError if the files can't be read.
    """
    if each < 1 or held_out < 0:
        raise FontdemoError("Choose at least one image.")
    alphabet = get_alphabet("alnum62")
    images, written, split = [], [], []
    for number, (part, count) in enumerate(zip(SCAN_PARTS, (each, held_out), strict=True)):
        scans, digits = read_mnist(folder, part)
        rng = np.random.default_rng([seed, number])
        for digit in range(10):
            for at in rng.permutation(np.flatnonzero(digits == digit))[:count]:
                images.append(_scanned(scans[at]))
                written.append(digit)
                split.append(number)
    notes = [_note(f"MNIST {digit}", "".join(c for c in alphabet.classes if c not in _WRITTEN_LIKE.get(digit, "")))
             for digit in "0123456789"]  # fmt: skip
    about = About(tuple(notes), alphabet, "fit", "families", seed, versions(), ink=PEOPLE)
    digit_of = np.array(written, np.int64)  # the label as well as the face: the alphabet begins with the digits
    return about.with_images(np.stack(images), digit_of, digit_of, np.array(split, np.uint8))


def _scanned(scan: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A scan, ink bright, uint8 (H, W), in the layout `fit`: uint8 (SIDE, SIDE)."""
    received = open_picture(Image.fromarray(scan))
    plane = to_plane(received.image)
    opened = Opened(received, plane, find_ink(plane, Guess(dark=False, paper=None)))
    return np.round(from_opened(opened).image * 255).astype(np.uint8)


def _note(writer: str, among: str) -> FaceNote:
    return FaceNote(writer, "", "Handwriting", "other", "", writer, among)


def collection(text: str) -> list[Sample]:
    """The collection at a path; FILE.json:2 is JSON in which each person made two drawings in a row."""
    path, colon, each = text.rpartition(":")
    if colon and each.isdecimal() and int(each):
        return read(Path(path), int(each))
    folder = Path(text)
    return read_hersheytext(folder) if (folder / "hersheytext.json").is_file() else read(folder)


def _stacked(images: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.stack(images) if images else np.zeros((0, SIDE, SIDE), np.uint8)


def person(writer: str) -> str:
    """Who a writer is, by the last word of the name: Omniglot's drawer 3 is the same in every alphabet here."""
    return writer.rpartition(" ")[2]


def _both_cases(found: set[str]) -> dict[str, str]:
    """{small letter: its capital} where both are one shape and nobody has drawn the capital.

    Fitted into the square they look the same, and a 0 must be told from an O as from an o.
    """
    pairs = {pair[1]: pair[0] for pair in SAME_SHAPES}
    return {small: capital for small, capital in pairs.items() if small in found and capital not in found}


def _held_out(samples: Sequence[Sample], valid: float, seed: int) -> set[str]:
    """The writers in the validation part; by the people's numbers, so that one is on one side in all alphabets."""
    people = sorted({person(sample.writer) for sample in samples})
    count = max(1, round(len(people) * valid))
    chosen = {people[at] for at in np.random.default_rng(seed).permutation(len(people))[:count]}
    return {sample.writer for sample in samples if person(sample.writer) in chosen}


def _variations(known: Sequence[Sample], held_out: set[str], each: int) -> dict[str, int]:
    """How often each training drawing of a character is drawn."""
    counts = Counter(sample.character for sample in known if sample.writer not in held_out)
    variations: dict[str, int] = defaultdict(lambda: 1)
    return variations | {character: max(1, round(each / count)) for character, count in counts.items()}


def _drawn(sample: Sample, layout: str, rng: np.random.Generator | None) -> NDArray[np.uint8]:
    """The drawing as an image, uint8 (SIDE, SIDE); as it is without `rng`, else in another pen and a shakier hand."""
    points = np.array([point for stroke in sample.drawing for point in stroke], dtype=np.float64)
    width = PEN
    if rng is not None:
        width = PEN * rng.uniform(*_PEN)
        shaken = unsteady(_of_size(points), rng)
        points = (1 - _UNSTEADY) * _of_size(points) + _UNSTEADY * shaken
    placed = fit_points(points, width) if layout == "fit" else _on_the_pad(points, sample.character, width, rng)
    return draw_strokes(placed, [len(stroke) for stroke in sample.drawing], width)


def _of_size(points: Points) -> Points:
    """Points of any scale -> the longer side is that of the square."""
    low, high = points.min(axis=0), points.max(axis=0)
    return np.asarray((points - low) * (SIDE / max(float((high - low).max()), 1e-9)))


def _on_the_pad(points: Points, character: str, width: float, rng: np.random.Generator | None) -> Points:
    """Between the pad's guide lines: from the usual height of the character's forms to where they usually end."""
    top, bottom = _extent(character)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (bottom - top) / max(float(high[1] - low[1]), 0.4 * float(high[0] - low[0]), 1e-9)
    middle = np.array([SIDE / 2, (top + bottom) / 2])
    if rng is not None:
        scale *= rng.uniform(0.85, 1.1)
        middle = middle + rng.normal(0, 3.0, 2)
    return np.asarray((points - (low + high) / 2) * scale + middle)


def _extent(character: str) -> tuple[float, float]:
    """The mean upper and lower edge of the forms of a character, in rows of the pad; those of capitals for others."""
    forms = letterforms().get(character, letterforms()["H"])
    heights = [np.concatenate([stroke.points[:, 1] for stroke in form]) for form in forms]
    top, bottom = (float(np.mean([edge(rows) for rows in heights])) for edge in (np.min, np.max))
    return CAPITAL_ROW + top * _PIXELS, CAPITAL_ROW + bottom * _PIXELS


