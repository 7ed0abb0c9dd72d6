"""The folders of .npy files that the report's course gave out, written and read.

A file is PART/HEX/NUMBER_HEX.npy: PART train, valid or test, HEX the character's ASCII code, which gives the label. Its
image is 1x100x100, paper 1 and ink 0 (or 255 and 0); in this program ink is 1, so reading and writing invert it. Files
were given out in several forms, most of them pickles: all are read (`train.data.safe_pickle`), and nothing in them is
run.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontdemo.alphabet import Alphabet, from_hex, to_hex
from fontdemo.errors import FontdemoError
from fontdemo.glyph.layout import SIDE
from train.data import safe_pickle
from train.data.build import versions
from train.data.glyphset import GIVEN, MAX_ABOUT, MAX_IMAGES, PARTS, About, FaceNote, GlyphSet, GlyphSetError
from train.parallel import Progress

#: What an export says of itself, beside the folders; an import without it knows the faces by number only.
ABOUT_FILE = "faces.json"

#: A file larger than this holds more than an image.
LARGEST_FILE = 1_000_000

#: The form written: np.load(path)["image"] is (1, 100, 100).
_RECORD = np.dtype([("image", np.uint8, (1, SIDE, SIDE)), ("label", np.int64)])

_NAME = re.compile(r"(\d{1,9})_[0-9a-fA-F]{2}\.npy")


class CourseFileError(FontdemoError):
    """A file holds no image of the course's form; says what is wrong with it."""


def write(glyphs: GlyphSet, folder: Path, *, progress: Progress | None = None) -> int:
    """Writes every image of `glyphs` below `folder`, with ABOUT_FILE beside; how many.

    FontdemoError if the folder has something in it. progress(done, all) counts images.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FontdemoError(f"{folder} is not empty; name a new folder.")
    codes = [to_hex(character) for character in glyphs.alphabet.classes]
    for part in {PARTS[number] for number in np.unique(glyphs.split)}:
        for code in codes:
            (folder / part / code).mkdir(parents=True)
    for index in range(len(glyphs)):
        record = np.zeros((), _RECORD)
        record["image"] = 255 - glyphs.images[index]
        record["label"] = glyphs.labels[index]
        code = codes[glyphs.labels[index]]
        np.save(folder / PARTS[glyphs.split[index]] / code / f"{glyphs.face[index]}_{code}.npy", record)
        if progress:
            progress(index + 1, len(glyphs))
    (folder / ABOUT_FILE).write_bytes(glyphs.about().to_json())
    return len(glyphs)


def read(
    folder: Path,
    alphabet: Alphabet,
    *,
    refused: Callable[[Path, str], None] | None = None,
    progress: Progress | None = None,
) -> GlyphSet:
    """The data set in `folder`; of an export, equal to what was exported.

    A file that cannot be used is skipped: refused(path, reason) is called, and the set's notice counts them.
    alphabet: that of the labels, unless ABOUT_FILE names another. progress(done, all) counts files. FontdemoError if no
    image is found, or more than a data set may have.
    """
    about = _about(folder)
    alphabet = about.alphabet if about else alphabet
    files = list(_files(folder))
    found: list[tuple[int, int, int, NDArray[np.uint8]]] = []
    reasons = 0
    for done, (part, path) in enumerate(files):
        try:
            label, number = _label_and_number(path, alphabet)
            if about and number >= len(about.faces):
                raise CourseFileError(f"its face, {number}, is not in {ABOUT_FILE}")
            found.append((number, label, part, read_image(path)))
        except CourseFileError as error:
            reasons += 1
            if refused:
                refused(path, str(error))
        if progress:
            progress(done + 1, len(files))
    if not found:
        raise FontdemoError(
            f"There is no image in {folder.name} that can be used: it should hold files like train/30/395_30.npy."
        )
    found.sort(key=lambda item: item[:3])
    numbers = np.array([number for number, _, _, _ in found], np.int64)
    if about is None:
        kept, numbers = np.unique(numbers, return_inverse=True)
        faces = tuple(FaceNote(f"Face {number}", "", "", "", "", str(number)) for number in kept)
        about = About(faces, alphabet, "course", GIVEN, 0, versions())
    if reasons:
        about = replace(about, notice=f"{about.notice} {reasons} files could not be used.".strip())
    return about.with_images(
        images=np.stack([image for _, _, _, image in found]),
        labels=np.array([label for _, label, _, _ in found], np.int64),
        face=numbers.astype(np.int64),
        split=np.array([part for _, _, part, _ in found], np.uint8),
    )


def read_image(path: Path) -> NDArray[np.uint8]:
    """The image in one file, turned to ink 255 and paper 0: uint8 (100, 100). CourseFileError if there is none."""
    try:
        if not path.is_file():
            raise CourseFileError("it is not a plain file")
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise CourseFileError(f"it is larger than {LARGEST_FILE} bytes")
        return 255 - _grey(_image_in(_contents(data)))
    except OSError as error:
        raise CourseFileError(f"it cannot be read: {error.strerror}") from error
    except safe_pickle.PickleError as error:
        raise CourseFileError(str(error)) from error


def _about(folder: Path) -> About | None:
    file = folder / ABOUT_FILE
    if not file.is_file():
        return None
    if file.stat().st_size > MAX_ABOUT:
        raise FontdemoError(f"{ABOUT_FILE} is too large.")
    try:
        return About.from_json(file.read_bytes())
    except GlyphSetError as error:
        raise FontdemoError(f"{ABOUT_FILE} cannot be used: {error}. Remove it to read without it.") from error


def _files(folder: Path) -> Iterator[tuple[int, Path]]:
    """(index in PARTS, file) of every .npy file two levels below the parts, in a fixed order."""
    if not folder.is_dir():
        raise FontdemoError(f"There is no folder {folder}.")
    count = 0
    for part, name in enumerate(PARTS):
        for path in sorted((folder / name).glob("*/*.npy")):
            count += 1
            if count > MAX_IMAGES:
                raise FontdemoError(f"There are more than {MAX_IMAGES} files in {folder.name}.")
            yield part, path


def _label_and_number(path: Path, alphabet: Alphabet) -> tuple[int, int]:
    """(label, number of the face) that a file's folder and name stand for."""
    character = from_hex(path.parent.name)
    label = None if character is None else alphabet.label(character)
    if label is None:
        raise CourseFileError(f"its folder, {path.parent.name}, is not a character of the alphabet {alphabet.name}")
    if not (name := _NAME.fullmatch(path.name)):
        raise CourseFileError("its name is not of the form 395_30.npy")
    return label, int(name[1])


def _contents(data: bytes) -> Any:
    """What a file holds: an array of numbers or records, or what `plain_pickle` makes of it."""
    if not data.startswith(np.lib.format.MAGIC_PREFIX):
        return safe_pickle.read(data)
    file = io.BytesIO(data)
    try:
        if np.lib.format.read_magic(file) == (1, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
        else:
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(file)
    # numpy evaluates the header as a literal, which fails in as many ways as there are damaged headers.
    except Exception as error:
        raise CourseFileError("its header is damaged") from error
    rest = data[file.tell() :]
    if dtype.hasobject:
        return safe_pickle.read(rest)
    size = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if len(shape) > 8 or any(length < 0 for length in shape) or size != len(rest) or not rest:
        raise CourseFileError("it is cut short, or longer than its header says")
    return np.frombuffer(rest, dtype).reshape(shape, order="F" if fortran else "C")


def _image_in(thing: Any, depth: int = 0) -> NDArray[Any]:
    """The array of numbers that is the image: itself, the field "image", or the first of (image, label)."""
    if depth > 4:
        raise CourseFileError("its image lies too deep")
    if isinstance(thing, np.ndarray):
        if thing.dtype.names is None:
            return thing
        if "image" not in thing.dtype.names or thing.size != 1:
            raise CourseFileError('it has no field "image"')
        return np.asarray(thing.reshape(1)["image"][0])
    if isinstance(thing, dict):
        if "image" not in thing:
            raise CourseFileError('it has no entry "image"')
        return _image_in(thing["image"], depth + 1)
    if isinstance(thing, safe_pickle.Array):
        if not isinstance(thing.data, list):
            return thing.numbers()
        names = thing.type.names if isinstance(thing.type, safe_pickle.Type) else ()
        if not names:
            return _image_in(thing.items(), depth + 1)
        record = thing.items()[0] if len(thing.items()) == 1 else None
        if "image" not in names or not isinstance(record, tuple) or len(record) != len(names):
            raise CourseFileError('it has no field "image"')
        return _image_in(record[names.index("image")], depth + 1)
    if isinstance(thing, (list, tuple)) and len(thing) in (1, 2):
        return _image_in(thing[0], depth + 1)
    raise CourseFileError("it holds no image")


def _grey(image: NDArray[Any]) -> NDArray[np.uint8]:
    """Numbers 0..1 or 0..255 as uint8 (100, 100), 255 for 1."""
    if image.dtype.kind not in "biuf" or image.squeeze().shape != (SIDE, SIDE):
        raise CourseFileError(f"its image is {image.dtype} {image.shape} instead of 1x{SIDE}x{SIDE} numbers")
    values = image.squeeze().astype(np.float64)
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > 255:
        raise CourseFileError("its image has values outside 0 to 255")
    return np.round(values * (255 if values.max() <= 1 else 1)).astype(np.uint8)
