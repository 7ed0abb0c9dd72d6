"""The training typefaces whose glyph lies closest to the one that was read, in the network's last hidden layer.

An index beside the weights (nearest.safetensors) holds, of some training glyphs of every character, what the last
hidden layer makes of each, with fewer and coarser numbers, and a small picture. The search compares with every one.
Nothing in the file is trusted, nothing is unpickled. `train.release.nearest_index` makes it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from fontdemo.alphabet import CHARACTERS
from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.network.network import Network

#: The index's file in a weights folder.
FILE = "nearest.safetensors"

#: No index is larger than this, in bytes.
LARGEST = 3_000_000

#: Width and height of the small pictures, in pixels; four shades, two bits a pixel, row after row.
PICTURE_SIDE = 40
PICTURE_BYTES = PICTURE_SIDE * PICTURE_SIDE // 4

#: Faces that are shown.
COUNT = 5

# More than any index that fits LARGEST could hold.
_MOST_GLYPHS, _LONGEST_NAME = 100_000, 100

_TENSORS: dict[str, type[Any]] = {
    "centre": np.float32, "axes": np.float32, "scale": np.float32, "vectors": np.int8, "characters": np.uint8,
    "faces": np.uint16, "pictures": np.uint8, "usual": np.float32,
}  # fmt: skip


class NearestError(FontdemoError):
    """There is no index of glyphs here, or it is broken, or of other weights; says why."""


@dataclass(frozen=True)
class FaceName:
    """Family and style as the font names itself. key: faces of one key are of one family, or share its glyphs."""

    family: str
    style: str
    key: str


@dataclass(frozen=True)
class Neighbour:
    """A training glyph that lies close: what it is, in which face, and how much it is alike.

    similarity: 1 for the same, 1/2 for as close as two faces' glyphs of one character usually are, halved again for
    each time that distance.
    picture: float32 (PICTURE_SIDE, PICTURE_SIDE) in 0..1, ink 1.
    """

    character: str
    face: FaceName
    similarity: float
    picture: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Index:
    """Training glyphs by what the last hidden layer makes of them.

    stage: whose output is compared. centre: float32 (values,), its mean over training glyphs. axes: float32
    (values, d), orthonormal: the directions in which it varies most. vectors: float32 (n, d), the glyphs along them
    (see `along`). characters: uint8 (n,), ASCII. faces: (n,), indices in `names`. pictures: uint8 (n, PICTURE_BYTES).
    usual: the distance between the vectors of two faces' glyphs of one character, at the median.
    """

    stage: str
    centre: NDArray[np.float32]
    axes: NDArray[np.float32]
    vectors: NDArray[np.float32]
    characters: NDArray[np.uint8]
    faces: NDArray[np.uint16]
    names: tuple[FaceName, ...]
    pictures: NDArray[np.uint8]
    usual: float

    def __len__(self) -> int:
        return len(self.vectors)

    def nearest(self, outputs: Mapping[str, NDArray[np.float32]], count: int = COUNT) -> list[Neighbour]:
        """The `count` closest glyphs, closest first, no two of one family.

        outputs: stage name -> values, as `fontdemo.reading.reader.Reading` has them. NearestError if they are not of
        the network that the index was made for.
        """
        values = outputs.get(self.stage)
        if values is None or values.size != len(self.centre):
            raise NearestError("This typeface index was made for another network. Build it again.")
        differences = self.vectors - along(values.reshape(1, -1), self.centre, self.axes)
        apart = np.sqrt(np.einsum("ij,ij->i", differences, differences))
        found: list[Neighbour] = []
        families: set[str] = set()
        for index in np.argsort(apart, kind="stable"):
            face = self.names[self.faces[index]]
            if face.key in families:
                continue
            families.add(face.key)
            similarity = 2 ** (-float(apart[index]) / self.usual)
            found.append(Neighbour(chr(self.characters[index]), face, similarity, unpacked(self.pictures[index])))
            if len(found) == count:
                break
        return found


def hidden_stage(network: Network) -> str:
    """The name of the last hidden layer: the stage before the last one that learns."""
    names = list(network.stages)
    learning = [index for index, name in enumerate(names) if list(network.stages[name].parameters())]
    if not learning or learning[-1] == 0:
        raise NearestError("This network has no hidden layer.")
    return names[learning[-1] - 1]


def along(
    values: NDArray[np.float32], centre: NDArray[np.float32], axes: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Outputs of the hidden layer (n, values), less the centre, each made 1 long, along the axes: float32 (n, d).

    The distance of two of these is, but for what the axes leave out, sqrt(2 - 2 cos) of the angle between the outputs.
    """
    centred = values - centre
    lengths = np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    return np.asarray(centred / lengths @ axes, dtype=np.float32)


def packed(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Pictures (n, PICTURE_SIDE, PICTURE_SIDE) in 0..1 with four shades, two bits a pixel: uint8 (n, PICTURE_BYTES)."""
    shades = np.round(3 * images).astype(np.uint8).reshape(len(images), PICTURE_BYTES, 4)
    together = shades[..., 0] << 6 | shades[..., 1] << 4 | shades[..., 2] << 2 | shades[..., 3]
    return together.astype(np.uint8)


def unpacked(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A picture of `packed` (PICTURE_BYTES,) as float32 (PICTURE_SIDE, PICTURE_SIDE) in 0..1."""
    shades = np.stack([picture >> shift & 3 for shift in (6, 4, 2, 0)], axis=1)
    return np.divide(shades.reshape(PICTURE_SIDE, PICTURE_SIDE), 3, dtype=np.float32)


def load(folder: Path, network: Network) -> Index:
    """The index beside the weights of `network` in `folder`; NearestError if there is none that may be used."""
    file = folder / FILE
    try:
        if file.stat().st_size > LARGEST:
            raise NearestError(f"{FILE} is larger than an index may be.")
        with safe_open(file, framework="numpy") as opened:
            about = (opened.metadata() or {}).get("about", "")
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}
    except OSError as error:
        raise NearestError(f"{folder.name} has no {FILE}.") from error
    except (SafetensorError, TypeError, ValueError, KeyError) as error:  # TypeError: a type that numpy has not
        raise NearestError(f"{FILE} cannot be read ({type(error).__name__}).") from error
    try:
        stage, names = _checked(about, pretrained.digest(folder))
        found = _index(stage, names, tensors)
    except (NearestError, pretrained.WeightsError) as error:
        raise NearestError(f"{FILE} is not an index for these weights: {error}.") from None
    if stage != hidden_stage(network):
        raise NearestError(f"{FILE} is of another stage than this network's last hidden one.")
    return found


def _checked(about: str, weights: str) -> tuple[str, tuple[FaceName, ...]]:
    """The stage and the faces' names that an index's description tells; it must be of these weights."""
    try:
        plain = json.loads(about)
    except (ValueError, RecursionError):
        raise NearestError("its description is not JSON") from None
    if not isinstance(plain, dict) or type(plain.get("stage")) is not str or type(plain.get("faces")) is not list:
        raise NearestError("its description is incomplete")
    if plain.get("weights") != weights:
        raise NearestError("it was made for others")
    for entry in plain["faces"]:
        if type(entry) is not list or len(entry) != 3 or not all(map(_may_be_shown, entry)):
            raise NearestError("its list of faces is damaged")
    return plain["stage"], tuple(FaceName(*entry) for entry in plain["faces"])


def _may_be_shown(text: object) -> bool:
    return type(text) is str and len(text) <= _LONGEST_NAME and text.isprintable()


def _index(stage: str, names: tuple[FaceName, ...], tensors: Mapping[str, NDArray[Any]]) -> Index:
    """The index of these arrays; NearestError unless every one is of the type, size and range that it must be."""
    if tensors.keys() != _TENSORS.keys() or any(tensors[name].dtype != kind for name, kind in _TENSORS.items()):
        raise NearestError("its arrays are not those of an index")
    count, wide = len(tensors["vectors"]), len(tensors["scale"])
    values = len(tensors["centre"])
    sizes = {"centre": (values,), "axes": (values, wide), "scale": (wide,), "vectors": (count, wide),
             "characters": (count,), "faces": (count,), "usual": (1,)}  # fmt: skip
    if any(tensors[name].shape != size for name, size in sizes.items()) or tensors["pictures"].ndim != 1:
        raise NearestError("its arrays do not fit each other")
    if not 0 < count <= _MOST_GLYPHS or not 0 < wide <= values:
        raise NearestError("it is empty or too large")
    if not all(np.isfinite(tensors[name]).all() for name in ("centre", "axes", "scale", "usual")):
        raise NearestError("its numbers are not finite")
    if tensors["usual"][0] <= 0:
        raise NearestError("its usual distance is none")
    if int(tensors["faces"].max()) >= len(names):
        raise NearestError("a face is out of range")
    if not np.isin(tensors["characters"], np.frombuffer(CHARACTERS.encode(), np.uint8)).all():
        raise NearestError("a character is out of range")
    vectors = tensors["vectors"].astype(np.float32) * tensors["scale"]
    pictures = _inflated(tensors["pictures"].tobytes(), count * PICTURE_BYTES).reshape(count, PICTURE_BYTES)
    centre, axes, characters, faces = (tensors[name] for name in ("centre", "axes", "characters", "faces"))
    return Index(stage, centre, axes, vectors, characters, faces, names, pictures, float(tensors["usual"][0]))


def _inflated(data: bytes, size: int) -> NDArray[np.uint8]:
    """`data` inflated by zlib to exactly `size` bytes; never more is taken, whatever the data says."""
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(data, size + 1)
    except zlib.error:
        raise NearestError("its pictures are damaged") from None
    if len(plain) != size or not inflater.eof or inflater.unused_data:
        raise NearestError("its pictures are of another size")
    return np.frombuffer(plain, np.uint8)
