"""What networks are measured on: sets of images with the character that each one shows.

Packed data sets (their families held out of training), pen strokes, pictures in folders or in an .npz. Strokes and
pictures go through the same code as in `python -m fontdemo read`: `fontdemo.glyph.glyph`. Nothing is measured here.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fontdemo.alphabet import CHARACTERS, from_hex
from fontdemo.errors import FontdemoError, GlyphError
from fontdemo.glyph.glyph import Glyph, from_drawing
from fontdemo.glyph.interpretations import interpretations
from fontdemo.glyph.strokes import Drawing
from train.data.glyphset import PEOPLE, GlyphSet

#: Called after each image with how many are done.
Progress = Callable[[int], object]


class BenchmarkError(FontdemoError):
    """A set to measure on cannot be made; says which and why."""


@dataclass(frozen=True, eq=False)
class Others:
    """The other interpretations of a picture (`fontdemo.glyph.interpretations`). images: float32 (k, 100, 100).

    priors: k + 1 of them, the likeliest one's first.
    """

    images: NDArray[np.float32]
    priors: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class EvalSet:
    """Images that show one character each.

    name: what its row is called. images: uint8 (N, 100, 100), ink 255, or float32, ink 1. truths: N characters out of
    `alphabet.CHARACTERS`. source, cropped: as `Glyph` has them. refused: the characters of pictures in which none was
    found. others: index of a picture -> its interpretations beside the likeliest, which `images` shows.
    """

    name: str
    images: NDArray[Any]
    truths: str
    source: Literal["drawing", "picture"]
    refused: str = ""
    cropped: bool = True
    others: Mapping[int, Others] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.truths)

    def glyphs(self) -> Iterator[Glyph]:
        """The images as `Reader` takes them, in order."""
        for image in self.images:
            yield Glyph(_ink(image), (), self.source, self.cropped)

    def ink(self, indices: Iterable[int]) -> NDArray[np.uint8]:
        """The images at `indices` as uint8 (n, 100, 100), ink 255, for show and for other readers."""
        chosen = self.images[np.asarray(list(indices), dtype=np.int64)]
        return chosen if chosen.dtype == np.uint8 else np.round(255 * chosen).astype(np.uint8)

    def subset(self, indices: NDArray[np.int64]) -> EvalSet:
        """The set of the images at `indices` alone; the refused pictures stay behind."""
        truths = "".join(self.truths[index] for index in indices)
        others = {new: self.others[old] for new, old in enumerate(indices.tolist()) if old in self.others}
        return replace(self, images=self.images[indices], truths=truths, refused="", others=others)


@dataclass(frozen=True, eq=False)
class Sample:
    """Some of a set's images: the smaller set, and their indices (n,) in the whole, rising."""

    evalset: EvalSet
    indices: NDArray[np.int64]


def sample(evalset: EvalSet, count: int, seed: int) -> Sample:
    """`count` images of `evalset` drawn by `seed`, under a name that says so; the whole set where it has no more."""
    if len(evalset) <= count:
        return Sample(evalset, np.arange(len(evalset)))
    indices = np.sort(np.random.default_rng(seed).choice(len(evalset), count, replace=False))
    return Sample(replace(evalset.subset(indices), name=f"{evalset.name}, {count:,} of them"), indices)


def _ink(image: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(image / np.float32(255) if image.dtype == np.uint8 else image, dtype=np.float32)


def from_data(data: GlyphSet) -> EvalSet:
    """The test part of a packed set, or its valid part where that is empty; BenchmarkError if both are."""
    for part in ("test", "valid"):
        images, labels = data.part(part)
        if len(images):
            unseen = "unseen people" if data.ink == PEOPLE else "unseen families"
            held_out = unseen if data.split_rule == "families" else f"split {data.split_rule}"
            truths = "".join(data.alphabet.classes[label] for label in labels)
            ink = "" if data.ink in ("printed", PEOPLE) else f", {data.ink}"
            return EvalSet(f"{held_out}, {data.layout}{ink}", images, truths, "picture", cropped=data.layout == "fit")
    raise BenchmarkError("The data set has neither a test nor a valid part to measure on.")


def outliers_from(data: GlyphSet) -> EvalSet | None:
    """What is no character in a packed set's test part, or else in its valid part; None if there is nothing."""
    for part in ("test", "valid"):
        images = data.outliers_of(part)
        if len(images):
            cropped = data.layout == "fit"
            return EvalSet("other scripts and signs", images, "?" * len(images), "drawing", cropped=cropped)
    return None


def from_strokes(file: Path, progress: Progress = lambda _: None) -> EvalSet:
    """Pen strokes: JSON {character: [drawing, ...]}, a drawing as `fontdemo.glyph.glyph.from_drawing` takes it.

    Coordinates are of any scale, so each drawing is fitted. BenchmarkError if the file is anything else.
    """
    try:
        drawings = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BenchmarkError(f"Can't read {file.name}: {error.strerror or error}.") from None
    except (ValueError, RecursionError):
        raise BenchmarkError(f"{file.name} is not JSON.") from None
    if not isinstance(drawings, dict) or not all(isinstance(found, list) for found in drawings.values()):
        raise BenchmarkError(f"{file.name} does not hold lists of drawings by character.")

    def fit(drawing: Drawing) -> list[tuple[float, NDArray[np.float32]]]:
        return [(1.0, from_drawing(drawing, fit=True).image)]

    return _made("strokes", "drawing", fit, _pairs(file.name, drawings), progress)


def from_pictures(path: Path, progress: Progress = lambda _: None) -> EvalSet:
    """Pictures of any format and polarity: a folder of folders named by hexadecimal ASCII, or an .npz.

    The .npz: x uint8 (N, H, W) or (N, H, W, 3), y whole numbers (N,), classes: a character for each y.
    BenchmarkError if it is anything else. Folders of other names and hidden files are skipped.
    """
    name = path.stem or "pictures"
    pictures = _in_folders(path) if path.is_dir() else _in_npz(path)
    with warnings.catch_warnings():
        # Pillow warns of small flaws in files that it reads all the same.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        return of_pictures(f"pictures, {name}", pictures, progress)


def _in_folders(folder: Path) -> list[tuple[str, Any]]:
    homes = {home: from_hex(home.name) for home in sorted(folder.iterdir()) if home.is_dir()}
    pictures = [
        (character, file)
        for home, character in homes.items()
        if character is not None
        for file in sorted(home.iterdir())
        if file.is_file() and not file.name.startswith(".")
    ]
    if not pictures:
        raise BenchmarkError(f"{folder.name} holds no pictures in folders named in hexadecimal ASCII, as 41 for A.")
    return pictures


def _in_npz(file: Path) -> list[tuple[str, Any]]:
    try:
        with np.load(file, allow_pickle=False) as held:
            x, y, classes = held["x"], held["y"], [str(name) for name in held["classes"]]
        if x.dtype != np.uint8 or x.ndim not in (3, 4) or y.shape != x.shape[:1] or y.dtype.kind not in "iu":
            raise ValueError("x, y and classes do not fit together")
        if not all(0 <= int(label) < len(classes) for label in y):
            raise ValueError("a label is out of range")
        _check_characters(file.name, classes)
        return [(classes[label], Image.fromarray(picture)) for picture, label in zip(x, y, strict=True)]
    except BenchmarkError:
        raise
    except OSError as error:
        raise BenchmarkError(f"Can't read {file.name}: {error.strerror or error}.") from None
    # zipfile, zlib, numpy and Pillow each have their own ways to complain.
    except Exception as error:
        raise BenchmarkError(f"{file.name} is not a .npz of pictures with x, y and classes: {error}.") from None


def _pairs(name: str, drawings: Mapping[str, list[Any]]) -> list[tuple[str, Any]]:
    _check_characters(name, drawings)
    return [(character, drawing) for character, found in drawings.items() for drawing in found]


def _check_characters(name: str, characters: Iterable[str]) -> None:
    for character in characters:
        if len(character) != 1 or character not in CHARACTERS:
            raise BenchmarkError(f"{name} names {character!r}, which is not one of the 62 characters.")


def of_pictures(name: str, pictures: Iterable[tuple[str, Any]], progress: Progress = lambda _: None) -> EvalSet:
    """The set of pictures, each with its true character, as the page and the command line see them."""

    def see(picture: Any) -> list[tuple[float, NDArray[np.float32]]]:
        return [(one.prior, one.glyph.image) for one in interpretations(picture)]

    return _made(name, "picture", see, pictures, progress)


def _made(
    name: str,
    source: Literal["drawing", "picture"],
    see: Callable[[Any], list[tuple[float, NDArray[np.float32]]]],
    pairs: Iterable[tuple[str, Any]],
    progress: Progress,
) -> EvalSet:
    """The set of what `see` makes of each pair's second: images with their priors; what it refuses is counted."""
    images: list[NDArray[np.float32]] = []
    truths: list[str] = []
    refused: list[str] = []
    others: dict[int, Others] = {}
    for done, (character, thing) in enumerate(pairs, start=1):
        try:
            found = see(thing)
            priors, seen = tuple(prior for prior, _ in found), [image for _, image in found]
            if len(seen) > 1:
                others[len(images)] = Others(np.stack(seen[1:]), priors)
            images.append(seen[0])
            truths.append(character)
        except GlyphError:
            refused.append(character)
        progress(done)
    if not images:
        raise BenchmarkError(f"There is no character in any of the {name}.")
    return EvalSet(name, np.stack(images), "".join(truths), source, "".join(refused), others=others)
