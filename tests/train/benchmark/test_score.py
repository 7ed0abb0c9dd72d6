"""train.benchmark.score: figures against cases worked out by hand, on all three alphabets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from fontdemo.alphabet import ALPHABETS, CHARACTERS
from fontdemo.glyph.glyph import Glyph, from_drawing
from fontdemo.network.network import Network
from fontdemo.reading.reader import Reader, Reading
from tests.support.training import SMALL
from train.benchmark import score
from train.benchmark.score import FalseAccepts
from train.benchmark.sets.evalset import EvalSet

COURSE, LETTERS, ALNUM = (ALPHABETS[name] for name in ("course52", "letters52", "alnum62"))


def probabilities(name: str, *images: dict[str, float]) -> NDArray[np.float64]:
    """A row of probabilities an image, from {class: probability}."""
    classes = ALPHABETS[name].classes
    rows = np.zeros((len(images), len(classes)))
    for row, image in zip(rows, images, strict=True):
        for character, probability in image.items():
            row[classes.index(character)] = probability
    return rows


def test_a_left_out_character_belongs_to_its_twin() -> None:
    given = probabilities("course52", {"C": 1}, {"I": 1}, {"o": 1}, {"L": 1})
    scores = score.score(COURSE, given, "clOl")
    assert (scores.images, scores.left_out, scores.alphabet, scores.twins) == (4, 0, 0.75, 0.75)


def test_a_character_in_no_class_is_left_out_and_counted_as_such() -> None:
    scores = score.score(LETTERS, probabilities("letters52", {"A": 1}, {"l": 1}, {"b": 1}), "A1b", refused="7x")
    assert (scores.images, scores.left_out, scores.refused) == (3, 2, 1)
    assert scores.alphabet == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="no image"):
        score.score(LETTERS, probabilities("letters52", {"l": 1}), "1")


def test_twins_and_cases_are_folded_by_adding_probabilities() -> None:
    # A small c that the two cases share is beaten by e alone, and wins with its twin; so does b with B, case aside.
    given = probabilities("alnum62", {"c": 0.3, "C": 0.3, "e": 0.4}, {"b": 0.3, "B": 0.3, "6": 0.4}, {"I": 1}, {"L": 1})
    scores = score.score(ALNUM, given, "cbll")
    assert scores.alphabet == 0
    assert scores.twins == 0.5  # c, and I for l
    assert scores.case_blind == 0.75  # b too; L is no l once l is I's twin


def test_the_folds_merge_ten_pairs_and_then_case_alone() -> None:
    assert sorted(a + b for a, b in score.HOMES.items() if a != b) == sorted(
        ["cC", "kK", "lI", "Oo", "pP", "sS", "vV", "wW", "xX", "zZ"]
    )
    assert len(set(score.HOMES.values())) == 52
    for character in CHARACTERS:
        assert score.CASELESS[character] == ("i" if character == "l" else character.lower())


def test_the_five_greatest_probabilities_hold_the_truth() -> None:
    ranks = {character: 0.3 - 0.05 * index for index, character in enumerate("ABDEFG")}
    given = probabilities("course52", *[ranks] * 3)
    scores = score.score(COURSE, given, "AFG")  # first, fifth, sixth
    assert scores.top5 == pytest.approx(2 / 3)
    # No probability at all is not among the five, though fewer than five are above it.
    assert score.score(COURSE, probabilities("course52", {"A": 1}), "B").top5 == 0


def test_no_answer_and_a_refused_picture_are_wrong() -> None:
    scores = score.score(ALNUM, probabilities("alnum62", {}, {"0": 1}), "00", refused="0", ranked=False)
    assert scores.images == 3 and scores.refused == 1
    assert scores.alphabet == scores.twins == scores.case_blind == pytest.approx(1 / 3)
    assert scores.top5 is None and scores.calibration is None


def test_the_calibration_error_is_the_mean_distance_by_bins() -> None:
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.6, 0.6, 1.0])
    right = np.array([True, True, True, False, True, False, True])
    # Ten bins: four answers at 0.95 of which 3/4 are right, with the one at 1.0; two at 0.6 of which 1/2 are.
    expected = (5 * abs(4 / 5 - (4 * 0.95 + 1) / 5) + 2 * abs(0.5 - 0.6)) / 7
    assert score.calibration_error(confidence, right, bins=10) == pytest.approx(expected)
    assert score.calibration_error(np.ones(3), np.ones(3, bool)) == 0


def test_the_calibration_error_against_a_loop_over_the_bins() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.random(500)
    right = rng.random(500) < confidence**2
    error = 0.0
    for low in range(15):
        inside = (confidence > low / 15) & (confidence <= (low + 1) / 15)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    assert score.calibration_error(confidence, right) == pytest.approx(error)
    assert error > 0.05


def test_reading_a_set_is_reading_each_glyph() -> None:
    reader = Reader(Network("report-cnn", "course52", SMALL))
    glyphs = [from_drawing([[[0.5, 0.2], [x, 0.8]]]) for x in (0.2, 0.5, 0.8)]
    lines = EvalSet("lines", np.stack([glyph.image for glyph in glyphs]), "lI1", "drawing")
    found = score.read(reader, lines)
    for row, glyph in zip(found, glyphs, strict=True):
        assert np.allclose(row, reader.read(glyph).probabilities, atol=1e-6)
    assert 0 < score.milliseconds(reader, glyphs) < 1000


class Fixed(Reader):
    """Reads every glyph as these probabilities, whatever it is."""

    def __init__(self, probabilities: NDArray[np.float64], threshold: float) -> None:
        super().__init__(Network("report-cnn", "letters52", SMALL, threshold=threshold))
        self.given = probabilities

    def read_many(self, glyphs: Iterable[Glyph], batch: int = 256) -> Iterator[Reading]:
        return (Reading(self.alphabet, row.astype(np.float32)) for row in self.given[: len(list(glyphs))])


def few_images(truths: str, cropped: bool = False, refused: str = "") -> EvalSet:
    return EvalSet("few", np.zeros((len(truths), 100, 100), np.uint8), truths, "picture", refused, cropped)


def test_what_is_answered_with_i_cannot_tell_is_counted_with_its_look_alikes() -> None:
    given = probabilities("letters52", {"C": 0.5, "c": 0.4}, {"A": 0.5, "B": 0.4}, {"A": 0.9}, {"A": 0.5}, {"A": 0.1})
    reader = Fixed(given, 0.7)
    # C with c reach the threshold, A with B do not; the digit is left out; one was refused on the way.
    few = few_images("CABA1", refused="x7")
    scores = score.measure(reader, few, score.read(reader, few))
    assert (scores.images, scores.left_out, scores.refused) == (5, 2, 1)
    assert scores.unsure == pytest.approx(3 / 5)
    reader.network.threshold = 0.0
    assert score.measure(reader, few, given).unsure is None


def test_a_cropped_glyph_may_be_of_either_case() -> None:
    given = probabilities("letters52", {"C": 0.685, "c": 0.015, "A": 0.3})
    reader = Fixed(given, 0.7)
    assert not score.certain(reader, given, few_images("C"))
    assert score.certain(reader, given, few_images("C", cropped=True))


def test_two_bars_side_by_side_need_more_than_the_threshold() -> None:
    given = probabilities("letters52", {"H": 0.9, "N": 0.1}, {"H": 0.99, "N": 0.01}, {"H": 0.9, "N": 0.1})
    bars = np.zeros((3, 100, 100), np.uint8)
    bars[:, 20:80, 20:30] = 255
    bars[:2, 20:80, 60:70] = 255
    shown = EvalSet("bars", bars, "HHH", "drawing")
    assert score.certain(Fixed(given, 0.7), given, shown).tolist() == [False, True, True]
    assert score.certain(Fixed(given, 0.0), given, shown).all()
    assert score.measure(Fixed(given, 0.7), shown, given).unsure == pytest.approx(1 / 3)


def test_a_false_accept_is_an_answer() -> None:
    given = probabilities("letters52", {"A": 0.9}, {"A": 0.5})
    strange = few_images("??", refused="??")
    assert score.false_accepts("it", Fixed(given, 0.7), strange) == FalseAccepts("it", "few", 4, 2, 0.25)
    assert score.false_accepts("it", Fixed(given, 0.0), strange).accepted == 0.5
    assert score.false_accepts("it", Fixed(given, 0.7), few_images("", refused="??")).accepted == 0
