"""train.benchmark.misread: which images come on the sheet, and in what order."""

from __future__ import annotations

import numpy as np
import pytest

from fontdemo.alphabet import ALPHABETS
from train.benchmark import misread
from train.benchmark.sets.evalset import EvalSet

ALPHABET = ALPHABETS["letters52"]


def one_hot(answers: str) -> np.ndarray:
    return np.eye(len(ALPHABET))[[ALPHABET.classes.index(answer) for answer in answers]]


def test_errors_beyond_case_come_first_and_strangers_not_at_all() -> None:
    truths, answers = "aBc9xZ", "AbcoKZ"  # two of case, two right, a digit, a true error
    assert list(misread.misread(ALPHABET, one_hot(answers), truths)) == [4, 1, 0]


def test_a_sheet_has_a_tile_for_each_misread_image(monkeypatch: pytest.MonkeyPatch) -> None:
    tiles: list[str] = []

    def note(images: np.ndarray, names: list[str], *, columns: int) -> str:
        tiles.extend(names)
        return f"sheet of {len(images)} in {columns}"

    monkeypatch.setattr(misread, "contact_sheet", note)
    monkeypatch.setattr(misread, "MOST", 3)
    few = EvalSet("few", np.zeros((4, 100, 100), np.float32), "ABCD", "picture")
    assert misread.sheet(ALPHABET, few, one_hot("ABCD")) is None
    assert misread.sheet(ALPHABET, few, 0.5 * one_hot("AXCD")) == "sheet of 1 in 16"
    assert tiles == ["B -> X, 50 %"]
    assert misread.sheet(ALPHABET, few, one_hot("XXXX")) == "sheet of 3 in 16"
    assert tiles[1:] == ["A -> X, 100 %", "C -> X, 100 %", "D -> X, 100 %"]
