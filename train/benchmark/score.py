"""How well readers read sets of images: the figures of one table, from probabilities; nothing is opened or printed.

What the figures are:
- alphabet: the reader's class for the true character has the greatest probability. A character that the alphabet leaves
  out belongs to its twin's class; one that is in no class at all is not counted ("left out").
- twins folded: the ten pairs that the course counts as one (C c, K k, I l, o O, P p, S s, V v, W w, X x, Z z) are
  merged in truth and answer, by adding the probabilities, so that readers of 52 and of 62 classes can be compared.
- case-blind: upper and lower case are merged on top of that, by adding the probabilities.
- top 5: the true character's class is among the five greatest probabilities.
- calibration error: see `calibration_error`; right and wrong as for "alphabet".
- can't tell: the reader's answer (the greatest probability with its look-alikes') lies below its threshold, or below
  what ink in two tall parts side by side must reach; of a picture as it is seen in the likeliest way. For a true
  character that is a wrong rejection, right or not; what is no character and is not rejected is a wrong acceptance.
A picture in which no character was found counts as misread and as rejected, but not for the calibration error.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontdemo.alphabet import ALPHABETS, CHARACTERS, Alphabet
from fontdemo.glyph.glyph import Glyph
from fontdemo.glyph.segment import side_by_side
from fontdemo.reading.lookalikes import judge
from fontdemo.reading.reader import Reader, surest
from train.benchmark.sets.evalset import EvalSet

_COURSE = ALPHABETS["course52"]

#: Each of the 62 characters -> what it counts as.
HOMES = {character: _COURSE.twins.get(character, character) for character in CHARACTERS}
CASELESS = {character: home.lower() for character, home in HOMES.items()}

#: Readings before those that are timed.
_WARM_UP = 10


@dataclass(frozen=True)
class Scores:
    """Fractions, 0..1, as the module's text defines them. images: counted; refused: those of them without a glyph.

    left_out: images not counted. top5, calibration: None for a reader that gives no probabilities. unsure: fraction of
    the images answered "I can't tell", None for a reader that never says so.
    """

    images: int
    refused: int
    left_out: int
    alphabet: float
    twins: float
    case_blind: float
    top5: float | None
    calibration: float | None
    unsure: float | None = None


@dataclass(frozen=True)
class FalseAccepts:
    """How often one reader takes what is no character for one.

    kind: what was shown. images: how many; refused: those of them in which nothing was found on the way to the reader.
    accepted: fraction of the images that got an answer, 0..1.
    """

    reader: str
    kind: str
    images: int
    refused: int
    accepted: float


@dataclass(frozen=True)
class Row:
    """One reader on one set. milliseconds: median time of a reading with every stage kept; None if not measured."""

    reader: str
    evalset: str
    scores: Scores
    milliseconds: float | None = None


def stored_row(row: Mapping[str, Any]) -> Row:
    """A row of a results file. Older files name the set "trial"."""
    fields: dict[str, Any] = {"evalset" if key == "trial" else key: value for key, value in row.items()}
    fields["scores"] = Scores(**row["scores"])
    return Row(**fields)


def read(reader: Reader, evalset: EvalSet) -> NDArray[np.float32]:
    """The probabilities float32 (N, classes) that `reader` gives the classes for each image of `evalset`.

    Of a picture with several interpretations, those of the one that the reader takes.
    """
    readings = list(reader.read_many(evalset.glyphs(), batch=100))
    images = (image for other in evalset.others.values() for image in other.images)
    glyphs = (Glyph(image, (), evalset.source, evalset.cropped) for image in images)
    further = reader.read_many(glyphs, batch=100)
    for index, other in evalset.others.items():
        possible = [readings[index], *(next(further) for _ in other.images)]
        readings[index] = possible[surest(possible, other.priors)]
    return np.stack([reading.probabilities for reading in readings])


def measure(reader: Reader, evalset: EvalSet, probabilities: NDArray[np.floating]) -> Scores:
    """The figures of what `read` gave; ValueError if `evalset` shows no character of the reader's alphabet."""
    scores = score(reader.alphabet, probabilities, evalset.truths, evalset.refused)
    if not reader.network.threshold:
        return scores
    known = [reader.alphabet.label(truth) is not None for truth in evalset.truths]
    unsure = ~certain(reader, probabilities, evalset)[known]
    return replace(scores, unsure=float((unsure.sum() + scores.refused) / scores.images))


def certain(reader: Reader, probabilities: NDArray[np.floating], evalset: EvalSet) -> NDArray[np.bool_]:
    """Whether each row of probabilities (N, classes) comes to an answer, bool (N,), as `Reading.answer` decides it."""
    threshold, cropped = reader.network.threshold, evalset.cropped
    pairs = zip(probabilities, evalset.glyphs(), strict=True)
    judged = (
        judge(reader.alphabet, row, threshold, cropped=cropped, side_by_side=side_by_side(glyph.image))
        for row, glyph in pairs
    )
    return np.array([each.certain for each in judged], dtype=bool)


def false_accepts(name: str, reader: Reader, outliers: EvalSet) -> FalseAccepts:
    """How often the reader called `name` takes images of what is no character for one."""
    accepted = certain(reader, read(reader, outliers), outliers).sum() if len(outliers) else 0
    images = len(outliers) + len(outliers.refused)
    return FalseAccepts(name, outliers.name, images, len(outliers.refused), float(accepted / images))


def milliseconds(reader: Reader, glyphs: Iterable[Glyph], count: int = 100) -> float:
    """The median time of `Reader.read` (all stages kept) over up to `count` of `glyphs`, one at a time, warmed up."""
    chosen = list(islice(glyphs, count))
    took = []
    for glyph in chosen[:_WARM_UP] + chosen:
        began = time.perf_counter()
        reader.read(glyph)
        took.append(time.perf_counter() - began)
    return 1000 * statistics.median(took[min(_WARM_UP, len(chosen)) :])


def score(
    alphabet: Alphabet, probabilities: NDArray[np.floating], truths: str, refused: str = "", *, ranked: bool = True
) -> Scores:
    """The figures of probabilities (N, classes) against N true characters; a row of zeros is no answer, and wrong.

    refused: the true characters of pictures that never became images. ranked: False for a reader whose probabilities
    say no more than its answer. ValueError if nothing is left to count.
    """
    labels = np.array([-1 if (label := alphabet.label(truth)) is None else label for truth in truths], dtype=np.int64)
    known = labels >= 0
    unread = sum(alphabet.label(truth) is not None for truth in refused)
    probabilities, labels = probabilities[known], labels[known]
    counted = "".join(truth for truth, kept in zip(truths, known, strict=True) if kept)
    images = len(labels) + unread
    if not images:
        raise ValueError("no image shows a character of this alphabet")
    right = right_of(alphabet, probabilities, counted)
    own = probabilities[np.arange(len(labels)), labels]
    fifth = (probabilities > own[:, None]).sum(axis=1) < 5
    return Scores(
        images=images,
        refused=unread,
        left_out=len(truths) + len(refused) - images,
        alphabet=float(right.sum() / images),
        twins=float(folded_right(alphabet, probabilities, counted, HOMES).sum() / images),
        case_blind=float(folded_right(alphabet, probabilities, counted, CASELESS).sum() / images),
        top5=float((fifth & (own > 0)).sum() / images) if ranked else None,
        calibration=calibration_error(probabilities.max(axis=1), right) if ranked and len(labels) else None,
    )


def interval(fraction: float, images: int) -> tuple[float, float]:
    """Wilson's interval of 95 % round a fraction of so many images: (low, high), 0..1."""
    from scipy.stats import binomtest  # takes a second to load, for a table alone

    found = binomtest(round(fraction * images), images).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def right_of(alphabet: Alphabet, probabilities: NDArray[np.floating], truths: str) -> NDArray[np.bool_]:
    """Whether the class of each true character is the likeliest; truths must be characters of the alphabet."""
    labels = [alphabet.label(truth) for truth in truths]
    return np.asarray((probabilities.argmax(axis=1) == labels) & (probabilities.max(axis=1) > 0))


def folded_right(
    alphabet: Alphabet, probabilities: NDArray[np.floating], truths: str, folds: dict[str, str]
) -> NDArray[np.bool_]:
    """The same where `folds` (HOMES, CASELESS) says what characters count as; probabilities of the same are added."""
    groups = sorted(set(folds.values()))
    member = np.array([[folds[character] == group for group in groups] for character in alphabet.classes])
    added = probabilities.astype(np.float64) @ member
    found = [groups[index] for index in added.argmax(axis=1)]
    same = np.array([answer == folds[truth] for answer, truth in zip(found, truths, strict=True)], dtype=bool)
    return np.asarray(same & (added.max(axis=1) > 0))


def calibration_error(confidence: NDArray[np.floating], right: NDArray[np.bool_], bins: int = 15) -> float:
    """The expected calibration error, 0..1, of answers with this confidence (N,) in 0..1.

    The answers are sorted into `bins` bins of equal width by confidence; the mean, weighted by the answers in a bin,
    of the distance between the bin's fraction of right answers and its mean confidence (Guo, Pleiss, Sun and
    Weinberger, "On Calibration of Modern Neural Networks", 2017, equation 3). A bin holds its upper edge.
    """
    bin_of = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    gap = np.bincount(bin_of, weights=right.astype(np.float64) - confidence, minlength=bins)
    return float(np.abs(gap).sum() / len(confidence))
