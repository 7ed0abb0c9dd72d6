"""A character in a ring or on a disc, as on signs, buttons and tiles, or circled by hand: what encloses it taken off.

A plane of grey and its ink in, a plane out in which only what is enclosed is left. Whether that is the character is not
decided here (`fontdemo.glyph.interpretations`); what may as well be the hole of a letter is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fontdemo.glyph.connected import AROUND, Mask, connected, outline
from fontdemo.glyph.fit import box_of
from fontdemo.glyph.picture import Values

# What encloses is at least this fraction of the picture long, and with its holes filled it has this fraction of its
# convex hull and this one of its box; an ellipse has 0.785 of it.
_LONG, _CONVEX, _FULL = 0.3, 0.93, 0.7

# A gap in a ring that a hand drew is closed if it is narrower than this fraction of the picture's longer side.
_GAP = 0.03

# What is enclosed is so long for what encloses it. A ring's hole is this fraction of it all, a disc itself this one: a
# zero with a bar in it is neither.
_LEAST, _RING, _DISC = 0.3, 0.4, 0.73

# The holes of letters have more than this fraction of their convex hull, and no island larger than this one of them.
_PLAIN, _ISLAND = 0.85, 0.02

# Of more holes than this, all about as large, none is a character: it is a pattern, and to look at each takes long.
_MOST_HOLES = 60


@dataclass(frozen=True)
class Enclosed:
    """A part of a plane, all but what is enclosed in the tone of its ground: float32 (h, w) in 0..1.

    dark: whether its ink is low. ring: whether it stands in a ring; else it is cut out of a disc.
    """

    values: Values
    dark: bool
    ring: bool


def find_enclosed(values: Values, ink: Mask, dark: bool) -> Enclosed | None:
    """What the longest part of `ink` (H, W), dark or light in `values` (H, W), has within it; None if nothing is."""
    parts = connected(ink)
    if not len(parts):
        return None
    extents = (parts.boxes[:, 2:] - parts.boxes[:, :2]).max(axis=1)
    outer, side = int(extents.argmax()), max(ink.shape)
    left, top, right, bottom = parts.boxes[outer]
    if extents[outer] < _LONG * side:
        return None
    reach = max(1, round(_GAP * side / 2))
    window = np.s_[max(0, top - reach - 2) : bottom + reach + 2, max(0, left - reach - 2) : right + reach + 2]
    values, ink, own = values[window], ink[window], parts.labels[window] == outer
    full = _FULL * (right - left) * (bottom - top)
    if _hull_area(own) < full:
        return None
    closed = _grown(own, reach)
    filled = _filled(closed)
    hole = filled & ~closed
    whole = ~_grown(~filled, reach)
    if whole.sum() < max(full, _CONVEX * _hull_area(whole)):
        return None
    within = ink & hole
    if hole.sum() >= _RING * whole.sum():
        if _extent(within) < _LEAST * extents[outer]:
            return None
        return Enclosed(_on_ground(values, hole, hole & ~ink), dark, ring=True)
    holes = _filled(own) & ~ink
    solid = own.sum() >= _DISC * whole.sum()
    if not solid or _extent(holes) < _LEAST * extents[outer] or not _is_cut_out(holes):
        return None
    return Enclosed(_on_ground(values, _grown(holes, 2), own), not dark, ring=False)


def _is_cut_out(holes: Mask) -> bool:
    """Whether some hole is bent, branched or has something in it, as no hole of a letter is."""
    parts = connected(holes)
    large = np.flatnonzero(parts.areas > 0.1 * parts.areas.max())
    for part in large if len(large) <= _MOST_HOLES else ():
        own = parts.labels == part
        whole = _filled(own)
        if whole.sum() - own.sum() > _ISLAND * whole.sum() or whole.sum() < _PLAIN * _hull_area(whole):
            return True
    return False


def _grown(mask: Mask, by: int) -> Mask:
    """`mask` and all that is no more than so many pixels away from it."""
    from scipy import ndimage

    return np.asarray(ndimage.binary_dilation(mask, AROUND, by), dtype=np.bool_)


def _filled(mask: Mask) -> Mask:
    """`mask` and its holes."""
    from scipy import ndimage

    return np.asarray(ndimage.binary_fill_holes(mask), dtype=np.bool_)


def _on_ground(values: Values, kept: Mask, ground: Mask) -> Values:
    """`values` where they are `kept`, elsewhere the median of what they are on `ground`."""
    return np.where(kept, values, np.median(values[ground])).astype(np.float32)


def _extent(mask: Mask) -> int:
    """The longer side of the box round `mask`, in pixels; 0 if it is empty."""
    box = box_of(mask)
    return 0 if box is None else max(box[2] - box[0], box[3] - box[1])


def _hull_area(mask: Mask) -> float:
    """The area of the convex hull of the pixels of `mask`, in pixels, their corners included."""
    from scipy.spatial import ConvexHull

    return float(ConvexHull(outline(mask)).volume) if mask.any() else 0.0
