"""Other ways to read the same images, to measure ours against: Tesseract, RapidOCR, neighbours, support vectors.

Each baseline gives an answer for an image, no probabilities. All see what the networks see: the glyph's ink, 100x100.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fontdemo.alphabet import ALPHABETS, CHARACTERS, Alphabet
from fontdemo.errors import FontdemoError
from fontdemo.glyph.layout import SIDE
from train.benchmark.hog import hog
from train.data.glyphset import GlyphSet

#: Sides of the image that Tesseract gets and of its white margin, in pixels. It reads letters about 20 pixels high
#: best: of the sides from 20 to 300, tried on faces of training parts alone, this one gave it the most right answers.
TESSERACT_SIDE, TESSERACT_MARGIN = 30, 3

# Images handed to one run of Tesseract, and the seconds that it may take.
_PAGES, _PATIENCE = 500, 600


class BaselineError(FontdemoError):
    """A baseline is not installed, or fails; says which, and what to install."""


class Baseline(Protocol):
    """A reader of ink images that gives answers only. name: in the table. alphabet: what it tells apart."""

    name: str
    alphabet: Alphabet

    def answers(self, images: NDArray[np.uint8]) -> list[str]:
        """A character, or "" for none, for each of the images uint8 (N, SIDE, SIDE), ink 255."""
        ...


class Tesseract:
    """Debian's tesseract-ocr with its English model, one character a page (--psm 10), our 62 characters allowed.

    Where it answers with several characters the first one counts. BaselineError if it is not installed.
    """

    alphabet = ALPHABETS["alnum62"]

    def __init__(self) -> None:
        said = _run(["tesseract", "--version"]).split()
        self.name = f"Tesseract {said[1]}" if len(said) > 1 else "Tesseract"

    def answers(self, images: NDArray[np.uint8]) -> list[str]:
        """See `Baseline`."""
        return [answer for start in range(0, len(images), _PAGES) for answer in _pages(images[start : start + _PAGES])]


def _pages(images: NDArray[np.uint8]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder) / f"{number}.png") for number in range(len(images))]
        for file, image in zip(files, images, strict=True):
            page(image).save(file, dpi=(300, 300))
        listed = Path(folder) / "pages.txt"
        listed.write_text("\n".join(files) + "\n", encoding="utf-8")
        said = _run(["tesseract", str(listed), "stdout", "--psm", "10", "--dpi", "300", "-l", "eng",
                     "-c", f"tessedit_char_whitelist={CHARACTERS}", "tsv"])  # fmt: skip
    return first_letters(said, len(images))


def first_letters(table: str, pages: int) -> list[str]:
    """The first character on each of the pages in Tesseract's table (TSV), "" where there is none.

    Its columns: level (1: a page, 5: a word), page_num from 1, ..., text. BaselineError if these are not its pages.
    """
    rows = [line.split("\t") for line in table.splitlines()[1:]]
    if [row[1] for row in rows if row[0] == "1"] != [str(number) for number in range(1, pages + 1)]:
        raise BaselineError("Tesseract did not answer for every image.")
    found = [""] * pages
    for row in rows:
        page_number = int(row[1]) - 1
        if row[0] == "5":
            found[page_number] = found[page_number] or row[-1].strip()[:1]
    return found


def page(image: NDArray[np.uint8]) -> Image.Image:
    """An ink image uint8 (SIDE, SIDE) as Tesseract gets it: dark on white, of its favourite size, with a margin."""
    side = TESSERACT_SIDE + 2 * TESSERACT_MARGIN
    paper = Image.new("L", (side, side), 255)
    glyph = Image.fromarray(255 - image).resize((TESSERACT_SIDE, TESSERACT_SIDE), Image.Resampling.LANCZOS)
    paper.paste(glyph, (TESSERACT_MARGIN, TESSERACT_MARGIN))
    return paper


class RapidOcr:
    """PaddleOCR's recogniser of lines of text (PP-OCRv4) as PyPI's rapidocr-onnxruntime carries it.

    It gets each image as one line. The first of its characters that is one of ours counts.
    """

    name, alphabet = "RapidOCR", ALPHABETS["alnum62"]

    def __init__(self) -> None:
        from rapidocr_onnxruntime import RapidOCR

        self._engine = RapidOCR(intra_op_num_threads=1)

    def answers(self, images: NDArray[np.uint8]) -> list[str]:
        """See `Baseline`."""
        return [self._answer(np.stack([255 - image] * 3, axis=-1)) for image in images]

    def _answer(self, picture: NDArray[np.uint8]) -> str:
        lines, _ = self._engine(picture, use_det=False, use_cls=False, use_rec=True)
        text = str(lines[0][0]) if lines else ""
        return next((character for character in text if character in CHARACTERS), "")


def rapid_ocr() -> list[Baseline]:
    """RapidOCR, if it is installed (requirements-dev.txt)."""
    try:
        return [RapidOcr()]
    except ImportError:
        return []


def _run(command: Sequence[str]) -> str:
    """What the program prints. One thread: its threads wait for each other longer than such small pages take."""
    settings = os.environ | {"OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=True, env=settings)
    except FileNotFoundError:
        raise BaselineError("Tesseract is not installed: apt install tesseract-ocr") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise BaselineError(f"Tesseract failed: {type(error).__name__}.") from error
    return done.stdout.decode("utf-8", "replace")


class Fitted:
    """A classifier of scikit-learn on the images' `hog`, fitted on images with their characters."""

    def __init__(self, name: str, classifier: Any, features: NDArray[np.float32], truths: str) -> None:
        self.name, self._classifier = name, classifier
        # Where nothing but the course's classes is known, an answer stands for its twin as well.
        only_course = set(truths) <= set(ALPHABETS["course52"].classes)
        self.alphabet = ALPHABETS["course52" if only_course else "alnum62"]
        classifier.fit(features, np.array(list(truths)))

    def answers(self, images: NDArray[np.uint8]) -> list[str]:
        """See `Baseline`."""
        return [str(answer) for answer in self._classifier.predict(hog(images))]


@dataclass(frozen=True, eq=False)
class TrainingSample:
    """What classical baselines are fitted on: images uint8 (N, SIDE, SIDE), ink 255, with their N characters."""

    images: NDArray[np.uint8]
    truths: str


def training_sample(sets: Sequence[GlyphSet], count: int, seed: int = 0) -> TrainingSample:
    """About `count` images in all of the sets' training parts, as many of each; BaselineError if there are none."""
    images, truths = [np.empty((0, SIDE, SIDE), np.uint8)], ""
    rng = np.random.default_rng(seed)
    for data in sets:
        held, labels = data.part("train")
        indices = rng.permutation(len(held))[: -(-count // len(sets))]
        images.append(held[indices])
        truths += "".join(data.alphabet.classes[label] for label in labels[indices])
    if len(set(truths)) < 2:
        raise BaselineError("The baselines are fitted on the training part of --data: give a packed set that has one.")
    return TrainingSample(np.concatenate(images), truths)


def classical(sample: TrainingSample) -> list[Baseline]:
    """Five nearest neighbours (the nearer the weightier), and a support vector machine with a Gaussian kernel, C = 10.

    Both on `hog`. BaselineError if scikit-learn is not installed.
    """
    try:
        from sklearn.neighbors import KNeighborsClassifier
        from sklearn.svm import SVC
    except ImportError:
        raise BaselineError("The baselines need scikit-learn: pip install -r requirements-dev.txt") from None
    features = hog(sample.images)
    neighbours = KNeighborsClassifier(min(5, len(features)), weights="distance")
    return [
        Fitted("HOG + nearest neighbours", neighbours, features, sample.truths),
        Fitted("HOG + SVM", SVC(C=10.0), features, sample.truths),
    ]


def probabilities(alphabet: Alphabet, answers: Sequence[str]) -> NDArray[np.float32]:
    """Answers as probabilities (N, classes): one for the answer's class, none anywhere where there is no answer."""
    rows = np.zeros((len(answers), len(alphabet)), np.float32)
    for row, answer in zip(rows, answers, strict=True):
        label = alphabet.label(answer)
        if label is not None:
            row[label] = 1
    return rows
