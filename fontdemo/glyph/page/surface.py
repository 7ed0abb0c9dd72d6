"""What lies under the ink taken off: shadows with sharp edges, desks and fingers; the lines of ruled and squared paper.

A plane of grey in, a plane in which the paper is even out. Whether there was anything to take off, and what is read
then, is not decided here (`fontdemo.glyph.interpretations`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fontdemo.glyph.connected import Mask
from fontdemo.glyph.picture import Values

# All that is narrower than this fraction of the longer side is ink, and no part of what lies under it.
_WIDEST_STROKE = 0.2

# Darker than this, of 0..1, a place is compared with this tone: where there is no light grain is all there is.
_DARKEST = 0.25

# A ruled line is at most this fraction of the longer side thick, shows in so much of the width, climbs or falls by no
# more than the last of these slopes, and is not alone. It is nowhere interrupted but by ink: the bars and serifs of a
# word's letters end at the gaps between them.
_THICKEST_LINE, _LINE_LENGTH, _LEAST_LINES, _UNBROKEN = 0.012, 0.6, 2, 0.9
_SLOPES = np.linspace(-0.08, 0.08, 33)

# It stands out by this much, of 0..1, and by so many times the grain: the median step to the pixel beside.
_LEAST_LINE, _LINE_CLEARNESS = 0.02, 3.0


@dataclass(frozen=True)
class Bare:
    """A plane without the lines that crossed it, float32 (H, W) in 0..1, and how many these were."""

    values: Values
    lines: int


def without_shade(values: Values, dark: bool) -> Values:
    """How much darker (or lighter) each place is than what lies under it, as a fraction of that: float32 (H, W), 0..1.

    Ink is low in what is returned, paper is 1. What lies under it is a grey closing, which keeps the edges of shadows
    sharp as they are; all that is narrower than a stroke can be counts as ink.
    """
    from scipy import ndimage

    plane = values if dark else 1 - values
    size = 2 * round(_WIDEST_STROKE * max(plane.shape) / 2) + 1
    under = ndimage.grey_closing(plane, size=(size, size), mode="nearest")
    return np.asarray(1 - np.clip((under - plane) / np.maximum(under, _DARKEST), 0, 1), dtype=np.float32)


def without_lines(values: Values, dark: bool) -> Bare | None:
    """`values` without the dark (or light) lines right across, at least two level ones; None if there are not so many.

    Upright lines alone are no squares but the stems of letters. Where ink crosses a line it stays as it is.
    """
    cleared, level = _without_level_lines(values if dark else 1 - values)
    if level < _LEAST_LINES:
        return None
    turned, upright = _without_level_lines(cleared.T)
    return Bare(np.asarray(turned.T if dark else 1 - turned.T, dtype=np.float32), level + upright)


def _without_level_lines(plane: Values) -> tuple[Values, int]:
    """The same without dark lines from left to right, and how many there were."""
    from scipy import ndimage

    reach = 2 * max(1, round(_THICKEST_LINE * max(plane.shape))) + 1
    bare = ndimage.grey_closing(plane, size=(reach, 1), mode="nearest")
    grain = float(np.median(np.abs(np.diff(plane, axis=1)))) if plane.shape[1] > 1 else 0.0
    depth = np.asarray(bare - plane, dtype=np.float32)
    lines, count = _long_lines(plane, depth, depth > max(_LEAST_LINE, _LINE_CLEARNESS * grain))
    return np.where(lines, bare, plane), count


def _long_lines(plane: Values, depth: Values, thin: Mask) -> tuple[Mask, int]:
    """Which pixels of `thin` (H, W) lie in lines across, and the number of lines, by the Hough transform.

    depth: float32 (H, W), how much darker each pixel of `plane` is than what is close above and under it. Duda and
    Hart, "Use of the Hough transformation to detect lines and curves in pictures" (1972), over a few slopes.
    """
    height, width = depth.shape
    down, across = np.nonzero(thin)
    lines, most = np.zeros_like(thin), 0
    if len(down) < _LINE_LENGTH * width:
        return lines, 0
    depths = depth[down, across]
    # Ink is dark only beside the lightest of all that is above, or of all that is under it.
    lighter = np.maximum.accumulate
    paper = np.minimum(lighter(plane, axis=0), lighter(plane[::-1], axis=0)[::-1])
    padded = np.pad(paper - plane, ((1, 2), (0, 0)))
    around = np.max([padded[step : step + height] for step in range(4)], axis=0)
    columns = np.arange(width)
    spare = round(width * float(_SLOPES[-1]) / 2) + 2
    for slope in _SLOPES:
        rows = np.round(down - slope * (across - width / 2)).astype(np.intp) + spare
        counts = np.bincount(rows, minlength=height + 2 * spare + 1)
        full = np.append(counts[:-1] + counts[1:], 0) >= _LINE_LENGTH * width  # a sloping line lies in two rows
        if full.any():
            candidates = np.flatnonzero(full)
            levels = candidates[:, None] - spare + np.round(slope * (columns - width / 2)).astype(np.intp)
            least = 0.5 * float(depths[full[rows] | full[rows - 1]].mean())
            along = around[np.clip(levels, 0, height - 1), columns] >= least
            full[candidates] = along.mean(axis=1) >= _UNBROKEN
        if full.any():
            most = max(most, int((full[1:] & ~full[:-1]).sum()))
            thick = full.copy()
            thick[1:] |= full[:-1]
            thick[2:] |= full[:-2]
            thick[:-1] |= full[1:]
            kept = thick[rows]
            lines[down[kept], across[kept]] = True
    return lines, most
