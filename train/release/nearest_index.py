"""Make the index of training glyphs that `fontdemo.reading.nearest` searches: which glyphs, and what of them is kept.

Of every character as many glyphs as fit into the file, chosen to be spread out over what the last hidden layer makes
of them. Only the training part of a set is used: what is shown must be what was learned from.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.numpy import save as safetensors_bytes

from fontdemo.errors import FontdemoError
from fontdemo.files import atomic_write
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.reading import nearest
from fontdemo.reading.nearest import FaceName
from train.data.glyphset import PARTS, GlyphSet
from train.fonts.render import crop
from train.loop.augment import plain

#: Numbers kept of a glyph.
AXES = 96

#: Glyphs to choose from, and glyphs kept, of one character, at most.
CANDIDATES, KEPT = 600, 240

# Room in the small picture for the ink; the rest is margin.
_INK_SIDE = nearest.PICTURE_SIDE - 2


@dataclass(frozen=True, eq=False)
class Glyphs:
    """Training glyphs: images uint8 (n, 100, 100), ink 255; characters uint8 (n,), ASCII; faces int (n,) in `names`."""

    images: NDArray[np.uint8]
    characters: NDArray[np.uint8]
    faces: NDArray[np.int64]
    names: tuple[FaceName, ...]


def candidates(data: GlyphSet, most: int, seed: int) -> Glyphs:
    """Of every class of a set's training part at most `most` glyphs, at random."""
    rng = np.random.default_rng(seed)
    training = data.split == PARTS.index("train")
    chosen = []
    for label in range(len(data.alphabet)):
        indices = np.flatnonzero(training & (data.labels == label))
        chosen.append(rng.permutation(indices)[:most])
    indices = np.sort(np.concatenate(chosen))
    if not len(indices):
        raise FontdemoError("The data has no images in its training part.")
    characters = np.frombuffer(data.alphabet.classes.encode(), np.uint8)[data.labels[indices]]
    names = tuple(FaceName(_short(f.family or f.file), _short(f.style), _short(f.key)) for f in data.faces)
    return Glyphs(data.images[indices], characters, data.face[indices], names)


def joined(parts: Sequence[Glyphs]) -> Glyphs:
    """Several lots of glyphs as one."""
    offsets = np.cumsum([0, *(len(part.names) for part in parts)])
    return Glyphs(
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.characters for part in parts]),
        np.concatenate([part.faces + offset for part, offset in zip(parts, offsets, strict=False)]),
        tuple(name for part in parts for name in part.names),
    )


def write(network: Network, folder: Path, glyphs: Glyphs, seed: int, kept: int = KEPT) -> int:
    """Write the index of `glyphs` into the weights folder of `network`; the file's size in bytes.

    At most `kept` glyphs of a character, fewer where the file would be larger than it may be; FontdemoError where not
    even one of each fits.
    """
    stage = nearest.hidden_stage(network)
    values = np.concatenate(list(_hidden(network, stage, glyphs.images)))
    centre, axes = principal(values, AXES)
    vectors = nearest.along(values, centre, axes)
    order = _spread_order(vectors, glyphs.characters, kept, seed)
    usual = usual_distance(vectors, glyphs.characters, seed)
    weights = pretrained.digest(folder)
    while True:
        chosen = np.sort(np.concatenate([indices[:kept] for indices in order]))
        data = _file(stage, weights, centre, axes, usual, vectors[chosen], chosen, glyphs)
        if len(data) <= nearest.LARGEST:
            break
        kept = int(min(kept, max(map(len, order))) * nearest.LARGEST / len(data) * 0.98)
        if kept < 1:
            raise FontdemoError("The last hidden layer is too wide for an index.")
    with atomic_write(folder / nearest.FILE) as fresh:
        fresh.write_bytes(data)
    return len(data)


def principal(values: NDArray[np.float32], most: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The mean (d,) of values (n, d), and at most `most` axes (d, k), orthonormal.

    Along these the values vary most once they are made 1 long, as `fontdemo.reading.nearest.along` makes them.
    """
    centre = values.mean(axis=0, dtype=np.float64)
    centred = values - centre
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, ::-1][:, : min(most, values.shape[1])]
    # An eigenvector's sign is anyone's choice; with a fixed one equal glyphs make equal files.
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1, 1)
    return centre.astype(np.float32), axes.astype(np.float32)


def spread(vectors: NDArray[np.float32], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """At most `count` indices of `vectors` (n, d), in an order whose every beginning is spread out over them.

    Each next one at random, the likelier the further it is from those before (k-means++ seeding, Arthur and
    Vassilvitskii 2007): every sort of glyph is there early, and the commonest sorts most often.
    """
    chosen = [int(rng.integers(len(vectors)))]
    apart = np.full(len(vectors), np.inf)
    while len(chosen) < min(count, len(vectors)):
        apart = np.minimum(apart, ((vectors - vectors[chosen[-1]]) ** 2).sum(axis=1, dtype=np.float64))
        apart[chosen] = 0
        if not apart.any():  # the others are all the same as one of these
            break
        chosen.append(int(rng.choice(len(vectors), p=apart / apart.sum())))
    return np.array(chosen)


def usual_distance(vectors: NDArray[np.float32], characters: NDArray[np.uint8], seed: int) -> float:
    """The median distance of pairs of vectors (n, d) of one character each, drawn at random; more than 0."""
    rng = np.random.default_rng(seed)
    apart = []
    for character in np.unique(characters):
        these = vectors[characters == character]
        apart.append(np.linalg.norm(these - these[rng.permutation(len(these))], axis=1))
    return max(float(np.median(np.concatenate(apart))), 1e-6)


def small_picture(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A glyph's ink (100, 100), 255 where there is ink, fitted into the small picture: float32 in 0..1."""
    square = Image.new("L", (nearest.PICTURE_SIDE, nearest.PICTURE_SIDE))
    ink = crop(Image.fromarray(image))
    if ink is not None:
        scale = _INK_SIDE / max(ink.size)
        size = (max(1, round(ink.width * scale)), max(1, round(ink.height * scale)))
        corner = ((square.width - size[0]) // 2, (square.height - size[1]) // 2)
        square.paste(ink.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC), corner)
    return np.asarray(np.divide(np.asarray(square), 255, dtype=np.float32))


def _spread_order(
    vectors: NDArray[np.float32], characters: NDArray[np.uint8], kept: int, seed: int
) -> list[NDArray[np.int64]]:
    """For every character its glyphs' indices in the order in which they are kept."""
    rng = np.random.default_rng(seed)
    order = []
    for character in np.unique(characters):
        indices = np.flatnonzero(characters == character)
        order.append(indices[spread(vectors[indices], kept, rng)])
    return order


@torch.inference_mode()
def _hidden(network: Network, stage: str, images: NDArray[np.uint8], batch: int = 200) -> Iterator[NDArray[np.float32]]:
    """What the network's stage makes of images, a batch at a time: float32 (n, values)."""
    device = next(network.parameters()).device
    names = list(network.stages)
    for start in range(0, len(images), batch):
        values = plain(torch.from_numpy(images[start : start + batch]).to(device))
        for name in names[: names.index(stage) + 1]:
            values = network.stages[name](values)
        yield values.flatten(1).float().cpu().numpy()


def _file(
    stage: str, weights: str, centre: NDArray[np.float32], axes: NDArray[np.float32], usual: float,
    vectors: NDArray[np.float32], indices: NDArray[np.int64], glyphs: Glyphs,
) -> bytes:  # fmt: skip
    """The index as a safetensors file: the glyphs at `indices`, whose vectors these are."""
    scale = np.maximum(np.abs(vectors).max(axis=0), 1e-12) / np.float32(127)
    used, faces = np.unique(glyphs.faces[indices], return_inverse=True)
    pictures = nearest.packed(np.stack([small_picture(glyphs.images[index]) for index in indices]))
    names = [[name.family, name.style, name.key] for name in (glyphs.names[face] for face in used)]
    tensors = {
        "centre": centre,
        "axes": np.ascontiguousarray(axes),
        "scale": scale,
        "vectors": np.round(vectors / scale).astype(np.int8),
        "characters": glyphs.characters[indices],
        "faces": faces.astype(np.uint16),
        "usual": np.array([usual], np.float32),
        "pictures": np.frombuffer(zlib.compress(pictures.tobytes(), 9), np.uint8),
    }
    return safetensors_bytes(tensors, {"about": json.dumps({"stage": stage, "weights": weights, "faces": names})})


def _short(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:100]
