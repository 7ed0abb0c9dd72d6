"""The data set: glyph images with their labels, faces and split, held in memory and in one packed file.

The packed file is an .npz (`train.arrays`) that numpy alone can read: labels, face, split, about (JSON as bytes) and
the images in chunks; where there are any, outliers in chunks and outlier_split. Making a set from fonts is
`train.data.build`, the course's folders `train.data.course_files`.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED

import numpy as np
from numpy.typing import NDArray

from fontdemo.alphabet import ALPHABETS, Alphabet
from fontdemo.errors import FontdemoError
from fontdemo.files import atomic_write
from fontdemo.glyph.layout import LAYOUTS, SIDE
from train.arrays import ArrayError, read_array, read_images, write_array, write_chunks
from train.files import parse_json

PARTS = ("train", "valid", "test")
SPLITS = ("families", "random")
#: How a set is split that came divided, as the course's folders do.
GIVEN = "given"

#: How the glyphs were put on paper: as the face has them, traced with a pen (`train.handwriting.traced`), or by made-up
#: writers without a face (`train.handwriting.writers`); older names of the last two; and drawings by people.
INKS = ("printed", "traced", "writers")
OLD_INKS, PEOPLE = {"drawn": "traced", "written": "writers"}, "people"

#: What a set joined from others says of its layout or ink where they differ.
MIXED = "mixed"

#: More images than this (5 GB of them) are neither made nor read.
MAX_IMAGES = 500_000

#: Images a chunk: buffers this small are used over again, which loads several times as fast as large ones.
CHUNK = 520

#: Longest description, in bytes.
MAX_ABOUT = 16 * 2**20


class GlyphSetError(FontdemoError):
    """A file is no data set, or is broken; says which and why."""


@dataclass(frozen=True)
class FaceNote:
    """What a set remembers of a face: names as the font gives them, its category and kind, the file's name.

    key: faces of one key are of one family or of families that share glyphs. among: the characters that those of this
    face, or person, are chosen from, where the collection has no others; "" is all of the alphabet.
    """

    family: str
    style: str
    category: str
    kind: str
    file: str
    key: str
    among: str = ""


@dataclass(frozen=True)
class About:
    """What a set says of itself. layout, split_rule, seed, ink: how it was made; versions of what it was made with;
    notice: what a user should know of it, or empty.
    """

    faces: tuple[FaceNote, ...]
    alphabet: Alphabet
    layout: str
    split_rule: str
    seed: int
    versions: dict[str, str]
    notice: str = ""
    ink: str = "printed"

    def to_json(self) -> bytes:
        """As JSON, read back by `from_json`."""
        plain = asdict(self) | {"alphabet": self.alphabet.name, "faces": [astuple(note) for note in self.faces]}
        return json.dumps(plain, indent=1).encode()

    @staticmethod
    def from_json(data: bytes) -> About:
        """What `to_json` wrote; GlyphSetError for anything else."""
        try:
            plain = parse_json(data)
        except ValueError:
            raise GlyphSetError("its description is not JSON") from None
        types = {"faces": list, "alphabet": str, "layout": str, "split_rule": str, "seed": int, "versions": dict,
                 "notice": str, "ink": str}  # fmt: skip
        if isinstance(plain, dict):
            plain.setdefault("ink", INKS[0])  # files made before there was a choice do not say
        if not isinstance(plain, dict) or any(type(plain.get(key)) is not wanted for key, wanted in types.items()):
            raise GlyphSetError("its description is incomplete")
        if plain["alphabet"] not in ALPHABETS or plain["layout"] not in (*LAYOUTS, MIXED):
            raise GlyphSetError("its alphabet or layout is unknown")
        plain["ink"] = OLD_INKS.get(plain["ink"], plain["ink"])
        if plain["ink"] not in (*INKS, PEOPLE, MIXED):
            raise GlyphSetError("its ink is unknown")
        if plain["split_rule"] not in (*SPLITS, GIVEN):
            raise GlyphSetError("its split is unknown")
        widths = (len(fields(FaceNote)) - 1, len(fields(FaceNote)))  # older files do not say `among`
        if any(type(note) is not list or len(note) not in widths or not _all_texts(note) for note in plain["faces"]):
            raise GlyphSetError("its list of faces is damaged")
        if not _all_texts(plain["versions"].values()):
            raise GlyphSetError("its list of versions is damaged")
        others = [plain[key] for key in ("layout", "split_rule", "seed", "versions", "notice", "ink")]
        return About(tuple(FaceNote(*note) for note in plain["faces"]), ALPHABETS[plain["alphabet"]], *others)

    def with_images(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        face: NDArray[np.int64],
        split: NDArray[np.uint8],
        outliers: NDArray[np.uint8] | None = None,
        outlier_split: NDArray[np.uint8] | None = None,
    ) -> GlyphSet:
        """The set of these images; GlyphSetError if a label, face or part is out of range."""
        _check_ranges(self, labels, face, split)
        data = GlyphSet(images, labels, face, split, **{f.name: getattr(self, f.name) for f in fields(self)})
        if outliers is None or outlier_split is None:
            return data
        if len(outliers) != len(outlier_split) or (len(outliers) and int(outlier_split.max()) >= len(PARTS)):
            raise GlyphSetError("outliers and their parts do not fit together")
        return replace(data, outliers=outliers, outlier_split=outlier_split)


@dataclass(frozen=True, eq=False)
class GlyphSet:
    """images: uint8 (N, 100, 100), ink 255. labels: int64 (N,) in the alphabet's order. face: int64 (N,), into faces.

    split: uint8 (N,): the image's index in PARTS. The rest: see `About`.
    outliers: uint8 (M, 100, 100), images of what is no character; outlier_split: uint8 (M,), their indices in PARTS.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    face: NDArray[np.int64]
    split: NDArray[np.uint8]
    faces: tuple[FaceNote, ...]
    alphabet: Alphabet
    layout: str
    split_rule: str
    seed: int
    versions: dict[str, str]
    notice: str = ""
    ink: str = "printed"
    outliers: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, SIDE, SIDE), np.uint8))
    outlier_split: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, name: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Copies of (images, labels) of the part called `name`; FontdemoError if there is no such part."""
        if name not in PARTS:
            raise FontdemoError(f"There is no part {name!r}; there are {', '.join(PARTS)}.")
        chosen = self.split == PARTS.index(name)
        return self.images[chosen], self.labels[chosen]

    def choices(self, part: str) -> NDArray[np.bool_] | None:
        """The classes that each image of a part is chosen from (`FaceNote.among`): bool (N, classes); None if from all.

        GlyphSetError if an image's own class is not among them.
        """
        if not any(face.among for face in self.faces):
            return None
        allowed = np.array(
            [[not face.among or character in face.among for character in self.alphabet.classes] for face in self.faces]
        )
        chosen = self.split == PARTS.index(part)
        choices: NDArray[np.bool_] = allowed[self.face[chosen]]
        if not choices[np.arange(len(choices)), self.labels[chosen]].all():
            raise GlyphSetError("a character is none of those that its face is said to have")
        return choices

    def outliers_of(self, part: str) -> NDArray[np.uint8]:
        """The images of no character in a part: uint8 (n, 100, 100), ink 255."""
        return np.asarray(self.outliers[self.outlier_split == PARTS.index(part)])

    def fingerprint(self) -> str:
        """SHA-256 of what a network would see: images, labels, split, alphabet and layout; 64 hexadecimal digits."""
        digest = hashlib.sha256(json.dumps([self.alphabet.name, self.layout, len(self)]).encode())
        for values in (self.labels.astype("<i8"), self.split, self.images):
            digest.update(np.ascontiguousarray(values).data)
        if any(face.among for face in self.faces) or len(self.outliers):
            for more in (self.face.astype("<i8"), self.outlier_split, self.outliers):
                digest.update(np.ascontiguousarray(more).data)
            digest.update(json.dumps([face.among for face in self.faces]).encode())
        return digest.hexdigest()

    def about(self) -> About:
        """Everything but the arrays."""
        return About(**{f.name: getattr(self, f.name) for f in fields(About)})

    def save(self, path: Path, level: int = 6) -> None:
        """Writes the packed file, whole or not at all. level: of compression, up to 9, which takes twice as long."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as fresh, zipfile.ZipFile(fresh, "w", ZIP_DEFLATED, compresslevel=level) as archive:
            write_array(archive, "about", np.frombuffer(self.about().to_json(), np.uint8))
            write_array(archive, "labels", self.labels.astype("<i8"))
            write_array(archive, "face", self.face.astype("<i8"))
            write_array(archive, "split", self.split)
            if len(self.outliers):
                write_array(archive, "outlier_split", self.outlier_split)
            write_chunks(archive, "images", self.images, CHUNK)
            write_chunks(archive, "outliers", self.outliers, CHUNK)

    @staticmethod
    def load(path: Path) -> GlyphSet:
        """Reads a packed file; GlyphSetError if it is none, is damaged, or claims more than it may."""
        with opened(path) as archive:
            return _read(archive)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The packed file as an archive; whatever is wrong with it, then or while it is read, becomes a GlyphSetError."""
    try:
        if path.is_fifo():  # a run's folder may name anything, and whoever opens a pipe waits for ever
            raise GlyphSetError("it is no file")
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise GlyphSetError(f"{path.name} cannot be opened: {error.strerror or error}.") from error
    except (GlyphSetError, ArrayError) as error:
        raise GlyphSetError(f"{path.name} is not a fontdemo data set: {error}.") from error
    except Exception as error:  # zipfile, zlib, json and numpy each have their own ways to complain of damage
        raise GlyphSetError(f"{path.name} is not a data set, or is damaged.") from error


def read_index(archive: zipfile.ZipFile) -> tuple[About, NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
    """All but the images: what the set says of itself, labels, faces and parts (see `GlyphSet`)."""
    about = About.from_json(read_array(archive, "about", np.uint8, (), MAX_ABOUT).tobytes())
    labels = read_array(archive, "labels", np.int64, (), MAX_IMAGES)
    face = read_array(archive, "face", np.int64, (), len(labels))
    split = read_array(archive, "split", np.uint8, (), len(labels))
    _check_ranges(about, labels, face, split)
    return about, labels, face, split


def read_outlier_split(archive: zipfile.ZipFile) -> NDArray[np.uint8]:
    """The parts of the images of no character, if there are any (see `GlyphSet`)."""
    there = "outlier_split.npy" in archive.namelist()
    return read_array(archive, "outlier_split", np.uint8, (), MAX_IMAGES) if there else np.zeros(0, np.uint8)


def _read(archive: zipfile.ZipFile) -> GlyphSet:
    about, labels, face, split = read_index(archive)
    outlier_split = read_outlier_split(archive)
    images = read_images(archive, "images", len(labels), SIDE, CHUNK)
    outliers = read_images(archive, "outliers", len(outlier_split), SIDE, CHUNK)
    return about.with_images(images, labels, face, split, outliers, outlier_split)


def _all_texts(things: Iterable[Any]) -> bool:
    """Whether all are texts that can be shown: no control characters among them."""
    return all(type(thing) is str and thing.isprintable() for thing in things)


def _check_ranges(about: About, labels: NDArray[Any], face: NDArray[Any], split: NDArray[Any]) -> None:
    if not len(labels) == len(face) == len(split):
        raise GlyphSetError("labels, faces and split differ in length")
    tops = (len(about.alphabet), len(about.faces), len(PARTS))
    for name, values, top in zip(("label", "face", "part"), (labels, face, split), tops, strict=True):
        if len(values) and not 0 <= int(values.min()) <= int(values.max()) < top:
            raise GlyphSetError(f"a {name} is out of range")
