"""Stage outputs -> small PNGs: all maps of a stage tiled in one picture, one pixel a value, one colour scale.

Pixels are not enlarged here: the page scales them by whole numbers without smoothing, which sends a tenth of the bytes.
Colours say the sign: nothing is near black, what is above zero glows warm, what is below zero cold. It knows nothing of
HTML, and nothing of what a stage is.
"""

from __future__ import annotations

import base64
import functools
import io
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Pixels between two maps.
GAP = 1

#: Maps in one row: a finger can tell them apart on a phone.
COLUMNS = 8

#: Values in one line of a strip, and in one line of a strip of more than 512 values.
STRIP, LONG_STRIP = 64, 128

# Colours from zero outwards, evenly spaced; lightness rises evenly, so that equal steps of value look equal.
_WARM = ("#121318", "#43210f", "#77350f", "#b04d0c", "#e06f17", "#f79c45", "#fdc788", "#fff1dd")
_COLD = ("#121318", "#10294a", "#11457e", "#1865b4", "#3c88db", "#77aced", "#b0d0f7", "#e6f2ff")

# Ink that speaks neither for nor against, in a tinted picture.
_INK = "#d9d5cc"

# Indices of the palette: 0 .. 2*_ZERO for the scale, its middle for zero, and one for the gaps between maps.
_ZERO = 127
_GAP_INDEX = 2 * _ZERO + 1


@dataclass(frozen=True)
class Sheet:
    """All maps of a stage in one picture, row after row.

    png: a PNG file, one pixel a value. width, height: its pixels. count: how many maps. columns: maps in a row.
    tile: width and height of a map in pixels. gap: pixels before, between and behind the maps in either direction.
    limit: the value that the ends of the colour scale stand for (+limit and -limit); None if every map has its own.
    low, high: the least and the greatest value in all maps.
    """

    png: bytes
    width: int
    height: int
    count: int
    columns: int
    tile: tuple[int, int]
    gap: int
    limit: float | None
    low: float
    high: float


def tiled(maps: NDArray[np.float32], *, own_scale: bool = False) -> Sheet:
    """The maps (C, H, W) of a stage tiled in rows of COLUMNS maps.

    own_scale: stretch every map's colours to its own greatest magnitude rather than to the greatest of all maps.
    """
    count, height, width = maps.shape
    columns = min(count, COLUMNS)
    if own_scale:
        limits = np.abs(maps).max(axis=(1, 2), keepdims=True)
    else:
        limits = np.full((1, 1, 1), np.abs(maps).max())
    indices = _indices(maps, limits)
    rows = math.ceil(count / columns)
    sheet = np.full((rows * (height + GAP) + GAP, columns * (width + GAP) + GAP), _GAP_INDEX, dtype=np.uint8)
    for i in range(count):
        top, left = GAP + i // columns * (height + GAP), GAP + i % columns * (width + GAP)
        sheet[top : top + height, left : left + width] = indices[i]
    return Sheet(
        png=_palette_png(sheet),
        width=sheet.shape[1],
        height=sheet.shape[0],
        count=count,
        columns=columns,
        tile=(width, height),
        gap=GAP,
        limit=None if own_scale else float(limits.max()),
        low=float(maps.min()),
        high=float(maps.max()),
    )


def strip(values: NDArray[np.float32]) -> Sheet:
    """A row of values (N,) as lines of pixels, one below the other; the last line is filled up with gaps."""
    columns = min(len(values), STRIP if len(values) <= 512 else LONG_STRIP)
    rows = math.ceil(len(values) / columns)
    limit = np.abs(values).max(keepdims=True)
    sheet = np.full(rows * columns, _GAP_INDEX, dtype=np.uint8)
    sheet[: len(values)] = _indices(values, limit)
    return Sheet(
        png=_palette_png(sheet.reshape(rows, columns)),
        width=columns,
        height=rows,
        count=len(values),
        columns=columns,
        tile=(1, 1),
        gap=0,
        limit=float(limit[0]),
        low=float(values.min()),
        high=float(values.max()),
    )


def map_png(values: NDArray[np.float32], limit: float) -> bytes:
    """One map (H, W) as a PNG, one pixel a value, on a colour scale that ends at +-`limit`."""
    return _palette_png(_indices(np.clip(values, -limit, limit), np.full((1, 1), limit, np.float32)))


def ink_png(image: NDArray[np.float32]) -> bytes:
    """An ink image (H, W) in 0..1 as a grey PNG, ink black on white paper."""
    return picture_png(Image.fromarray(np.round(255 * (1 - np.clip(image, 0, 1))).astype(np.uint8)))


def tinted_png(image: NDArray[np.float32], values: NDArray[np.float32], limit: float) -> bytes:
    """An ink image (H, W) in 0..1 with its ink coloured by `values` (H, W), white paper: an RGB PNG.

    Values from 0 to +-`limit` go from light grey to a full warm (above 0) or cold (below 0) colour.
    """
    part = np.clip(np.divide(values, limit, out=np.zeros_like(values), where=limit > 0), -1, 1)
    neutral, warm, cold = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in (_INK, _WARM[3], _COLD[3]))
    strength = np.abs(part)[..., None]
    ink = neutral * (1 - strength) + np.where(part[..., None] > 0, warm, cold) * strength
    covered = np.clip(image, 0, 1)[..., None]
    return _encoded(Image.fromarray(np.round(255 * (1 - covered) + ink * covered).astype(np.uint8)))


def picture_png(picture: Image.Image, side: int | None = None) -> bytes:
    """A picture as PNG in grey or RGB (transparency kept), shrunk so that its longer side is at most `side` pixels."""
    if picture.mode not in ("L", "RGB", "RGBA"):
        picture = picture.convert("L" if picture.mode.startswith(("1", "I", "F")) else "RGBA")
    if side is not None and max(picture.size) > side:
        picture = picture.copy()
        picture.thumbnail((side, side))
    return _encoded(picture)


def data_uri(png: bytes) -> str:
    """A PNG file as text that an <img> takes as its source."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def scale_colours() -> tuple[str, ...]:
    """The colours of the scale from -limit over zero to +limit, evenly spaced, as CSS colours."""
    return (*reversed(_COLD), *_WARM[1:])


# Luminance of WCAG at which black and white text contrast alike with what is behind them, 4.58 to 1.
_BRIGHT = 0.179


def scale_colour(value: float, limit: float) -> tuple[str, bool]:
    """The CSS colour of `value` on a scale that ends at +-`limit`, and whether text on it must be black, not white."""
    part = min(1.0, max(-1.0, value / limit)) if limit > 0 else 0.0
    red, green, blue = (int(v) for v in palette()[round(_ZERO + _ZERO * part)])
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (red / 255, green / 255, blue / 255)]
    luminance = sum(weight * v for weight, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return f"rgb({red},{green},{blue})", luminance > _BRIGHT


@functools.cache
def palette() -> NDArray[np.uint8]:
    """The 256 colours of the pictures' palette, uint8 (256, 3): index 127 is zero, 0 is -limit, 254 is +limit."""
    position = np.linspace(-1, 1, 2 * _ZERO + 1)
    anchors = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in scale_colours()])
    knots = np.linspace(-1, 1, len(anchors))
    scale = np.stack([np.interp(position, knots, anchors[:, channel]) for channel in range(3)], axis=1)
    return np.vstack([np.round(scale), [[0, 0, 0]]]).astype(np.uint8)


def _indices(values: NDArray[np.float32], limits: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Palette indices of `values` where +-`limits` are the ends of the scale; all zero where a limit is zero."""
    factor = np.divide(_ZERO, limits, out=np.zeros_like(limits), where=limits > 0)
    return np.round(values * factor + _ZERO).astype(np.uint8)


def _palette_png(indices: NDArray[np.uint8]) -> bytes:
    image = Image.fromarray(indices)
    image.putpalette(palette().tobytes())
    return _encoded(image, transparency=_GAP_INDEX)


def _encoded(image: Image.Image, **options: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1, **options)
    return file.getvalue()
