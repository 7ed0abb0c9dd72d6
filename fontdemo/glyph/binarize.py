"""A plane of grey -> how much of each pixel is ink: uneven light, grain, specks, frames; a first guess at the paper.

Ink and paper are guessed both ways round on a small copy, and the likelier guess is carried out on the whole. Where the
guess is open, `interpretations` lists the other ways, and the network decides (`Reader.read_picture`).
Nothing is learned, nothing is random. It does not crop or place (`fontdemo.glyph.glyph`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from fontdemo.errors import GlyphError
from fontdemo.glyph.connected import Mask
from fontdemo.glyph.foreground import Character, doubt, find_character
from fontdemo.glyph.picture import Plane, Values

#: Least difference, of 0..1, between the lightest and the darkest place of a picture with a character in it.
LEAST_CONTRAST = 0.03

#: Least distance between ink and paper in standard deviations of the paper's grain; blank grainy paper gives 3.0.
LEAST_CLEARNESS = 3.5

# Longer side of the small copies on which guesses are compared, and on which the paper is estimated.
_GUESS_SIDE, _PAPER_SIDE = 96, 48

# Windows, as fractions of the longer side, in each of which some paper must show; a stroke is thinner than that.
_WINDOWS = (0.5, 0.25)

# How much more of the variance must lie between ink and paper, of 0..1, before the light is called uneven.
_UNEVEN_GAIN = 0.02

# Grain within so many standard deviations of the paper or the ink is flattened, if the two are this fraction apart
# still.
_GRAIN, _LEAST_SLOPE = 2.5, 0.1

# The grain of the paper is measured on about this many pixels.
_SAMPLE = 40_000


@dataclass(frozen=True)
class Ink:
    """values: float32 (H, W) in 0..1, ink 1, smooth at its edges. mask: bool (H, W), where the character is.

    all_values, all_mask: the same with all that was left out as no part of one character.
    dark: whether the ink is what was low in the plane. sentence: what was decided, in words.
    """

    values: Values
    mask: Mask
    all_values: Values
    all_mask: Mask
    dark: bool
    sentence: str


@dataclass(frozen=True)
class Guess:
    """A way to see a picture. dark: whether the ink is low. border: fraction of the picture's border that is ink then.

    paper: the paper under the ink where the light is uneven (small copy), else None. doubt: see `foreground.doubt`.
    """

    dark: bool
    paper: Values | None
    border: float = 0.0
    doubt: float = 0.0


def guess_ink(plane: Plane) -> list[Guess]:
    """The ways to see `plane`, likelier first: one or both sides as ink. GlyphError if it has one colour only."""
    if float(np.ptp(plane.values)) < LEAST_CONTRAST:
        raise GlyphError("The picture is all one colour. Use one with a character in it.")
    small = reduced(plane.values, _GUESS_SIDE)
    guesses = []
    for dark in (True, False) if plane.ink_is_high is None else (not plane.ink_is_high,):
        guess = _best_light(small, dark)
        mask = _mask(_height(small, guess))
        guesses.append(replace(guess, border=border_fraction(mask), doubt=doubt(mask)))
    return sorted(guesses, key=lambda guess: guess.doubt)


def border_fraction(mask: Mask) -> float:
    """The fraction of the pixels along the edge of `mask` (H, W) that are in it."""
    return float(np.concatenate([mask[0], mask[-1], mask[1:-1, 0], mask[1:-1, -1]]).mean())


def find_ink(plane: Plane, guess: Guess | None = None, *, keep_cut: bool = False, alone: bool = False) -> Ink:
    """The ink of `plane` by `guess`, or by the likeliest one; GlyphError if no character stands out in it.

    keep_cut: what the picture's edge cuts belongs to the character, as in a crop right at the ink. alone: what stands
    apart from its largest part does not.
    """
    guess = guess or guess_ink(plane)[0]
    height = _height(plane.values, guess)
    cut, _ = otsu(height)
    everything = height > cut
    character = find_character(everything, keep_cut, alone)
    if not character.mask.any():
        raise GlyphError("No character found in the picture. Use one that shows it larger or clearer.")
    levels = _levels(height, cut)
    ink = np.where(character.near, levels, 0).astype(np.float32)
    return Ink(ink, character.mask, levels, everything, guess.dark, _sentence(plane, guess, character))


def otsu(values: Values, bins: int = 256) -> tuple[float, float]:
    """The cut that parts `values` into two classes of the least variance within (Otsu 1979), and how well it does.

    The second number is the fraction, 0..1, of the variance that lies between the two classes; 0 if all values are
    equal. scikit-image's `threshold_otsu` gives neither that fraction nor the middle of an empty stretch between the
    classes.
    """
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return low, 0.0
    indices = ((values - low) * (bins / (high - low))).astype(np.intp).ravel()
    counts = np.bincount(np.minimum(indices, bins - 1), minlength=bins).astype(np.float64)
    levels = np.arange(bins)
    below, sums = np.cumsum(counts)[:-1], np.cumsum(counts * levels)[:-1]
    total, mean = values.size, float(counts @ levels) / values.size
    # The first and the last bin hold a value each, so neither class is ever empty.
    between = (sums - mean * below) ** 2 / (below * (total - below)) * total
    # In an empty stretch between the classes every cut is as good: take its middle.
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9)).mean() + 1
    spread = float(counts @ (levels - mean) ** 2)
    return low + float(best) * (high - low) / bins, float(between.max()) / spread


def _mask(height: Values) -> Mask:
    return height > otsu(height)[0]


def _best_light(small: Values, dark: bool) -> Guess:
    """The light even, or uneven within some window: whichever parts ink and paper clearly better, if dark is ink."""
    best = Guess(dark, None)
    _, best_fraction = otsu(_height(small, best))
    for window in _WINDOWS:
        if best_fraction + _UNEVEN_GAIN >= 1:
            break
        guess = Guess(dark, _paper(small, dark, window))
        _, fraction = otsu(_height(small, guess))
        if fraction > best_fraction + _UNEVEN_GAIN:
            best, best_fraction = guess, fraction
    return best


def _height(values: Values, guess: Guess) -> Values:
    """How far each value is from the paper towards the ink."""
    sign = -1 if guess.dark else 1
    if guess.paper is None:
        return (sign * values).astype(np.float32)
    size = values.shape[1], values.shape[0]
    paper = np.asarray(Image.fromarray(guess.paper).resize(size, Image.Resampling.BILINEAR))
    return np.asarray(sign * (values - paper), dtype=np.float32)


def _paper(small: Values, dark: bool, fraction: float) -> Values:
    """The paper under the ink: what is left when all that is narrower than a window is filled in from around it.

    A grey closing (for dark ink; an opening for light ink) and a mean. Beyond its edges the picture is taken to go on
    as it does inside, so that light that falls off towards a corner is not taken for ink.
    """
    from scipy import ndimage

    sign = 1 if dark else -1
    filled: Values = sign * reduced(small, _PAPER_SIDE)
    half = round(fraction * max(filled.shape) / 2)
    steps = (ndimage.maximum_filter1d, half), (ndimage.minimum_filter1d, half), (ndimage.uniform_filter1d, half // 2)
    for run, reach in steps:
        for _ in range(2):  # Downwards, then across.
            filled = _running(run, filled, reach).T
    return sign * filled


def _running(run: Callable[..., Any], values: Values, reach: int) -> Values:
    """`run`, a filter of scipy.ndimage along one axis, over each value and those up to `reach` rows away; (H, W)."""
    reach = min(reach, len(values) - 1)
    wider = np.pad(values, ((reach, reach), (0, 0)), mode="reflect", reflect_type="odd")
    whole: Values = run(wider, 2 * reach + 1, axis=0)
    return whole[reach : reach + len(values)]


def _levels(height: Values, cut: float) -> Values:
    """Distance from the paper -> fraction of ink: 0 on paper, 1 on ink, the grain of either flattened.

    GlyphError if ink and paper are hardly farther apart than the paper's grain is coarse.
    """
    paper, ink = height[height <= cut], height[height > cut]
    paper = paper[:: 1 + paper.size // _SAMPLE]
    # Not the median: half of a thin stroke's pixels are its edges.
    low, high = float(np.median(paper)), float(np.percentile(ink, 75))
    grain = 1.4826 * float(np.median(np.abs(paper - low)))
    if high - low < LEAST_CLEARNESS * grain:
        raise GlyphError("No character stands out in the picture. Use one with more contrast.")
    slope = _LEAST_SLOPE * (high - low)
    low, high = min(low + _GRAIN * grain, cut - slope), max(high - _GRAIN * grain, cut + slope)
    return np.asarray(np.clip((height - low) / (high - low), 0, 1), dtype=np.float32)


def reduced(values: Values, side: int) -> Values:
    """`values` averaged down until the longer side is `side`; as they are if it is not longer."""
    scale = side / max(values.shape)
    if scale >= 1:
        return values
    size = max(1, round(values.shape[1] * scale)), max(1, round(values.shape[0] * scale))
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BOX), dtype=np.float32)


def _sentence(plane: Plane, guess: Guess, character: Character) -> str:
    """What was decided, in words."""
    sentences = []
    if plane.ink_is_high is None:
        side = "darker" if guess.dark else "lighter"
        what = "the ink: less of it touches the edge" if guess.border <= 0.5 else "taken for the ink"
        sentences.append(f"The {side} side is {what}.")
    else:
        sentences.append("The transparency shows what is ink.")
    if guess.paper is not None:
        sentences.append("The light is uneven, so each pixel is compared with the paper around it.")
    counts = ((character.specks, "speck"), (character.strangers, "stray part"))
    left_out = [f"{count} {what}{'s' * (count > 1)}" for count, what in counts if count]
    if left_out:
        sentences.append(f"Left out: {', '.join(left_out)}.")
    return " ".join(sentences)
