"""Whether one file gets one answer however it is handed in: inverted, cut tightly, on a desk, at 24 pixels.

The command `invariance` of `python -m train`: every character in held-out faces, each read five times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fontdemo.errors import GlyphError
from fontdemo.glyph.interpretations import interpretations
from fontdemo.reading.reader import Reader
from train.benchmark.score import interval
from train.benchmark.sets.named import held_out
from train.benchmark.sets.pictures import Ink, Rng, cropped, desk
from train.data.glyphset import GlyphSet

#: How the picture of a character is handed in -> that picture.
CHANGES: dict[str, Callable[[Image.Image, Ink, Rng], Image.Image]] = {
    "inverted": lambda plain, ink, rng: Image.eval(plain, lambda value: 255 - value),
    "cut tightly": lambda plain, ink, rng: tightly(plain, int(rng.integers(0, 3))),
    "on a desk": lambda plain, ink, rng: desk(ink, ink, rng),
    "at 24 pixels": lambda plain, ink, rng: shrunk(plain, 24),
}


def plain_picture(ink: Ink) -> Image.Image:
    """The character dark on white, with a margin of a quarter of its longer side."""
    return Image.fromarray(np.round(255 * (1 - np.pad(ink, max(ink.shape) // 4))).astype(np.uint8))


def tightly(plain: Image.Image, margin: int) -> Image.Image:
    """`plain`, dark on white, cut to the box round its ink with this margin in pixels."""
    dark = Image.eval(plain, lambda value: 255 - value)
    left, top, right, bottom = Image.eval(dark, lambda value: 255 * (value > 127)).getbbox() or (0, 0, *plain.size)
    cut = dark.crop((left - margin, top - margin, right + margin, bottom + margin))
    return Image.eval(cut, lambda value: 255 - value)


def shrunk(plain: Image.Image, side: int) -> Image.Image:
    """`plain` with `side` pixels along its longer side."""
    scale = side / max(plain.size)
    return plain.resize((max(1, round(plain.width * scale)), max(1, round(plain.height * scale))), Image.Resampling.BOX)


def answer(reader: Reader, picture: Image.Image) -> str:
    """The character that is read in a picture; "" if none is found."""
    try:
        return reader.read_picture(interpretations(picture)).reading.character
    except GlyphError:
        return ""


def same(reader: Reader, images: NDArray[np.uint8], seed: int = 0, done: Callable[[], object] = lambda: None
         ) -> dict[str, NDArray[np.bool_]]:  # fmt: skip
    """Change -> bool (N,): which of the images uint8 (N, 100, 100), ink 255, keep the answer that they get as they are.
    """
    rng = np.random.default_rng(seed)
    found: dict[str, list[bool]] = {name: [] for name in CHANGES}
    for image in images:
        ink = cropped(image)
        plain = plain_picture(ink)
        wanted = answer(reader, plain)
        for name, change in CHANGES.items():
            found[name].append(bool(wanted) and answer(reader, change(plain, ink, rng)) == wanted)
        done()
    return {name: np.array(each, dtype=bool) for name, each in found.items()}


def chosen_faces(data: GlyphSet, faces: int, seed: int = 0) -> NDArray[np.uint8]:
    """The glyphs of that many held-out faces, no two of one family as long as there are others."""
    indices = held_out(data)
    rng = np.random.default_rng(seed)
    order = rng.permutation(np.unique(data.face[indices]))
    families: dict[str, int] = {}
    turns = []
    for face in order:
        key = data.faces[face].key
        turns.append(families.get(key, 0))
        families[key] = turns[-1] + 1
    taken = order[np.argsort(turns, kind="stable")][:faces]
    return data.images[indices[np.isin(data.face[indices], taken)]]


def sentence(what: str, each: Sequence[bool] | NDArray[np.bool_]) -> str:
    """A line of the command's answer."""
    low, high = interval(float(np.mean(each)), len(each))
    return f"{what}: {np.mean(each):.1%} of {len(each):,} get the same answer ({low:.1%} to {high:.1%})"
