"""A picture file of any common kind -> one plane of grey: opened with care, turned upright, reduced, colours weighed.

What comes in is a stranger's file: its size is checked before anything is decoded, and only formats that Pillow decodes
by itself are tried. This module does not decide what is ink (`fontdemo.glyph.binarize`).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from fontdemo.errors import GlyphError

Picture: TypeAlias = "Image.Image | bytes | str | Path"
Values: TypeAlias = NDArray[np.float32]

#: A picture of more pixels than this is refused before it is decoded.
MAX_PIXELS = 50_000_000

#: Longer side, in pixels, to which a larger picture is reduced before anything is looked for in it.
WORK_SIDE = 640

# Formats that are tried. Left out on purpose: those that start other programs (EPS, WMF) and those out of use.
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "AVIF", "PPM", "ICO", "JPEG2000")

# How much more the colours must vary along another direction before that direction is preferred to brightness.
_COLOUR_GAIN = 4.0

# A transparent picture whose opaque part fills so much of its box, in tones that differ so much, is a card.
_CARD_SHARE, _CARD_CONTRAST = 0.8, 0.25

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

    GlyphError if it is no picture, damaged, empty, or of more than MAX_PIXELS pixels.
    """
    name = "The picture" if isinstance(source, (Image.Image, bytes)) else Path(source).name
    try:
        if isinstance(source, Image.Image):
            _check_size(source, name)
            return _received(source.copy())
        Image.init()
        formats = [known for known in _FORMATS if known in Image.OPEN]
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=formats) as image:
            _check_size(image, name)
            return _received(image)
    except GlyphError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(name) from None
    except UnidentifiedImageError:
        raise GlyphError(f"{name} is not a picture that can be read; PNG, JPEG, GIF, WebP, TIFF and BMP can.") from None
    except OSError as error:
        raise GlyphError(f"{name} cannot be read: {error.strerror or error}.") from None
    except Exception as error:  # A decoder fed with a hostile file may raise anything.
        raise GlyphError(f"{name} is damaged or of an unknown kind: {error or type(error).__name__}.") from None


def _too_large(name: str) -> GlyphError:
    return GlyphError(f"{name} has more than {MAX_PIXELS // 1_000_000} million pixels: send a smaller one.")


def _check_size(image: Image.Image, name: str) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise _too_large(name)
    if not image.width or not image.height:
        raise GlyphError(f"{name} is empty: it has no pixels.")


def _received(image: Image.Image) -> Received:
    size = image.size
    # A JPEG decoder can skip most of the work when a smaller picture will do.
    image.draft(None, (WORK_SIDE, WORK_SIDE))
    image.load()
    try:
        upright = ImageOps.exif_transpose(image)
    except Exception:  # Broken EXIF data is no reason to refuse a picture that decodes.
        upright = image
    if upright.size != image.size:  # Turned by a quarter.
        size = size[::-1]
    handy = _in_plain_mode(upright)
    handy.thumbnail((WORK_SIDE, WORK_SIDE), Image.Resampling.BILINEAR)
    return Received(handy, size)


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """`image` as L, RGB or RGBA; of modes with more than 8 bits the range that is used becomes 0..255."""
    if image.mode in ("L", "RGB", "RGBA") and "transparency" not in image.info:
        return image
    if image.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(image, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
        return Image.fromarray(np.round(255 * _stretched(values)).astype(np.uint8))
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "LAB":
        return image.getchannel(0)
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _stretched(values: NDArray[np.float32]) -> Values:
    """`values` moved and scaled to fill 0..1; zeros if they are all equal."""
    low, high = float(values.min()), float(values.max())
    return ((values - low) / (high - low)).astype(np.float32) if high > low else np.zeros_like(values)


def to_plane(image: Image.Image) -> Plane:
    """`image` (mode L, RGB or RGBA) as one plane in 0..1; see `Plane`."""
    values: Values = np.asarray(image, dtype=np.float32) / np.float32(255)
    makers: dict[str, Callable[[Values], Plane]] = {"RGB": _from_colours, "RGBA": _from_transparent}
    return makers[image.mode](values) if image.mode in makers else Plane(values, None, "It is grey already.")


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
    sentence = "Turned to grey along the direction in which its colours differ most, as their brightness hardly does."
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
    if filled > _CARD_SHARE and float(np.ptp(tones)) > _CARD_CONTRAST:
        # The card's rim tells the colour of its paper, which goes under what is transparent.
        inner = np.zeros_like(solid)
        inner[1:-1, 1:-1] = solid[:-2, 1:-1] & solid[2:, 1:-1] & solid[1:-1, :-2] & solid[1:-1, 2:]
        paper = np.median(colours[solid & ~inner], axis=0)
        plane = _from_colours(colours * opacity[..., None] + paper * (1 - opacity[..., None]))
        return Plane(plane.values, None, f"Laid on paper of the colour of its rim. {plane.sentence}")
    border = np.concatenate([solid[0], solid[-1], solid[:, 0], solid[:, -1]])
    if border.all():
        return Plane(opacity, False, "What is transparent is the ink: it is cut out of an opaque card.")
    return Plane(opacity, True, "What is opaque is the ink.")
