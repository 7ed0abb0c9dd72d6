"""Mistakes as HTML: the pairs most confused, accuracy per class, the confusion matrix, the worst mistakes as pictures.

Pure functions from `train.runs.mistakes.Mistakes` to text. The HTML is in train/ui/templates/train/mistakes.html.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fontdemo.ui import images
from fontdemo.ui.html import render
from train.runs.mistakes import Mistake, Mistakes

#: Pairs shown.
PAIRS = 10

_CELL = 12  # side of a cell of the matrix in its own units


def mistakes(found: Mistakes) -> str:
    """The whole section."""
    return render(
        "train/mistakes.html", accuracy=found.right / found.total if found.total else None, total=found.total,
        wrong=found.total - found.right, pairs=_pairs(found), classes=_classes(found), cells=_cells(found),
        names=[{"character": character, "middle": _CELL * label + _CELL / 2}
               for label, character in enumerate(found.alphabet.classes)],
        side=_CELL * len(found.alphabet), cell=_CELL, worst=[_worst(found, mistake) for mistake in found.worst],
    )  # fmt: skip


def _pairs(found: Mistakes) -> list[dict[str, Any]]:
    pairs = found.pairs(PAIRS)
    most = max((one + other for _, _, one, other in pairs), default=1)
    title = found.alphabet.title
    return [
        {"left": title(a), "right": title(b), "one": one, "other": other, "width": f"{100 * (one + other) / most:.0f}"}
        for a, b, one, other in pairs
    ]


def _classes(found: Mistakes) -> list[dict[str, str]]:
    """Each class's accuracy in percent, "" where it was not tested, and how red that is, 0..1."""
    cells = []
    for label, accuracy in enumerate(found.by_class().tolist()):
        known = not np.isnan(accuracy)
        wrong = min(1.0, 4 * (1 - accuracy))  # a quarter wrong is as red as it gets
        cells.append({
            "title": found.alphabet.title(label), "accuracy": f"{100 * accuracy:.1f}" if known else "",
            "wrong": f"{wrong:.2f}",
        })  # fmt: skip
    return cells


def _cells(found: Mistakes) -> list[dict[str, Any]]:
    """The matrix's cells that hold something; strength is the square root of the fraction of the row."""
    of = np.maximum(found.counts.sum(axis=1), 1)
    cells = []
    for row, column in np.argwhere(found.counts).tolist():
        count = int(found.counts[row, column])
        strength = float(np.sqrt(count / of[row]))
        cells.append({
            "kind": "right" if row == column else "wrong", "x": _CELL * column, "y": _CELL * row,
            "opacity": f"{max(0.12, strength):.2f}",
            "words": f"{found.alphabet.title(row)} read as {found.alphabet.title(column)}: {count}",
        })  # fmt: skip
    return cells


def _worst(found: Mistakes, mistake: Mistake) -> dict[str, str]:
    return {
        "uri": images.data_uri(images.ink_png(np.divide(mistake.image, 255, dtype=np.float32))),
        "truth": found.alphabet.title(mistake.label), "answer": found.alphabet.title(mistake.read_as),
        "face": mistake.face, "sure": f"{100 * mistake.confidence:.0f}",
    }  # fmt: skip
