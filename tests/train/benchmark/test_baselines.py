"""Baselines: Tesseract as it is on this machine and as it may be, and classical readers on a small set."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fontdemo.alphabet import ALPHABETS, CHARACTERS
from tests.support.training import letter_set, small_set
from train.benchmark import baselines
from train.benchmark.baselines import BaselineError, Tesseract

HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"


def rows(*listed: tuple[int, int, str]) -> str:
    """Tesseract's table of (level, page, text)."""
    return HEAD + "".join(f"{level}\t{page}\t" + 9 * "0\t" + f"{text}\n" for level, page, text in listed)


def test_the_first_character_of_a_page_counts() -> None:
    table = rows((1, 1, ""), (2, 1, ""), (5, 1, "Ww"), (5, 1, "x"), (1, 2, ""), (1, 3, ""), (5, 3, " "), (5, 3, "7"))
    assert baselines.first_letters(table, 3) == ["W", "", "7"]


@pytest.mark.parametrize("pages", [2, 4])
def test_answers_that_do_not_fit_the_images_are_refused(pages: int) -> None:
    with pytest.raises(BaselineError, match="every image"):
        baselines.first_letters(rows((1, 1, ""), (1, 2, ""), (1, 3, "")), pages)


def test_a_page_is_dark_on_white_with_a_margin() -> None:
    image = np.zeros((100, 100), np.uint8)
    image[40:60] = 255
    sheet = np.asarray(baselines.page(image))
    assert sheet.shape == (36, 36)
    assert (sheet[:3] == 255).all() and (sheet[:, :3] == 255).all() and (sheet[18, 6:30] < 3).all()


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract-ocr is not installed (apt install it)")
def test_tesseract_reads_letters_that_are_plain() -> None:
    data = letter_set(1)
    chosen = np.isin(data.face, (0, 2))  # DejaVu Sans and Serif
    truths = [data.alphabet.classes[label] for label in data.labels[chosen]]
    tesseract = Tesseract()
    answers = tesseract.answers(np.concatenate([data.images[chosen], np.zeros((1, 100, 100), np.uint8)]))
    assert tesseract.name.startswith("Tesseract ")
    assert len(answers) == len(truths) + 1 and answers[-1] == ""
    assert all(answer in CHARACTERS for answer in answers)
    assert sum(answer.lower() == truth.lower() for answer, truth in zip(answers, truths, strict=False)) >= 14


def test_a_machine_without_tesseract_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BaselineError, match="apt install tesseract-ocr"):
        Tesseract()


def test_a_tesseract_that_breaks_down_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(command: list[str], **_: Any) -> None:
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(subprocess, "run", break_down)
    with pytest.raises(BaselineError, match="CalledProcessError"):
        Tesseract()


def test_tesseract_is_run_with_a_list_of_arguments_and_the_alphabet(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def run(command: list[str], **options: Any) -> Any:
        assert not options.get("shell")
        seen.append(command)
        if "--version" in command:
            return subprocess.CompletedProcess(command, 0, b"tesseract 5.9.9\n more")
        files = Path(command[1]).read_text().splitlines()
        for file in files:
            with Image.open(file) as page:
                assert page.size == (36, 36)
        listed = rows(*[(level, n + 1, "ab") for n in range(len(files)) for level in (1, 5)])
        return subprocess.CompletedProcess(command, 0, listed.encode())

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(baselines, "_PAGES", 2)
    tesseract = Tesseract()
    assert tesseract.name == "Tesseract 5.9.9"
    assert tesseract.answers(np.zeros((3, 100, 100), np.uint8)) == ["a"] * 3
    assert len(seen) == 3
    assert seen[1][seen[1].index("--psm") + 1] == "10" and f"tessedit_char_whitelist={CHARACTERS}" in seen[1]


def test_classical_baselines_learn_from_training_parts_and_read_others() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed (requirements-dev.txt)")
    data = letter_set()
    sample = baselines.training_sample([data], 1000)
    images, labels = data.part("valid")
    truths = [data.alphabet.classes[label] for label in labels]
    assert len(sample.truths) == len(sample.images) == (data.split == 0).sum()
    for baseline in baselines.classical(sample):
        assert baseline.name.startswith("HOG + ") and baseline.alphabet.name == "course52"
        answers = baseline.answers(images)
        assert np.mean([answer == truth for answer, truth in zip(answers, truths, strict=True)]) > 0.7


def test_a_training_sample_takes_as_many_of_each_set_and_only_what_is_for_training() -> None:
    data = small_set(train=60, valid=30)
    letters = replace(data, alphabet=ALPHABETS["letters52"])
    sample = baselines.training_sample([data, letters], 40)
    assert len(sample.images) == 40
    held = {image.tobytes() for image in data.part("train")[0]}
    assert all(image.tobytes() in held for image in sample.images)
    again, other = baselines.training_sample([data, letters], 40), baselines.training_sample([data, letters], 40, 1)
    assert sample.truths == again.truths != other.truths
    images = {image.tobytes(): label for image, label in zip(*data.part("train"), strict=True)}
    for index, (image, truth) in enumerate(zip(sample.images, sample.truths, strict=True)):
        alphabet = (data if index < 20 else letters).alphabet
        assert alphabet.classes[images[image.tobytes()]] == truth
    with pytest.raises(BaselineError, match="--data"):
        baselines.training_sample([], 40)
    with pytest.raises(BaselineError, match="--data"):
        baselines.training_sample([replace(data, split=np.ones(len(data), np.uint8))], 40)


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    monkeypatch.setitem(sys.modules, "sklearn.neighbors", None)
    with pytest.raises(BaselineError, match="requirements-dev.txt"):
        baselines.classical(baselines.training_sample([small_set()], 10))


def test_an_answer_is_all_the_probability_of_its_class_or_its_twins() -> None:
    alphabet = ALPHABETS["course52"]
    found = baselines.probabilities(alphabet, ["A", "l", "", "é"])
    assert found.sum(axis=1).tolist() == [1, 1, 0, 0]
    assert alphabet.classes[found[0].argmax()] == "A" and alphabet.classes[found[1].argmax()] == "I"


def test_rapidocr_reads_letters_that_are_plain() -> None:
    pytest.importorskip("rapidocr_onnxruntime", reason="RapidOCR is not installed (requirements-dev.txt)")
    data = letter_set(1)
    chosen = np.isin(data.face, (0, 2))
    truths = [data.alphabet.classes[label] for label in data.labels[chosen]]
    (baseline,) = baselines.rapid_ocr()
    answers = baseline.answers(np.concatenate([data.images[chosen], np.zeros((1, 100, 100), np.uint8)]))
    assert len(answers) == len(truths) + 1 and answers[-1] == ""
    assert all(answer in CHARACTERS for answer in answers)
    assert sum(answer.lower() == truth.lower() for answer, truth in zip(answers, truths, strict=False)) >= 14


def test_a_machine_without_rapidocr_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr_onnxruntime", None)
    assert baselines.rapid_ocr() == []
