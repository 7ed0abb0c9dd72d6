"""Honest confidence: a network's temperature and threshold, fitted on families that it was not trained on.

Temperature scaling is that of Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks" (2017):
logits are divided by one number, which changes no answer, only how sure it is. What is reported is measured by
cross-fitting: fitted on half of the families and measured on the other half, both ways round. Nothing is trained.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from fontdemo.alphabet import Alphabet
from fontdemo.errors import FontdemoError
from fontdemo.network.network import Network
from fontdemo.reading.lookalikes import judge
from train.benchmark.score import calibration_error
from train.data.glyphset import PARTS, PEOPLE, GlyphSet
from train.loop.augment import plain

#: Temperatures from the first to the second are tried.
LEAST, MOST = 0.05, 20.0


@dataclass(frozen=True, eq=False)
class Held:
    """What a network makes of images of held-out families: logits float64 (N, classes), labels int64 (N,).

    family: int64 (N,), equal where images are of one family. cropped: bool (N,), as `fontdemo.glyph.glyph.Glyph` has
    it. people: bool (N,), whether a person drew it (`train.data.people`). source: int64 (N,), the number of its set.
    """

    logits: NDArray[np.float64]
    labels: NDArray[np.int64]
    family: NDArray[np.int64]
    cropped: NDArray[np.bool_]
    people: NDArray[np.bool_]
    source: NDArray[np.int64]

    def of(self, chosen: NDArray[np.bool_]) -> Held:
        """Those chosen alone."""
        return Held(*(values[chosen] for values in astuple(self)))


@dataclass(frozen=True)
class Calibration:
    """temperature, threshold: to be written into config.json, fitted on all images.

    before, after: expected calibration error, 0..1, at the network's own temperature and cross-fitted. rejected:
    fraction of the images that the cross-fitted threshold rejects. images, families: how many there were.
    """

    temperature: float
    threshold: float
    before: float
    after: float
    rejected: float
    images: int
    families: int


def calibrate(
    network: Network,
    sets: Sequence[GlyphSet],
    *,
    reject: float = 0.01,
    reject_people: float = 0.02,
    part: str = "valid",
    seed: int = 0,
) -> Calibration:
    """Fit `network`'s temperature and threshold on this part of the sets; the network stays as it is.

    reject: the fraction of images, 0 to below 1, that the threshold may reject, and of people's drawings reject_people;
    both hold, and 0 gives the threshold 0. seed: of the two halves of the families. FontdemoError unless there are at
    least two families.
    """
    if not 0 <= reject < 1 or not 0 <= reject_people < 1:
        raise FontdemoError("the fraction to reject must be at least 0 and below 1")
    held = hold(network, sets, part)
    families = np.unique(held.family)
    if len(families) < 2:
        raise FontdemoError(f"the {part} part holds fewer than two families; calibrating takes two halves")
    first = np.random.default_rng(seed).permutation(families)[: len(families) // 2]
    inside = np.isin(held.family, first)
    confidence, rejected = np.empty(len(held.labels)), np.empty(len(held.labels), bool)
    for measured in (inside, ~inside):
        fitted, rest = held.of(~measured), held.of(measured)
        temperature = temperature_for(fitted)
        threshold = threshold_for(network.alphabet, fitted, temperature, reject, reject_people)
        confidence[measured] = softmax(rest.logits, temperature).max(axis=1)
        rejected[measured] = answer_probabilities(network.alphabet, rest, temperature) < threshold
    right = held.logits.argmax(axis=1) == held.labels
    temperature = temperature_for(held)
    return Calibration(
        temperature=temperature,
        threshold=threshold_for(network.alphabet, held, temperature, reject, reject_people),
        before=calibration_error(softmax(held.logits, network.temperature).max(axis=1), right),
        after=calibration_error(confidence, right),
        rejected=float(rejected.mean()),
        images=len(held.labels),
        families=len(families),
    )


@torch.inference_mode()
def hold(network: Network, sets: Sequence[GlyphSet], part: str = "valid") -> Held:
    """Run `network`, on the CPU, over this part of each set; characters in no class of its are left out."""
    network.eval()
    keys: dict[str, int] = {}
    found: list[Held] = []
    for data in sets:
        labels_here = [network.alphabet.label(character) for character in data.alphabet.classes]
        label_of = np.array([-1 if label is None else label for label in labels_here], dtype=np.int64)
        known = np.flatnonzero((data.split == PARTS.index(part)) & (label_of[data.labels] >= 0))
        families = [keys.setdefault(data.faces[face].key, len(keys)) for face in data.face[known]]
        batches = (known[start : start + 100] for start in range(0, len(known), 100))
        logits = [network(plain(torch.from_numpy(data.images[batch]))).double() for batch in batches]
        found.append(
            Held(
                torch.cat(logits).numpy() if logits else np.empty((0, len(network.alphabet))),
                label_of[data.labels[known]],
                np.array(families, dtype=np.int64),
                np.full(len(known), data.layout == "fit"),
                np.full(len(known), data.ink == PEOPLE),
                np.full(len(known), len(found)),
            )
        )
    if not sum(len(held.labels) for held in found):
        raise FontdemoError(f"there is no {part} part to calibrate on")
    return Held(*(np.concatenate(values) for values in zip(*map(astuple, found), strict=True)))


def softmax(logits: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Probabilities (N, classes) of logits (N, classes) at this temperature."""
    scaled = (logits - logits.max(axis=1, keepdims=True)) / temperature
    powers = np.exp(scaled)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def nll(logits: NDArray[np.float64], labels: NDArray[np.int64], temperature: float) -> float:
    """The mean negative logarithm (nats) of the true classes' probabilities at this temperature."""
    scaled = (logits - logits.max(axis=1, keepdims=True)) / temperature
    return float((np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(labels)), labels]).mean())


def temperature_for(held: Held) -> float:
    """`fit_temperature` of the sets, each of which counts as much as any other.

    How many images a set has is chance: people's few hundred drawings would count nothing among ten thousand glyphs.
    """
    groups = [held.of(held.source == number) for number in np.unique(held.source)]
    return fit_temperature([(group.logits, group.labels) for group in groups])


def fit_temperature(groups: Sequence[tuple[NDArray[np.float64], NDArray[np.int64]]]) -> float:
    """The temperature from LEAST to MOST with the least mean of the groups' `nll`, to five digits.

    groups: logits (N, classes) and labels (N,) of each. By Brent's method over the temperature's logarithm. The loss
    is convex in 1 / temperature, so it has one valley.
    """
    found = minimize_scalar(
        lambda power: sum(nll(logits, labels, math.exp(power)) for logits, labels in groups),
        bounds=(math.log(LEAST), math.log(MOST)), method="bounded", options={"xatol": 1e-6},
    )  # fmt: skip
    return float(f"{math.exp(found.x):.5g}")


def answer_probabilities(alphabet: Alphabet, held: Held, temperature: float) -> NDArray[np.float64]:
    """What the likeliest class and its look-alikes have together (`fontdemo.reading.lookalikes`), (N,) in 0..1."""
    probabilities = softmax(held.logits, temperature).astype(np.float32)
    pairs = zip(probabilities, held.cropped, strict=True)
    return np.array([judge(alphabet, row, cropped=bool(cropped)).probability for row, cropped in pairs])


def threshold_for(
    alphabet: Alphabet, held: Held, temperature: float, reject: float, reject_people: float
) -> float:
    """The highest threshold that rejects no more than these fractions of what people drew and of everything else."""
    answers = answer_probabilities(alphabet, held, temperature)
    groups = ((held.people, reject_people), (~held.people, reject))
    return min((fit_threshold(answers[group], fraction) for group, fraction in groups if group.any()), default=0.0)


def fit_threshold(answers: NDArray[np.float64], reject: float) -> float:
    """The highest threshold, to four digits, below which at most the fraction `reject` of `answers` (N,) lies."""
    allowed = int(reject * len(answers))
    if not allowed:
        return 0.0
    # Rounded down, so that rounding never rejects one more.
    return math.floor(float(np.sort(answers)[allowed]) * 1e4) / 1e4
