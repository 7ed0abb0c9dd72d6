"""The characters of a mask with writing in it: which parts make up each one. Lines and words: `fontdemo.glyph.lines`.

Geometry only, on the connected parts: a dot goes with the stem below it, the pieces of a broken character with each
other, letters that lean over their neighbours stay apart. Nothing is read here.
Lengths below are fractions of the writing's height: of its taller parts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fontdemo.errors import GlyphError
from fontdemo.glyph.connected import Components, Mask, connected
from fontdemo.glyph.foreground import SPECK_FRACTION, framing
from fontdemo.glyph.lines import Group, lines_of, spaced

#: No more characters than this are told apart in one picture; one of more holds a page, or a photograph.
MOST = 80

# More parts than this are no writing, but grain: nothing is made of them.
_MOST_PARTS = 600

# A dot is this high and this wide at most, this far above its stem at most, and this far beside it.
_DOT_HEIGHT, _DOT_WIDTH, _DOT_GAP, _DOT_ASIDE = 0.45, 0.6, 0.4, 0.12

# Pieces of one character lie this far one above the other at most, share so much of the narrower one's width, and come
# to no more than this height together.
_PIECE_GAP, _PIECE_FRACTION, _PIECES_HEIGHT = 0.15, 0.7, 1.25

# What a frame is round is this fraction of its length, or more; letters of a word are small in theirs.
_IN_FRAME = 0.08

# Leans that are tried, as pixels to the right for each pixel upward; a letter's parts are compared upright.
_LEANS = (0.0, 0.1, 0.2, 0.3)

# Characters that together are no wider than this, for their height, may be one that is broken.
_ONE_WIDTH = 1.1

#: Two tall parts of a square side by side: so many columns without ink lie between, more than in a K whose strokes just
#: fail to meet, and each is so high for the height of all ink. The browser's copy is told (`ui/live/side_by_side.js`).
SIDE_BY_SIDE_GAP, SIDE_BY_SIDE_TALL = 3, 0.5

#: What is this wide for the height of its line, or more, may be letters that touch.
WIDE = 1.25


@dataclass(frozen=True)
class Spot:
    """One character of a line. mask: bool (H, W) within box (left, top, right, bottom) of the picture.

    space: whether a space stands before it. line: its line, from 0 at the top. wide: its width for the line's height.
    """

    mask: Mask
    box: tuple[int, int, int, int]
    space: bool
    line: int
    wide: float


def find_spots(whole: Mask) -> list[Spot]:
    """The characters of `whole` (H, W) in reading order, line by line from the left; one or none if it is no line.

    GlyphError if there are more than MOST.
    """
    parts = connected(whole)
    if not 2 <= len(parts) <= _MOST_PARTS:
        return []
    chosen = np.flatnonzero(_writing(parts))
    if len(chosen) < 2:
        return []
    heights = parts.boxes[chosen, 3] - parts.boxes[chosen, 1]
    tall = float(np.median(heights[heights >= 0.6 * heights.max()]))
    upright = _upright(parts, chosen)
    groups = _pieces([Group([int(part)], *box) for part, box in zip(chosen, upright, strict=True)], tall)
    if len(groups) < 2 or _one_above_the_other(groups):
        return []
    if len(groups) > MOST:
        raise GlyphError(f"There are more than {MOST} characters in the picture. Use a picture of one line.")
    return [
        _spot(parts, group, space, number, tall)
        for number, line in enumerate(spaced(lines_of(groups), tall))
        for group, space in line
    ]


def may_be_one(spots: list[Spot]) -> bool:
    """Whether the spots, two or more, together are so narrow that they may be a single character in pieces."""
    if len(spots) < 2:
        return False
    left, top, right, bottom = union([spot.box for spot in spots])
    return right - left <= _ONE_WIDTH * (bottom - top)


def side_by_side(image: NDArray[np.float32]) -> bool:
    """Whether `image`, (SIDE, SIDE) in 0..1 with ink 1, holds two tall parts side by side, as two characters are."""
    ink = image >= 0.5
    columns = np.flatnonzero(ink.any(axis=0))
    for gap in np.flatnonzero(np.diff(columns) > SIDE_BY_SIDE_GAP):
        parts = ink[:, : columns[gap] + 1], ink[:, columns[gap + 1] :]
        if min(_rows_of(part) for part in parts) >= SIDE_BY_SIDE_TALL * _rows_of(ink):
            return True
    return False


def union(boxes: list[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    """The box round `boxes`."""
    sides = np.array(boxes)
    low, high = sides[:, :2].min(axis=0), sides[:, 2:].max(axis=0)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _writing(parts: Components) -> NDArray[np.bool_]:
    """Bool (n,): the parts that are neither a frame, nor specks, nor shadows that come in from the picture's edge."""
    wanted = ~framing(parts, _IN_FRAME)
    if not wanted.any():
        return wanted
    lefts, tops, rights, bottoms = parts.boxes.T
    height, width = parts.labels.shape
    cut = (lefts == 0) | (tops == 0) | (rights == width) | (bottoms == height)
    inner = wanted & ~cut & (parts.areas >= SPECK_FRACTION * parts.areas[wanted].max())
    if inner.any():
        # In a tight crop letters touch the edge; they stand abreast of those that do not.
        low, high = tops[inner].min(), bottoms[inner].max()
        reach = 0.6 * (high - low)
        wanted &= ~cut | ((tops >= low - reach) & (bottoms <= high + reach))
    return np.asarray(wanted & (parts.areas >= SPECK_FRACTION * parts.areas[wanted].max()), dtype=np.bool_)


def _upright(parts: Components, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """The boxes (n, 4) of the `chosen` parts, leant back by that lean of _LEANS at which they overlap least."""
    rows, columns = np.nonzero(parts.labels >= 0)
    labels = parts.labels[rows, columns]
    order = np.argsort(labels, kind="stable")
    rows, columns, labels = rows[order], columns[order], labels[order]
    starts = np.searchsorted(labels, np.arange(len(parts)))
    boxes = parts.boxes[chosen].astype(np.float64)
    best, least = boxes, np.inf
    for lean in _LEANS:
        positions = columns + lean * rows
        leant = boxes.copy()
        leant[:, 0] = np.minimum.reduceat(positions, starts)[chosen]
        leant[:, 2] = np.maximum.reduceat(positions, starts)[chosen] + 1
        shared = np.minimum(leant[:, None, 2], leant[None, :, 2]) - np.maximum(leant[:, None, 0], leant[None, :, 0])
        lower = np.minimum(boxes[:, None, 3], boxes[None, :, 3])
        upper = np.maximum(boxes[:, None, 1], boxes[None, :, 1])
        overlap = float((np.maximum(shared, 0) * (lower > upper)).sum() - np.trace(shared))
        # Nothing leans for the sake of a pixel.
        if overlap < 0.9 * least - 1:
            best, least = leant, overlap
    return best


def _pieces(groups: list[Group], tall: float) -> list[Group]:
    """Groups joined while any two belong to one character."""
    groups = sorted(groups, key=lambda group: group.height)
    done: list[Group] = []
    while groups:
        # The smallest one first: a dot finds its stem before stems are compared.
        small = groups.pop(0)
        homes = [other for other in groups if _belong(small, other, tall)]
        if not homes:
            done.append(small)
            continue
        home = min(homes, key=lambda other: _away(small, other))
        groups.remove(home)
        groups = sorted([*groups, home.joined(small)], key=lambda group: group.height)
    return done


def _away(a: Group, b: Group) -> float:
    """How far apart two groups lie, up and down and sideways."""
    down = max(0.0, max(a.top, b.top) - min(a.bottom, b.bottom))
    return down + abs(a.left + a.right - b.left - b.right) / 2


def _belong(small: Group, other: Group, tall: float) -> bool:
    """Whether `small` is a piece of the same character as the higher group `other`."""
    aside = max(small.left, other.left) - min(small.right, other.right)  # negative: how much they share
    gap = max(small.top, other.top) - min(small.bottom, other.bottom)  # negative likewise
    above = small.top + small.bottom < other.top + other.bottom
    narrow = min(small.width, other.width)
    if -aside >= _PIECE_FRACTION * narrow:
        together = max(small.bottom, other.bottom) - min(small.top, other.top)
        if gap <= _PIECE_GAP * tall and together <= max(_PIECES_HEIGHT * tall, other.height):
            return True
    is_dot = small.height <= _DOT_HEIGHT * tall and small.width <= _DOT_WIDTH * tall and small.bottom <= other.top + 2
    return is_dot and above and gap <= _DOT_GAP * tall and aside <= _DOT_ASIDE * tall and other.height > small.height


def _one_above_the_other(groups: list[Group]) -> bool:
    """Whether all lie in one column, as the parts of "=" or ":" or of a character cut across do."""
    widest = max(groups, key=lambda group: group.width)
    return all(min(group.right, widest.right) - max(group.left, widest.left) >= 0.5 * group.width for group in groups)


def _spot(parts: Components, group: Group, space: bool, line: int, tall: float) -> Spot:
    left, top, right, bottom = union([tuple(parts.boxes[part]) for part in group.parts])
    mask = np.isin(parts.labels[top:bottom, left:right], group.parts)
    return Spot(mask, (left, top, right, bottom), space, line, (right - left) / max(tall, bottom - top))


def _rows_of(ink: NDArray[np.bool_]) -> int:
    """From the first row with ink to the last one; there is some."""
    rows = np.flatnonzero(ink.any(axis=1))
    return int(rows[-1] - rows[0] + 1)
