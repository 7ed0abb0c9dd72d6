"""A sheet in a photograph, as on a desk: the largest light (or dark) part with a straight outline that is written on.

It cuts the sheet out and fills what lies around it with paper. Whether the sheet is what is meant, and what is written
on it, is not decided here (`fontdemo.glyph.interpretations`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fontdemo.glyph.binarize import border_fraction, otsu, reduced
from fontdemo.glyph.connected import Mask, connected, outline
from fontdemo.glyph.picture import Values

# Longer side of the small copy in which sheets are looked for, and of what is cut out.
_SMALL_SIDE, _LARGEST_SIDE = 160, 320

# A sheet covers this fraction of the picture, and this fraction of its own box at that turn at which the box is
# smallest; with the last fraction no better one is looked for.
_LEAST_AREA, _MOST_AREA, _LEAST_STRAIGHT, _STRAIGHT = 0.1, 0.97, 0.88, 0.95
_TURNS = np.radians(np.arange(-12, 12.1, 1.5))

# It covers this fraction of the picture's border at most; some of it where it is cut by the frame.
_MOST_BORDER = 0.7

# What is written on it covers this fraction of it.
_LEAST_WRITING, _MOST_WRITING = 0.002, 0.3

# On a plate, ink in another tone is looked for so many pixels inside of the edge (of the small copy); so much of the
# variance must lie between the two, and they differ by this fraction of what the plate differs from its surroundings.
_SOFT, _CLEAR, _CONTRAST = 3, 0.6, 0.3

# So much of its longer side is cut off all round, where its edge is soft and casts a shadow.
_RIM = 0.025


@dataclass(frozen=True)
class Sheet:
    """values: float32 (h, w) in 0..1, the sheet in its box, paper around it where it is turned.

    light: whether it is lighter than what it lies on. ink_is_high: whether what is written on it is lighter than it.
    """

    values: Values
    light: bool
    ink_is_high: bool


@dataclass(frozen=True)
class _Outline:
    """straight: how straight the outline of a part is. own, filled: the part, and the same with its holes filled."""

    straight: float
    own: Mask
    filled: Mask


def any_sheet(values: Values) -> Sheet | None:
    """The light sheet in a plane (H, W) in 0..1, else the dark one, else a plate of either tone; None without one."""
    small = reduced(values, _SMALL_SIDE)
    outlines: dict[bool, list[_Outline]] = {}
    for plate in (False, True):
        for light in (True, False):
            if light not in outlines:
                outlines[light] = _outlines(small, light)
            sheet = _sheet(values, small, light, plate, outlines[light])
            if sheet is not None:
                return sheet
    return None


def find_sheet(values: Values, light: bool, plate: bool = False) -> Sheet | None:
    """The sheet, lighter (or darker) than what it lies on, in a plane (H, W) in 0..1; None if there is none.

    What is written on it has about the tone of what it lies on, but on a plate, as a sign or a button, another one.
    """
    small = reduced(values, _SMALL_SIDE)
    return _sheet(values, small, light, plate, _outlines(small, light))


def _sheet(values: Values, small: Values, light: bool, plate: bool, outlines: list[_Outline]) -> Sheet | None:
    """The straightest of the outlines that is written on, or the first that is straight enough, cut out."""
    best: tuple[_Outline, Mask] | None = None
    for one in outlines:
        blank = _bare_plate(small if light else -small, one.filled) if plate else _bare_sheet(one)
        if blank is not None and (best is None or one.straight > best[0].straight):
            best = one, blank
        if best is not None and best[0].straight >= _STRAIGHT:
            break
    if best is None:
        return None
    filled, blank = best[0].filled, best[1]
    # In a sheet's holes there are the counters of its letters, too, which are blank.
    lighter = bool(np.median(small[filled & ~blank]) > np.median(small[blank])) if plate else not light
    return Sheet(_cut_out(values, small, blank, filled), light, lighter)


def _outlines(small: Values, light: bool) -> list[_Outline]:
    """What may be a light (or dark) sheet or plate in the small copy, at each of the tones that may part it from it."""
    high = small if light else -small
    cut, _ = otsu(high)
    if border_fraction(high > cut) > _MOST_BORDER:  # more still would be in it with a lower cut
        return []
    below = high[high <= cut]
    # Where a shadow falls across it, the first cut may part light from shade, and only the second one sheet from desk.
    levels = (cut, otsu(below)[0]) if below.size else (cut,)
    return [found for level in levels if (found := _outline(high > level)) is not None]


def _outline(mask: Mask) -> _Outline | None:
    """The largest part of `mask`; None if it can be no sheet."""
    if border_fraction(mask) > _MOST_BORDER:
        return None
    parts = connected(mask)
    if not len(parts):
        return None
    own = parts.labels == int(parts.areas.argmax())
    gaps = connected(~own)
    height, width = mask.shape
    edges = (gaps.boxes == (0, 0, width, height)).any(axis=1)
    filled = own | np.append(~edges, False)[gaps.labels]
    if not _LEAST_AREA <= filled.mean() <= _MOST_AREA or 1 - own.sum() / filled.sum() > _MOST_WRITING:
        return None
    straight = _straightness(filled)
    return _Outline(straight, own, filled) if straight >= _LEAST_STRAIGHT else None


def _bare_sheet(one: _Outline) -> Mask | None:
    """What is bare of a sheet, in whose holes is what is written on it; None if nothing is."""
    return one.own if 1 - one.own.sum() / one.filled.sum() >= _LEAST_WRITING else None


def _bare_plate(high: Values, filled: Mask) -> Mask | None:
    """`filled`, a plate, without what is written on it in another tone; None if nothing is."""
    inner = _shrunk(filled, _SOFT)
    tones = high[inner]
    if not tones.size:
        return None
    cut, clear = otsu(tones)
    ink = inner & (high > cut)
    if 2 * ink.sum() > inner.sum():
        ink = inner & ~ink
    writing = ink.sum() / filled.sum()
    if clear < _CLEAR or not _LEAST_WRITING <= writing <= _MOST_WRITING:
        return None
    plate = float(np.median(high[inner & ~ink]))
    contrast = abs(float(np.median(high[ink])) - plate)
    beside = abs(float(np.median(high[~filled])) - plate)
    return filled & ~ink if contrast >= _CONTRAST * beside else None


def _shrunk(mask: Mask, by: int) -> Mask:
    """`mask` without what is so near its edge, by which the picture's own edge is none."""
    wide = Image.fromarray(np.pad(mask, by, mode="edge").astype(np.uint8) * 255)
    return np.asarray(wide.filter(ImageFilter.MinFilter(2 * by + 1)))[by:-by, by:-by] > 0


def _straightness(filled: Mask) -> float:
    """The fraction that a shape has of the smallest box round it, turned by one of _TURNS: 1 for a rectangle."""
    x, y = outline(filled).T
    across = np.outer(np.cos(_TURNS), x) + np.outer(np.sin(_TURNS), y)
    down = np.outer(np.cos(_TURNS), y) - np.outer(np.sin(_TURNS), x)
    return float(filled.sum() / (np.ptp(across, axis=1) * np.ptp(down, axis=1)).min())


def _cut_out(values: Values, small: Values, own: Mask, filled: Mask) -> Values:
    """The box of `filled`, from the whole picture; what lies outside of it becomes paper of the tone beside it."""
    rows, columns = np.flatnonzero(filled.any(axis=1)), np.flatnonzero(filled.any(axis=0))
    rim = max(1, round(_RIM * max(len(rows), len(columns))))
    inner = _shrunk(filled, rim)
    slope = _paper(small, own & inner)
    height, width = small.shape
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    scale = max(1.0, min(max(values.shape) / max(small.shape), _LARGEST_SIDE / max(box[2] - box[0], box[3] - box[1])))
    size = round((box[2] - box[0]) * scale), round((box[3] - box[1]) * scale)
    ratio = values.shape[1] / width, values.shape[0] / height
    region = (box[0] * ratio[0], box[1] * ratio[1], box[2] * ratio[0], box[3] * ratio[1])
    found = np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BILINEAR, box=region), dtype=np.float32)
    inside = np.asarray(
        Image.fromarray(inner.astype(np.uint8) * 255).resize(size, Image.Resampling.BILINEAR, box=box)
    ) > 127
    across = np.linspace(box[0], box[2], size[0], dtype=np.float32)
    down = np.linspace(box[1], box[3], size[1], dtype=np.float32)[:, None]
    paper = np.clip(slope[0] + slope[1] * across + slope[2] * down, 0, 1)
    return np.where(inside, found, paper).astype(np.float32)


def _paper(small: Values, bare: Mask) -> NDArray[np.float32]:
    """The plane (level, slope across, slope down) through the tones of the bare paper, by least squares."""
    down, across = np.nonzero(bare)
    step = 1 + len(down) // 2000
    down, across = down[::step], across[::step]
    known = np.stack([np.ones(len(down)), across, down], axis=1)
    slope, *_ = np.linalg.lstsq(known, small[down, across].astype(np.float64), rcond=None)
    return slope.astype(np.float32)
