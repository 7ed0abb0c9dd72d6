"""From faces to a data set: which faces, which side of the split, and their glyphs rendered.

Everything random comes from one seed and from the faces' names, never from where they lie on this machine.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from functools import partial

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import features

import fontdemo
from fontdemo.alphabet import Alphabet, get_alphabet
from fontdemo.errors import FontdemoError
from fontdemo.glyph.layout import LAYOUTS, SIDE
from train.data.glyphset import INKS, MAX_IMAGES, PARTS, SPLITS, About, FaceNote, GlyphSet
from train.fonts.face import Face
from train.fonts.render import render
from train.fonts.signs import draw_signs
from train.handwriting import traced, writers
from train.handwriting.scribbles import draw_scribbles
from train.parallel import Progress, spread

KINDS = ("text", "all")

#: Families, by the beginning of their keys, whose signs are never learned from: `train.benchmark.sets.symbols` measures
#: by DejaVu, which is Bitstream Vera with more characters.
HELD_OUT = ("dejavu", "bitstreamvera", "verajja")


def build(
    faces: Sequence[Face],
    alphabet: Alphabet,
    *,
    layout: str = "course",
    kind: str = "text",
    split: str = "families",
    train: int = 800,
    valid: int = 300,
    test: int = 0,
    seed: int = 0,
    ink: str = "printed",
    like: Sequence[GlyphSet] = (),
    progress: Progress | None = None,
    workers: int | None = None,
) -> GlyphSet:
    """A data set of train + valid + test faces, every class of `alphabet` in each.

    split `families`: no family is in two parts; `random`: each image goes into a part at random, as many of every
    class. ink `traced`: drawn with a pen (`train.handwriting.traced`), in faces that allow it; `writers`: by made-up
    writers (`train.handwriting.writers`), who need no faces and are counted instead. like: families that are in
    the training part of one of these sets are in this one's too, those in other parts of one in the validation part.
    kind `text`: text faces only. With fewer faces than asked for, all are used in the same proportions, and the set's
    notice says so. progress(done, all) counts faces. FontdemoError for settings that make no set.
    """
    for what, value, known in (
        ("layout", layout, LAYOUTS), ("kind", kind, KINDS), ("split", split, SPLITS), ("ink", ink, INKS),
    ):  # fmt: skip
        if value not in known:
            raise FontdemoError(f"There is no {what} {value!r}; there are {', '.join(known)}.")
    asked = (train, valid, test)
    if min(asked) < 0 or train < 1:
        raise FontdemoError("A data set needs at least one training face, and no part may be negative.")
    if sum(asked) * len(alphabet) > MAX_IMAGES:
        raise FontdemoError(f"{sum(asked) * len(alphabet)} images are more than the {MAX_IMAGES} a data set may have.")
    if like and split != "families":
        raise FontdemoError("Only a split by families can be like another set's.")
    if ink == "writers":
        if split != "families" or like:
            raise FontdemoError("Writers are split as families are, and not like another set's.")
        images = writers.write_all(sum(asked), alphabet.classes, layout, seed, progress=progress, workers=workers)
        names = [f"Writer {number + 1}" for number in range(sum(asked))]
        notes = [FaceNote(name, "", "Handwriting", "other", "", name) for name in names]
        split_of = np.repeat(np.arange(len(PARTS)), np.array(asked) * len(alphabet))
        return _filled(About(tuple(notes), alphabet, layout, split, seed, versions(), ink=ink), images, split_of)
    able = [face for face in faces if kind == "all" or face.kind == "text"]
    if ink == "traced":
        able = [face for face in able if face.category in traced.CATEGORIES]
    counts = _parts(asked, len(able))
    rng = random.Random(seed)
    if split == "families":
        sides = _part_families(able, counts, rng, _Sides(like) if like else None)
        chosen = [face for side in sides for face in side]
        split_of = np.repeat(np.arange(len(PARTS)), [len(side) * len(alphabet) for side in sides])
    else:
        chosen = _vary(able, sum(counts), rng)
        parts = [part for part, count in enumerate(counts) for _ in range(count)]
        # One shuffle a class: the parts of its images, face by face.
        split_of = np.array([rng.sample(parts, len(parts)) for _ in alphabet.classes]).T.reshape(-1)
    if ink == "traced":
        made = traced.draw_faces(chosen, alphabet.classes, layout, seed, progress=progress, workers=workers)
        left = [index for index, glyphs in enumerate(made) if glyphs is not None]
        images = np.stack([glyphs for glyphs in made if glyphs is not None])
        chosen = [chosen[index] for index in left]
        split_of = split_of.reshape(-1, len(alphabet))[left].reshape(-1)
    else:
        images = render(chosen, alphabet.classes, layout, progress=progress, workers=workers)
    got = tuple(int((split_of == part).sum()) // len(alphabet) for part in range(len(PARTS)))
    notice = "" if got == asked else f"Asked for {_said(asked)} faces, there were {len(able)}; took {_said(got)}."
    notes = [FaceNote(f.family, f.style, f.category, f.kind, f.file, f.key) for f in chosen]
    return _filled(About(tuple(notes), alphabet, layout, split, seed, versions(), notice, ink), images, split_of)


def build_signs(
    faces: Sequence[Face],
    *,
    each: int = 4,
    seed: int = 0,
    like: Sequence[GlyphSet] = (),
    progress: Progress | None = None,
    workers: int | None = None,
) -> GlyphSet:
    """A data set of what is no character: `each` signs of every kind in every face (`train.fonts.signs`), fitted.

    It has no images of characters and is there to be joined to others. like: families that are in other parts than the
    training part of one of these sets are in this one's validation part, and so are those of HELD_OUT.
    progress(done, all) counts faces. FontdemoError if there is none, or more than a data set may have.
    """
    sides = _Sides(like)
    families: dict[str, list[Face]] = defaultdict(list)
    for face in faces:
        families[face.key].append(face)
    drawn = spread(partial(draw_signs, each, seed), faces, progress=progress, workers=workers)
    signs = [(face, images) for face, images in zip(faces, drawn, strict=True) if images is not None and len(images)]
    if not signs:
        raise FontdemoError("None of the faces has signs.")
    held_out = {key for key, family in families.items() if sides.of(family) == 1 or key.startswith(HELD_OUT)}
    outliers = np.concatenate([images for _, images in signs])
    if len(outliers) > MAX_IMAGES:
        raise FontdemoError(f"{len(outliers)} images are more than the {MAX_IMAGES} a data set may have.")
    outlier_split = np.concatenate([np.full(len(images), face.key in held_out, np.uint8) for face, images in signs])
    return _of_no_character(outliers, outlier_split, seed)


def build_scribbles(
    count: int, *, seed: int = 0, progress: Progress | None = None, workers: int | None = None
) -> GlyphSet:
    """A data set of what is no character: `count` scribbles (`train.handwriting.scribbles`), the last tenth held out.

    It has no images of characters and is there to be joined to others. progress(done, all) counts batches of them.
    FontdemoError if there is none, or more than a data set may have.
    """
    if not 0 < count <= MAX_IMAGES:
        raise FontdemoError(f"Make 1 to {MAX_IMAGES} scribbles.")
    outliers = draw_scribbles(count, seed, progress=progress, workers=workers)
    return _of_no_character(outliers, (np.arange(count) >= count - count // 10).astype(np.uint8), seed)


def _of_no_character(outliers: NDArray[np.uint8], outlier_split: NDArray[np.uint8], seed: int) -> GlyphSet:
    about = About((), get_alphabet("alnum62"), "fit", "families", seed, versions())
    nothing = np.zeros(0, np.int64)
    return about.with_images(
        np.zeros((0, SIDE, SIDE), np.uint8), nothing, nothing, nothing.astype(np.uint8), outliers, outlier_split
    )


def _filled(about: About, images: NDArray[np.uint8], split_of: NDArray[np.integer]) -> GlyphSet:
    """The set that `about` describes; images (faces, classes, SIDE, SIDE), in parts `split_of` (faces * classes,)."""
    faces, classes = len(about.faces), len(about.alphabet)
    labels = np.tile(np.arange(classes, dtype=np.int64), faces)
    face = np.repeat(np.arange(faces, dtype=np.int64), classes)
    return about.with_images(images.reshape(-1, SIDE, SIDE), labels, face, split_of.astype(np.uint8))


def versions() -> dict[str, str]:
    """What the images depend on: {name: version} of fontdemo, Pillow, FreeType and numpy."""
    return {"fontdemo": fontdemo.__version__, "pillow": PIL.__version__,
            "freetype": str(features.version("freetype2")), "numpy": np.__version__}  # fmt: skip


def _said(counts: Sequence[int]) -> str:
    return " + ".join(str(count) for count in counts if count) or "no"


def _parts(asked: tuple[int, int, int], there: int) -> tuple[int, ...]:
    """As many faces as asked for, or all of fewer in the same proportions, one at least for a part asked for."""
    if there >= sum(asked):
        return asked
    least = sum(1 for count in asked if count)
    if there < least:
        raise FontdemoError(f"There are {there} usable faces, too few for {least} parts; name a folder with more.")
    counts = [max(1, there * count // sum(asked)) if count else 0 for count in asked]
    counts[0] = there - sum(counts[1:])
    return tuple(counts)


def _by_family(faces: Sequence[Face], rng: random.Random) -> list[list[Face]]:
    """The families, each a list of its faces, both in random order."""
    families: dict[str, list[Face]] = defaultdict(list)
    for face in faces:
        families[face.key].append(face)
    shuffled = [rng.sample(family, len(family)) for family in families.values()]
    rng.shuffle(shuffled)
    return shuffled


def _vary(faces: Sequence[Face], count: int, rng: random.Random) -> list[Face]:
    """`count` of `faces`, of as many families as there are: one of each, then a second of each that has one, ..."""
    families = _by_family(faces, rng)
    rounds = range(max(map(len, families), default=0))
    return [family[turn] for turn in rounds for family in families if len(family) > turn][:count]


class _Sides:
    """Which side of other sets' splits a family is on, by the names of its faces and of their files."""

    def __init__(self, others: Sequence[GlyphSet]) -> None:
        def names(trained: bool) -> set[str]:
            used = [(other, np.unique(other.face[(other.split == 0) == trained])) for other in others]
            faces = [other.faces[face] for other, indices in used for face in indices]
            return {name for face in faces for name in (face.family, face.file)}

        self._trained, self._measured = names(True), names(False)

    def of(self, family: Sequence[Face]) -> int | None:
        """0 (training) or 1 (validation), None for a family that the other set has not; what it measures by wins."""
        names = {name for face in family for name in (face.family, face.file)}
        return 1 if names & self._measured else 0 if names & self._trained else None


def _part_families(
    faces: Sequence[Face], counts: Sequence[int], rng: random.Random, decided: _Sides | None
) -> list[list[Face]]:
    """The faces of each part: whole families go where most is lacking, the largest first; then each part is varied.

    decided: the sides of some families, known beforehand.
    """
    sides: list[list[Face]] = [[] for _ in counts]
    families = sorted(_by_family(faces, rng), key=len, reverse=True)
    if decided is not None:
        families.sort(key=lambda family: decided.of(family) is None)
    open_sides = [part for part, count in enumerate(counts) if count]
    for family in families:
        side = decided.of(family) if decided is not None else None
        if side is None:
            side = min(open_sides, key=lambda part: len(sides[part]) / counts[part])
        sides[side].extend(family)
    return [_vary(side, count, rng) for side, count in zip(sides, counts, strict=True)]
