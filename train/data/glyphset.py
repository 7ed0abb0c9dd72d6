"""The data set: glyph images with their labels, faces and split, held in memory and in one packed file.

The packed file is an .npz (zip of .npy members) that numpy alone can read: labels, face, split, about (JSON as bytes)
and the images in chunks, so that several threads inflate them. A file's claims are checked before anything is
inflated, and nothing in it is unpickled. Making a set from fonts is `train.data.build`, the course's folders
`train.data.course_files`.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontdemo.alphabet import ALPHABETS, Alphabet
from fontdemo.errors import FontdemoError
from fontdemo.files import atomic_write
from fontdemo.glyph.layout import LAYOUTS, SIDE

PARTS = ("train", "valid", "test")
SPLITS = ("families", "random")

# What a file may say of its split: it came divided, as the course's folders do.
GIVEN = "given"

#: How the glyphs were put on paper: as the face has them, as a pen draws them (`train.handwriting.traced`), or by
#: made-up writers without a face (`train.handwriting.writers`).
INKS = ("printed", "drawn", "written")

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

    key: faces of one key are of one family or of families that share glyphs.
    """

    family: str
    style: str
    category: str
    kind: str
    file: str
    key: str


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
        if plain["ink"] not in (*INKS, MIXED):
            raise GlyphSetError("its ink is unknown")
        if plain["split_rule"] not in (*SPLITS, GIVEN):
            raise GlyphSetError("its split is unknown")
        width = len(fields(FaceNote))
        if any(type(note) is not list or len(note) != width or not _all_texts(note) for note in plain["faces"]):
            raise GlyphSetError("its list of faces is damaged")
        if not _all_texts(plain["versions"].values()):
            raise GlyphSetError("its list of versions is damaged")
        faces = tuple(FaceNote(*note) for note in plain["faces"])
        others = [plain[key] for key in ("layout", "split_rule", "seed", "versions", "notice", "ink")]
        return About(faces, ALPHABETS[plain["alphabet"]], *others)

    def with_images(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64], face: NDArray[np.int64], split: NDArray[np.uint8]
    ) -> GlyphSet:
        """The set of these images; GlyphSetError if a label, face or part is out of range."""
        _check_ranges(self, labels, face, split)
        return GlyphSet(images, labels, face, split, **{f.name: getattr(self, f.name) for f in fields(self)})


@dataclass(frozen=True, eq=False)
class GlyphSet:
    """images: uint8 (N, 100, 100), ink 255. labels: int64 (N,) in the alphabet's order. face: int64 (N,), into faces.

    split: uint8 (N,): the image's index in PARTS. The rest: see `About`.
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

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, name: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """(images, labels) of the part called `name`; FontdemoError if there is no such part."""
        if name not in PARTS:
            raise FontdemoError(f"There is no part {name!r}; there are {', '.join(PARTS)}.")
        chosen = self.split == PARTS.index(name)
        return self.images[chosen], self.labels[chosen]

    def fingerprint(self) -> str:
        """SHA-256 of what a network would see: images, labels, split, alphabet and layout; 64 hexadecimal digits."""
        digest = hashlib.sha256(json.dumps([self.alphabet.name, self.layout, len(self)]).encode())
        for values in (self.labels.astype("<i8"), self.split, self.images):
            digest.update(np.ascontiguousarray(values).data)
        return digest.hexdigest()

    def about(self) -> About:
        """Everything but the arrays."""
        return About(**{f.name: getattr(self, f.name) for f in fields(About)})

    def save(self, path: Path, level: int = 6) -> None:
        """Writes the packed file, whole or not at all. level: of compression, up to 9, which takes twice as long."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            atomic_write(path) as fresh,
            zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive,
        ):
            _write(archive, "about", np.frombuffer(self.about().to_json(), np.uint8))
            _write(archive, "labels", self.labels.astype("<i8"))
            _write(archive, "face", self.face.astype("<i8"))
            _write(archive, "split", self.split)
            for number, start in enumerate(range(0, len(self), CHUNK)):
                _write(archive, f"images{number:04}", self.images[start : start + CHUNK])

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


def read_chunk(archive: zipfile.ZipFile, number: int, count: int) -> NDArray[np.uint8]:
    """The images number * CHUNK and following, of `count` in all: uint8 (up to CHUNK, 100, 100)."""
    wanted = min(CHUNK, count - number * CHUNK)
    chunk = _member(archive, f"images{number:04}", np.uint8, (SIDE, SIDE), wanted)
    if len(chunk) != wanted:
        raise GlyphSetError("a chunk of images is short")
    return chunk


def _read(archive: zipfile.ZipFile) -> GlyphSet:
    about, labels, face, split = read_index(archive)
    count = len(labels)
    images = np.empty((count, SIDE, SIDE), np.uint8)
    starts = list(range(0, count, CHUNK))
    names = [name for name in archive.namelist() if name.startswith("images")]
    if len(names) != len(starts):
        raise GlyphSetError(f"there are {len(names)} chunks of images instead of {len(starts)}")

    def inflate(number: int) -> None:
        chunk = read_chunk(archive, number, count)
        images[starts[number] : starts[number] + len(chunk)] = chunk

    with ThreadPoolExecutor() as pool:
        list(pool.map(inflate, range(len(starts))))
    return about.with_images(images, labels, face, split)


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
