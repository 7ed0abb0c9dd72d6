"""A picture file of any common kind -> one plane of grey: opened with care, turned upright, reduced, colours weighed.

What comes in is a stranger's file: sizes are checked before anything is decoded, and only formats that Pillow decodes
by itself are tried. This module does not decide what is ink (`fontdemo.ink`).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from fontdemo.errors import GlyphError

Picture = Image.Image | bytes | str | Path

#: A picture of more pixels than this is refused before it is decoded.
MAX_PIXELS = 50_000_000

#: Longer side, in pixels, to which a larger picture is reduced before anything is looked for in it.
WORK_SIDE = 640

# Formats that are tried. Left out on purpose: those that start other programs (EPS, WMF) and those out of use.
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "AVIF", "PPM", "ICO", "JPEG2000")

# How much more the colours must vary along another direction before that direction is preferred to brightness.
_COLOUR_GAIN = 4.0

_BRIGHTNESS = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@dataclass(frozen=True)
class Plane:
    """A picture as one plane: values float32 (H, W) in 0..1, and how they came about, in words.

    ink_is_high: True where the plane is the opacity of a transparent picture, so that what is high is ink for certain;
    None where it must be found out.
    """

    values: NDArray[np.float32]
    ink_is_high: bool | None
    sentence: str


def open_picture(source: Picture) -> Image.Image:
    """The first frame of `source`, decoded, upright, its longer side at most WORK_SIDE; modes as Pillow has them.

    GlyphError if it is no picture, damaged, empty, or of more than MAX_PIXELS pixels.
    """
    if isinstance(source, Image.Image):
        return _decoded(source.copy() if source.width and source.height else source, "The picture")
    name = "The picture" if isinstance(source, bytes) else Path(source).name
    Image.init()
    formats = [name for name in _FORMATS if name in Image.OPEN]
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=formats) as image:
            return _decoded(image, name)
    except GlyphError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise GlyphError(f"{name} has more than {MAX_PIXELS // 1_000_000} million pixels: make it smaller.") from None
    except Image.UnidentifiedImageError:
        raise GlyphError(f"{name} is not a picture that can be read ({', '.join(formats)} can).") from None
    except OSError as error:
        raise GlyphError(f"{name} cannot be read: {error.strerror or error}.") from None
    except Exception as error:  # A decoder fed with a hostile file may raise anything.
        raise GlyphError(f"{name} is damaged: {error or type(error).__name__}.") from None


def _decoded(image: Image.Image, name: str) -> Image.Image:
    if image.width * image.height > MAX_PIXELS:
        raise GlyphError(f"{name} has more than {MAX_PIXELS // 1_000_000} million pixels: make it smaller.")
    if not image.width or not image.height:
        raise GlyphError(f"{name} is empty.")
    # JPEG decoders can skip most of the work when a smaller picture is asked for.
    image.draft(None, (WORK_SIDE, WORK_SIDE))
    image.load()
    if image.mode in ("P", "PA", "1") or "transparency" in image.info:
        # Palette entries cannot be averaged; a transparent colour must become opacity first.
        image = image.convert("L" if image.mode == "1" else "RGBA")
    factor = max(image.width, image.height) // WORK_SIDE
    if factor > 1:
        image = image.reduce(factor)
    try:
        turned = ImageOps.exif_transpose(image)
    except Exception:  # Broken EXIF data is no reason to refuse a picture that decodes.
        return image
    return turned


def to_plane(image: Image.Image) -> Plane:
    """`image` in any of Pillow's modes as one plane in 0..1; see `Plane`."""
    bands = image.getbands()
    if len(bands) == 1 or image.mode == "LAB":
        return Plane(_stretched(np.asarray(image.getchannel(0), dtype=np.float32), image.mode), None, "Grey already.")
    if "A" in bands or "a" in bands:
        return _from_transparent(image)
    return _from_colours(np.asarray(image.convert("RGB"), dtype=np.float32) / 255)


def _stretched(values: NDArray[np.float32], mode: str) -> NDArray[np.float32]:
    """0..255 -> 0..1; modes of more bits, whose range the file does not tell, by their least and greatest value."""
    if mode in ("L", "LAB"):
        return values / 255
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def _from_colours(colours: NDArray[np.float32]) -> Plane:
    """RGB (H, W, 3) in 0..1: its brightness, or the direction in which its colours differ where brightness does not."""
    sample = colours[:: 1 + colours.shape[0] // 64, :: 1 + colours.shape[1] // 64].reshape(-1, 3)
    spread = np.cov(sample, rowvar=False) if len(sample) > 1 else np.zeros((3, 3))
    strengths, directions = np.linalg.eigh(spread)
    unit = _BRIGHTNESS / np.linalg.norm(_BRIGHTNESS)
    if strengths[-1] <= _COLOUR_GAIN * float(unit @ spread @ unit):
        return Plane(colours @ _BRIGHTNESS, None, "Turned to grey by brightness.")
    axis = directions[:, -1] * (1 if directions[:, -1] @ _BRIGHTNESS >= 0 else -1)
    values = colours @ axis.astype(np.float32)
    return Plane(_stretched(values, "F"), None, "Turned to grey along the direction in which its colours differ most.")


def _from_transparent(image: Image.Image) -> Plane:
    """A picture with opacity: the opacity itself, unless what is opaque is a card with the character on it."""
    rgba = np.asarray(image.convert("RGBA"), dtype=np.float32) / 255
    colours, opacity = rgba[..., :3], rgba[..., 3]
    solid = opacity > 0.5
    if solid.all():
        return _from_colours(colours)
    if not solid.any():
        return Plane(opacity, True, "The picture's opacity.")
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    filled = solid.sum() / (np.ptp(rows) + 1) / (np.ptp(columns) + 1)
    grey = colours @ _BRIGHTNESS
    if filled > 0.8 and np.ptp(grey[solid]) > 0.25:
        # The card's rim tells the colour of its paper; that goes under what is transparent.
        inside = solid.copy()
        inside[1:-1, 1:-1] = solid[1:-1, 1:-1] & solid[:-2, 1:-1] & solid[2:, 1:-1] & solid[1:-1, :-2] & solid[1:-1, 2:]
        inside[[0, -1]] = inside[:, [0, -1]] = False
        paper = np.median(colours[solid & ~inside], axis=0)
        plane = _from_colours(colours * opacity[..., None] + paper * (1 - opacity[..., None]))
        return Plane(plane.values, None, f"Laid on paper of its rim's colour. {plane.sentence}")
    return Plane(opacity, True, "What is opaque is the ink.")
