"""A plane of grey -> how much of each pixel is ink: which side is paper, uneven light, grain, specks, frames.

Plain numpy and Pillow; nothing is learned, nothing is random. It does not crop or place (`fontdemo.glyph`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fontdemo.errors import GlyphError
from fontdemo.picture import Plane

Values = NDArray[np.float32]

#: Least difference, of 0..1, between the lightest and the darkest place of a picture with a character in it.
LEAST_CONTRAST = 0.03


@dataclass(frozen=True)
class Ink:
    """values: float32 (H, W) in 0..1, ink 1, smooth at its edges. dark: whether the ink is what was darker.

    sentence: what was decided, in words.
    """

    values: Values
    dark: bool
    sentence: str


def otsu(values: Values, bins: int = 256) -> float:
    """The threshold that parts `values` into two classes of the least variance within (Otsu 1979)."""
    counts, edges = np.histogram(values, bins=bins)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    between = np.nan_to_num(between[:-1])
    # In an empty stretch between the classes every cut is as good: take its middle.
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))
    return float(edges[1:-1][best].mean())


def find_ink(plane: Plane) -> Ink:
    """The ink of `plane`; GlyphError if it holds no character, as far as one can tell."""
    values = plane.values
    if float(np.ptp(values)) < LEAST_CONTRAST:
        raise GlyphError("The picture has one colour only: there is no character in it.")
    cut = otsu(values)
    high = values > cut
    border = np.concatenate([high[0], high[-1], high[:, 0], high[:, -1]])
    dark = border.mean() + high.mean() > 1 if plane.ink_is_high is None else not plane.ink_is_high
    low, top = float(np.median(values[~high])), float(np.median(values[high]))
    soft = np.clip((values - low) / (top - low), 0, 1)
    ink = (1 - soft if dark else soft).astype(np.float32)
    return Ink(ink, bool(dark), f"The {'darker' if dark else 'lighter'} side is taken for the ink.")
