"""Which connected parts of a mask belong to the character: frames, specks and bits of neighbours do not.

Geometry only; whether the mask is the ink or the paper is decided in `fontdemo.glyph.binarize`, with the help of
`doubt`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fontdemo.glyph.connected import Components, Mask, connected

#: A part smaller than this fraction of the largest one is a speck; the dot of an i is far larger.
SPECK_FRACTION = 0.01

# In a small picture a speck is a part of so few pixels, if it is smaller than this fraction of the largest one.
_SPECK_PIXELS, _SMALL_SPECK_FRACTION = 3, 0.08

# What is this far from the largest part, as a fraction of its longer side, stands apart; the dot of an i is nearer.
# With more than the second fraction of its area it is another character.
_APART, _SMALLER = 0.3, 0.25

# A frame is at least this fraction of the picture long, and the character in it at least this fraction of the frame.
_IN_FRAME = 0.3

# A frame's outer rim is this fraction of its side thick at most, and runs along so much of each side.
_RIM, _RIM_FRACTION = 0.06, 0.9

# What a frame surrounds is this rectangular, and fills at least so much of the frame's box.
_HOLE_FRACTION, _HOLE_SIZE = 0.92, 0.55


@dataclass(frozen=True)
class Character:
    """The parts of a mask (H, W) that make up the character.

    mask: bool (H, W). near: the mask and what lies so near that its smooth edge may be there, without other parts.
    specks, strangers: how many parts were left out as too small, and as frames or cut by the picture's edge.
    """

    mask: Mask
    near: Mask
    specks: int
    strangers: int


def find_character(mask: Mask, keep_cut: bool = False, alone: bool = False) -> Character:
    """The character among the parts of `mask`; nothing is kept of an empty mask.

    keep_cut: parts that the picture's edge cuts belong to it, however they stand. alone: what stands apart does not.
    """
    parts = connected(mask)
    strange = framing(parts)
    if strange.all():
        return Character(np.zeros_like(mask), np.zeros_like(mask), 0, len(parts))
    cut = _cut_sides(parts)
    largest = int(np.where(strange, 0, parts.areas).argmax())
    if cut[largest].any() and not keep_cut:
        # The picture is a tight crop: only what stands beside the character and is cut on the left or right is strange.
        beside = (parts.boxes[:, 2] <= parts.boxes[largest, 0]) | (parts.boxes[:, 0] >= parts.boxes[largest, 2])
        strange |= beside & cut[:, [0, 2]].any(axis=1)
    elif not keep_cut:
        strange |= cut.any(axis=1)
    if alone:
        strange |= _apart(parts, largest)
    specks = ~strange & are_specks(parts.areas, int(parts.areas[largest]))
    kept = _select(parts, ~strange & ~specks)
    return Character(kept, near(kept, mask), int(specks.sum()), int(strange.sum()))


def has_parts_apart(mask: Mask) -> bool:
    """Whether small parts of `mask` (H, W), and no large ones, stand apart from the largest, as holes in a sheet do."""
    parts = connected(mask)
    if len(parts) < 2:
        return False
    largest = int(parts.areas.argmax())
    areas = parts.areas[_apart(parts, largest)]
    return bool(areas.size and areas.max() < _SMALLER * parts.areas[largest])


def _apart(parts: Components, largest: int) -> NDArray[np.bool_]:
    """Bool (n,): which parts stand apart from the part `largest`."""
    lows, highs = parts.boxes[:, :2], parts.boxes[:, 2:]
    gaps = np.maximum(lows - highs[largest], lows[largest] - highs).max(axis=1)
    return np.asarray(gaps > _APART * (highs - lows)[largest].max(), dtype=np.bool_)


def are_specks(areas: NDArray[np.int64], largest: int) -> NDArray[np.bool_]:
    """Bool (n,): which of the parts of these areas are specks beside one of area `largest`, in pixels."""
    small = (areas <= _SPECK_PIXELS) & (areas < _SMALL_SPECK_FRACTION * largest)
    return np.asarray(small | (areas < SPECK_FRACTION * largest), dtype=np.bool_)


def near(kept: Mask, mask: Mask) -> Mask:
    """`kept`, some parts of `mask`, and what lies so near them that their smooth edge may be there; all (H, W)."""
    return _grown(_grown(kept)) & (kept | ~mask)


def doubt(mask: Mask) -> float:
    """How little `mask` looks like ink and how much like paper, from 0 upwards; the mask to be preferred has less.

    The sum of three fractions: of the picture's border that is in the mask, of the picture that is, and (twice) of the
    mask that lies in parts cut by the picture's edge, other than the largest. Frames are set aside first.
    """
    parts = connected(mask)
    mask = _select(parts, ~framing(parts))
    if not mask.any():
        return 4.0
    parts = connected(mask)
    pieces = np.array(_cut_sides(parts).any(axis=1))
    pieces[parts.areas.argmax()] = False
    border = np.concatenate([mask[0], mask[-1], mask[1:-1, 0], mask[1:-1, -1]])
    return float(border.mean() + mask.mean() + 2 * parts.areas[pieces].sum() / parts.areas.sum())


def _select(parts: Components, wanted: NDArray[np.bool_]) -> Mask:
    """The pixels of the `wanted` parts; wanted: bool (n,)."""
    chosen: Mask = np.append(wanted, False)[parts.labels]
    return chosen


def _cut_sides(parts: Components) -> NDArray[np.bool_]:
    """Bool (n, 4): whether a part touches the picture's left, upper, right, lower edge."""
    height, width = parts.labels.shape
    return np.asarray(parts.boxes == (0, 0, width, height), dtype=np.bool_)


def framing(parts: Components, least: float = _IN_FRAME) -> NDArray[np.bool_]:
    """Bool (n,): the parts that are a rectangular frame round another part of some size, or lie outside of one.

    least: that size, as a fraction of the frame's.
    """
    outside = np.zeros(len(parts), dtype=bool)
    lows, highs = parts.boxes[:, :2], parts.boxes[:, 2:]
    extents = (highs - lows).max(axis=1, initial=0)
    for part in np.flatnonzero(extents > _IN_FRAME * max(parts.labels.shape)):
        inside = ((lows > lows[part]) & (highs < highs[part])).all(axis=1)
        if (inside & (extents >= least * extents[part])).any() and _is_frame(parts, part):
            outside |= ~inside
    return outside


def _is_frame(parts: Components, part: np.intp) -> bool:
    left, top, right, bottom = parts.boxes[part]
    own = parts.labels[top:bottom, left:right] == part
    rim = max(2, round(_RIM * max(own.shape)))
    rims = (own[:, :rim].any(axis=1), own[:, -rim:].any(axis=1), own[:rim].any(axis=0), own[-rim:].any(axis=0))
    if min(float(side.mean()) for side in rims) < _RIM_FRACTION:
        return False
    rows, columns = np.flatnonzero(~own.all(axis=1)), np.flatnonzero(~own.all(axis=0))
    box = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
    return bool(own.size - own.sum() > _HOLE_FRACTION * box and box > _HOLE_SIZE * own.size)


def _grown(mask: Mask) -> Mask:
    """`mask` and all pixels that touch it, by a side or a corner; a tenth of scipy's time for `binary_dilation`."""
    tall = mask.copy()
    tall[1:] |= mask[:-1]
    tall[:-1] |= mask[1:]
    grown: Mask = tall.copy()
    grown[:, 1:] |= tall[:, :-1]
    grown[:, :-1] |= tall[:, 1:]
    return grown
