"""The data set: glyph images with their labels, faces and split, held in memory and in one packed file.

The packed file is an .npz (zip of .npy members) that numpy alone can read: labels, face, split, about (JSON as bytes)
and the images in chunks, so that several threads inflate them. A file's claims are checked before anything is
inflated, and nothing in it is unpickled. Making a set from fonts is `train.build`, the course's folders
`train.course_files`.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontdemo.alphabet import ALPHABETS, Alphabet
from fontdemo.errors import FontdemoError
from fontdemo.layout import LAYOUTS, SIDE

PARTS = ("train", "valid", "test")
SPLITS = ("families", "random")

# What a file may say of its split: it came divided, as the course's folders do.
GIVEN = "given"

#: How the glyphs were put on paper: as the face has them, as a pen draws them (`train.drawn`), or by made-up writers
#: without a face (`train.written`).
INKS = ("printed", "drawn", "written")

#: Ink of sets that no faces are needed for and `data build` does not make: drawings by people.
PEOPLE = "people"

#: What a set joined from others says of its layout or ink where they differ.
MIXED = "mixed"

#: More images than this (5 GB of them) are neither made nor read.
MAX_IMAGES = 500_000

#: Images a chunk: buffers this small are used over again, which loads several times as fast as large ones.
CHUNK = 520

#: Longest description, in bytes.
MAX_ABOUT = 16 * 2**20
# One moment for every member, so that equal sets make equal files.
_EPOCH = (1980, 1, 1, 0, 0, 0)


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
            plain = json.loads(data)
        except (ValueError, RecursionError):
            raise GlyphSetError("its description is no JSON") from None
        kinds = {"faces": list, "alphabet": str, "layout": str, "split_rule": str, "seed": int, "versions": dict,
                 "notice": str, "ink": str}  # fmt: skip
        if isinstance(plain, dict):
            plain.setdefault("ink", INKS[0])  # files made before there was a choice do not say
        if not isinstance(plain, dict) or any(type(plain.get(key)) is not kind for key, kind in kinds.items()):
            raise GlyphSetError("its description is incomplete")
        if plain["alphabet"] not in ALPHABETS or plain["layout"] not in (*LAYOUTS, MIXED):
            raise GlyphSetError("its alphabet or layout is unknown")
        if plain["ink"] not in (*INKS, PEOPLE, MIXED):
            raise GlyphSetError("its ink is unknown")
        if plain["split_rule"] not in (*SPLITS, GIVEN):
            raise GlyphSetError("its split is unknown")
        widths = (len(fields(FaceNote)) - 1, len(fields(FaceNote)))  # older files do not say `among`
        if any(type(note) is not list or len(note) not in widths or not _all_texts(note) for note in plain["faces"]):
            raise GlyphSetError("its list of faces is damaged")
        if not _all_texts(plain["versions"].values()):
            raise GlyphSetError("its list of versions is damaged")
        faces = tuple(FaceNote(*note) for note in plain["faces"])
        others = [plain[key] for key in ("layout", "split_rule", "seed", "versions", "notice", "ink")]
        return About(faces, ALPHABETS[plain["alphabet"]], *others)

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

    split: uint8 (N,): the image's place in PARTS. The rest: see `About`.
    outliers: uint8 (M, 100, 100), images of what is no character; outlier_split: uint8 (M,), their places in PARTS.
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
        """(images, labels) of the part called `name`; FontdemoError if there is no such part."""
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
        chosen: NDArray[np.uint8] = self.outliers[self.outlier_split == PARTS.index(part)]
        return chosen

    def fingerprint(self) -> str:
        """SHA-256 of what a network would see: images, labels, split, alphabet and layout; 64 hexadecimal digits."""
        digest = hashlib.sha256(json.dumps([self.alphabet.name, self.layout, len(self)]).encode())
        for values in (self.labels.astype("<i8"), self.split, self.images):
            digest.update(np.ascontiguousarray(values).data)
        if any(face.among for face in self.faces) or len(self.outliers):
            among = json.dumps([face.among for face in self.faces]).encode()
            for more in (self.face.astype("<i8"), self.outlier_split, self.outliers):
                digest.update(np.ascontiguousarray(more).data)
            digest.update(among)
        return digest.hexdigest()

    def about(self) -> About:
        """Everything but the arrays."""
        return About(**{f.name: getattr(self, f.name) for f in fields(About)})

    def save(self, path: Path) -> None:
        """Writes the packed file, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                _write(archive, "about", np.frombuffer(self.about().to_json(), np.uint8))
                _write(archive, "labels", self.labels.astype("<i8"))
                _write(archive, "face", self.face.astype("<i8"))
                _write(archive, "split", self.split)
                if len(self.outliers):
                    _write(archive, "outlier_split", self.outlier_split)
                for name, images in (("images", self.images), ("outliers", self.outliers)):
                    for number, start in enumerate(range(0, len(images), CHUNK)):
                        _write(archive, f"{name}{number:04}", images[start : start + CHUNK])
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)

    @staticmethod
    def load(path: Path) -> GlyphSet:
        """Reads a packed file; GlyphSetError if it is none, is damaged, or claims more than it may."""
        with opened(path) as archive:
            return _read(archive)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The packed file as an archive; whatever is wrong with it, then or while it is read, is told as GlyphSetError."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise GlyphSetError(f"{path.name} cannot be opened: {error.strerror or error}.") from error
    except GlyphSetError as error:
        raise GlyphSetError(f"{path.name} is no data set of fontdemo: {error}.") from error
    # zipfile, zlib, json and numpy each have their own ways to complain of damage.
    except Exception as error:
        raise GlyphSetError(f"{path.name} is no data set, or is damaged.") from error


def _write(archive: zipfile.ZipFile, name: str, values: NDArray[Any]) -> None:
    member = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(member, "w") as file:
        np.lib.format.write_array(file, values, version=(1, 0), allow_pickle=False)


def read_index(
    archive: zipfile.ZipFile,
) -> tuple[About, NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
    """All but the images: what the set says of itself, labels, faces and parts (see `GlyphSet`)."""
    about = About.from_json(_member(archive, "about", np.uint8, (), MAX_ABOUT).tobytes())
    labels = _member(archive, "labels", np.int64, (), MAX_IMAGES)
    face = _member(archive, "face", np.int64, (), len(labels))
    split = _member(archive, "split", np.uint8, (), len(labels))
    _check_ranges(about, labels, face, split)
    return about, labels, face, split


def read_chunk(archive: zipfile.ZipFile, number: int, count: int, name: str = "images") -> NDArray[np.uint8]:
    """Images number * CHUNK and following, of `count` in all called `name`: uint8 (up to CHUNK, 100, 100)."""
    wanted = min(CHUNK, count - number * CHUNK)
    chunk = _member(archive, f"{name}{number:04}", np.uint8, (SIDE, SIDE), wanted)
    if len(chunk) != wanted:
        raise GlyphSetError("a chunk of images is short")
    return chunk


def _read(archive: zipfile.ZipFile) -> GlyphSet:
    about, labels, face, split = read_index(archive)
    outlier_split = np.zeros(0, np.uint8)
    if "outlier_split.npy" in archive.namelist():
        outlier_split = _member(archive, "outlier_split", np.uint8, (), MAX_IMAGES)
    outliers = _read_images(archive, "outliers", len(outlier_split))
    return about.with_images(
        _read_images(archive, "images", len(labels)), labels, face, split, outliers, outlier_split
    )


def _read_images(archive: zipfile.ZipFile, name: str, count: int) -> NDArray[np.uint8]:
    """All chunks of `name` put together: uint8 (count, 100, 100)."""
    images = np.empty((count, SIDE, SIDE), np.uint8)
    starts = list(range(0, count, CHUNK))
    found = sum(member.startswith(name) for member in archive.namelist())
    if found != len(starts):
        raise GlyphSetError(f"there are {found} chunks of {name} instead of {len(starts)}")

    def inflate(number: int) -> None:
        chunk = read_chunk(archive, number, count, name)
        images[starts[number] : starts[number] + len(chunk)] = chunk

    with ThreadPoolExecutor() as pool:
        list(pool.map(inflate, range(len(starts))))
    return images


def _member(
    archive: zipfile.ZipFile, name: str, dtype: type[Any], inner: tuple[int, ...], limit: int
) -> NDArray[Any]:
    """The array `name`, of shape (up to limit, *inner) and this dtype; its header is checked before the rest."""
    info = archive.getinfo(f"{name}.npy")
    with archive.open(info) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise GlyphSetError(f"{name} has an unknown form")
        shape, fortran, found = np.lib.format.read_array_header_1_0(file)
        size = int(np.prod(shape, dtype=object)) * found.itemsize
        if found != np.dtype(dtype) or fortran or shape[1:] != inner or len(shape) != 1 + len(inner):
            raise GlyphSetError(f"{name} is of shape {shape} and type {found}")
        if shape[0] > limit or info.file_size != file.tell() + size:
            raise GlyphSetError(f"{name} is of another size than it may be")
        data = file.read(size)
    if len(data) != size:
        raise GlyphSetError(f"{name} is cut short")
    return np.frombuffer(data, dtype).reshape(shape)


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
