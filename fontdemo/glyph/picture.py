"""A picture file of any common kind -> one plane of grey: opened with care, turned upright, reduced, colours weighed.

What comes in is a stranger's file: its size is checked before anything is decoded, only a few formats are tried, and
what a large one took of memory is given back. This module does not decide what is ink (`fontdemo.glyph.binarize`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from fontdemo import decoders, memory
from fontdemo.errors import GlyphError

Picture: TypeAlias = "Image.Image | bytes | str | Path"
Values: TypeAlias = NDArray[np.float32]

#: A picture of more pixels than this is refused before it is decoded.
MAX_PIXELS = 16_000_000

#: A JPEG that the decoder shrinks while it reads may have so many: a telephone's have up to fifty million.
MAX_JPEG_PIXELS = 50_000_000

#: Longer side, in pixels, to which a larger picture is reduced before anything is looked for in it.
WORK_SIDE = 640

# Formats that are tried; not those that start other programs (EPS) or grow slowly to gigabytes (JPEG 2000).
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")

# Scans of a JPEG at most: each of them may cost as much as decoding the whole. Usual are 10 or fewer.
_MAX_SCANS = 30
# A marker of a JPEG, but for those that have no segment and may stand within a scan.
_MARKER = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd7]", re.DOTALL)

# After a picture of more pixels than _LARGE freed memory goes back to the system; _ROWS are worked on at a time where
# each pixel takes four times as much as in the end; _TILE are the TIFF tags of a tile's width and height.
_LARGE, _ROWS, _TILE = 1_000_000, 64, (322, 323)

# How much more the colours must vary along another direction before that direction is preferred to brightness.
_COLOUR_GAIN = 4.0

# A transparent picture whose opaque part fills so much of its box, in tones that differ so much, is a card.
_CARD_FRACTION, _CARD_CONTRAST = 0.8, 0.25
_BRIGHTNESS = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@dataclass(frozen=True)
class Received:
    """A picture as it came in, made handy: upright, mode L, RGB or RGBA, the longer side at most WORK_SIDE.

    size: (width, height) in pixels before it was reduced.
    """

    image: Image.Image
    size: tuple[int, int]


@dataclass(frozen=True)
class Plane:
    """A picture as one plane: values float32 (H, W) in 0..1, and how they came about, in words.

    ink_is_high: True where what is high is ink for certain (the opacity of a transparent picture), None where that
    must be found out.
    """

    values: Values
    ink_is_high: bool | None
    sentence: str


def open_picture(source: Picture) -> Received:
    """The first frame of `source`: an image (left as it is), a file's bytes, or its path.

    GlyphError if it is no picture, damaged, empty, or of more than MAX_PIXELS pixels (MAX_JPEG_PIXELS where the decoder
    can shrink it).
    """
    name = "The picture" if isinstance(source, (Image.Image, bytes)) else Path(source).name
    try:
        if isinstance(source, Image.Image):
            _check_size(source.size, name, MAX_JPEG_PIXELS)  # it has been decoded already
            return _received(source.copy(), source.size)
        decoders.load()
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=_FORMATS) as image:
            size = image.size
            try:
                _check(image, name)
                return _received(image, size)
            finally:
                if size[0] * size[1] > _LARGE:
                    image.close()
                    memory.give_back()
    except GlyphError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(name) from None
    except UnidentifiedImageError:
        raise GlyphError(f"{name} can't be opened. Use PNG or JPEG; GIF, WebP, TIFF and BMP will do too.") from None
    except OSError as error:
        raise GlyphError(f"{name} cannot be read: {error.strerror or error}.") from None
    except Exception as error:  # A decoder fed with a hostile file may raise anything.
        raise GlyphError(f"{name} is damaged or of an unknown format: {error or type(error).__name__}.") from None


def _too_large(name: str, most: int = MAX_PIXELS) -> GlyphError:
    return GlyphError(f"{name} has more than {most // 1_000_000} million pixels. Use a smaller one.")


def _check_size(size: tuple[int, int], name: str, most: int = MAX_PIXELS) -> None:
    width, height = size
    if width * height > most:
        raise _too_large(name, most)
    if not width or not height:
        raise GlyphError(f"{name} is empty: it has no pixels.")


def _check(image: Image.Image, name: str) -> None:
    """Refuse a file that would take too much to decode, and have the decoder shrink it where it can."""
    if image.format == "TIFF":
        # A tile is decoded whole, however small the picture that is cut from it.
        tags = getattr(image, "tag_v2", {})
        tile = tags.get(_TILE[0], 0), tags.get(_TILE[1], 0)
        if not all(isinstance(side, int) for side in tile) or tile[0] * tile[1] > MAX_PIXELS:
            raise _too_large(name)
    if image.format not in ("JPEG", "MPO"):
        _check_size(image.size, name)
        return
    scans = _scans(image)
    if scans > _MAX_SCANS:
        raise GlyphError(f"{name} has too many scans. Save it again as PNG or JPEG.")
    # What comes in one scan is shrunk as it is read; of several, the decoder keeps the whole picture until the last.
    _check_size(image.size, name, MAX_JPEG_PIXELS if scans == 1 and not image.info.get("progressive") else MAX_PIXELS)
    image.draft(None, (WORK_SIDE, WORK_SIDE))


def _scans(image: Image.Image) -> int:
    """How many scans the file of a JPEG has; those of its previews, which lie within its segments, are not counted."""
    file: Any = getattr(image, "fp", None)
    before = file.tell()
    file.seek(0)
    data = file.read()
    file.seek(before)
    at = count = 0
    while count <= _MAX_SCANS and (marker := _MARKER.search(data, at)) is not None:
        at = marker.end()
        if marker[0] == b"\xff\xd9":  # the picture's end; others may follow
            break
        if marker[0] != b"\xff\xd8":  # the segment's length is there, and counts itself
            at += int.from_bytes(data[at : at + 2], "big")
        count += marker[0] == b"\xff\xda"
    return count


def _received(image: Image.Image, size: tuple[int, int]) -> Received:
    """`image`, of `size` before the decoder shrank it; it may be changed."""
    image.load()
    handy = _in_plain_mode(image)
    # Reduced before it is turned, so that no second large picture is needed.
    handy.thumbnail((WORK_SIDE, WORK_SIDE), Image.Resampling.BILINEAR)
    try:
        upright = ImageOps.exif_transpose(handy)
    except Exception:  # Broken EXIF data is no reason to refuse a picture that decodes.
        upright = handy
    # Sides of unlike lengths tell a quarter turn, wherever it was made: here, or by the decoder (TIFF).
    turned = (upright.width - upright.height) * (size[0] - size[1]) < 0
    return Received(upright, (size[1], size[0]) if turned else size)


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """`image` as L, RGB or RGBA; of modes with more than 8 bits the range that is used becomes 0..255."""
    if image.mode in ("L", "RGB", "RGBA") and "transparency" not in image.info:
        return image
    if image.mode.startswith(("I", "F")):
        plain = Image.fromarray(_in_eight_bits(np.asarray(image)))
        plain.info = dict(image.info)  # which side is up
        return plain
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "LAB":
        return image.getchannel(0)
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _in_eight_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """`values` (H, W) of any type, what is not finite as 0, stretched to fill 0..255; zeros if they are all equal.

    A few rows at a time: as float32 all at once, a large picture would take ten times what the file's decoder took.
    """
    starts = range(0, len(values), _ROWS)

    def rows(start: int) -> NDArray[np.float32]:
        part = values[start : start + _ROWS].astype(np.float32)
        return np.nan_to_num(part, copy=False, nan=0.0, posinf=0.0, neginf=0.0)

    low = min((float(rows(start).min()) for start in starts), default=0.0)
    high = max((float(rows(start).max()) for start in starts), default=0.0)
    result = np.zeros(values.shape, dtype=np.uint8)
    if high > low:
        for start in starts:
            result[start : start + _ROWS] = np.round(255 * ((rows(start) - low) / (high - low)))
    return result


def _stretched(values: NDArray[np.float32]) -> Values:
    """`values` moved and scaled to fill 0..1; zeros if they are all equal."""
    low, high = float(values.min()), float(values.max())
    return ((values - low) / (high - low)).astype(np.float32) if high > low else np.zeros_like(values)


def to_plane(image: Image.Image) -> Plane:
    """`image` (mode L, RGB or RGBA) as one plane in 0..1; see `Plane`."""
    values: Values = np.divide(np.asarray(image), 255, dtype=np.float32)
    makers: dict[str, Callable[[Values], Plane]] = {"RGB": _from_colours, "RGBA": _from_transparent}
    return makers[image.mode](values) if image.mode in makers else Plane(values, None, "It is already grey.")


def _from_colours(colours: Values) -> Plane:
    """RGB (H, W, 3) in 0..1: its brightness, or the direction in which its colours differ where brightness does not.

    That direction is the first principal axis of the colours.
    """
    sample = colours[:: 1 + colours.shape[0] // 64, :: 1 + colours.shape[1] // 64].reshape(-1, 3).astype(np.float64)
    centred = sample - sample.mean(axis=0)
    strengths, axes = np.linalg.eigh(centred.T @ centred)
    unit = _BRIGHTNESS / np.linalg.norm(_BRIGHTNESS)
    if strengths[-1] <= _COLOUR_GAIN * float(((centred @ unit) ** 2).sum()):
        return Plane(colours @ _BRIGHTNESS, None, "Turned to grey by brightness.")
    axis = axes[:, -1] if axes[:, -1] @ unit >= 0 else -axes[:, -1]
    sentence = "Turned to grey along the direction in which its colours differ most; their brightness hardly differs."
    return Plane(_stretched(colours @ axis.astype(np.float32)), None, sentence)


def _from_transparent(rgba: Values) -> Plane:
    """RGBA (H, W, 4) in 0..1: the opacity itself, unless what is opaque is a card with the character on it."""
    colours, opacity = rgba[..., :3], rgba[..., 3]
    solid = opacity > 0.5
    if solid.all():
        return _from_colours(colours)
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not len(rows):
        return Plane(opacity, True, "What is opaque is the ink.")
    tones = (colours @ _BRIGHTNESS)[solid]
    filled = solid.sum() / ((np.ptp(rows) + 1) * (np.ptp(columns) + 1))
    if filled > _CARD_FRACTION and float(np.ptp(tones)) > _CARD_CONTRAST:
        # The card's rim tells the colour of its paper, which goes under what is transparent.
        inner = np.zeros_like(solid)
        inner[1:-1, 1:-1] = solid[:-2, 1:-1] & solid[2:, 1:-1] & solid[1:-1, :-2] & solid[1:-1, 2:]
        paper = np.median(colours[solid & ~inner], axis=0)
        laid = colours * opacity[..., None] + paper * (1 - opacity[..., None])
        plane = _from_colours(laid.astype(np.float32))
        return Plane(plane.values, None, f"Laid on paper of the same colour as its edge. {plane.sentence}")
    border = np.concatenate([solid[0], solid[-1], solid[:, 0], solid[:, -1]])
    if border.all():
        return Plane(opacity, False, "What is transparent is the ink: it is cut out of an opaque card.")
    return Plane(opacity, True, "What is opaque is the ink.")
