"""Mistakes as HTML: the pairs most confused, accuracy per class, the confusion matrix, the worst mistakes as pictures.

Pure functions from `train.runs.mistakes.Mistakes` to text, all of it escaped.
"""

from __future__ import annotations

from html import escape

import numpy as np

from fontdemo.ui import images
from train.runs.mistakes import Mistake, Mistakes

#: Pairs shown.
PAIRS = 10

_CELL = 12  # side of a cell of the matrix in its own units


def mistakes(found: Mistakes) -> str:
    """The whole section."""
    accuracy = f"{100 * found.right / found.total:.2f} %" if found.total else "–"
    head = (
        f'<p class="mistakes-sum"><b>{accuracy}</b> of {found.total:,} images read correctly, '
        f"{found.total - found.right:,} wrongly.</p>"
    )
    return (
        f'<section class="mistakes">{head}<div class="mistakes-top"><div><h3>Most confused</h3>{_pairs(found)}'
        f"<h3>Accuracy of each class</h3>{_classes(found)}</div>"
        f"<div><h3>Rows: true character; columns: answer</h3>{_matrix(found)}</div></div>"
        f"<h3>Worst mistakes</h3>{_worst(found)}</section>"
    )


def _pairs(found: Mistakes) -> str:
    rows = []
    pairs = found.pairs(PAIRS)
    most = max((one + other for _, _, one, other in pairs), default=1)
    for a, b, one, other in pairs:
        left, right = escape(found.alphabet.title(a)), escape(found.alphabet.title(b))
        rows.append(
            f"<li><b>{left}</b><i>↔</i><b>{right}</b>"
            f'<span class="bar"><i style="width:{100 * (one + other) / most:.0f}%"></i></span>'
            f'<span title="{left} read as {right}: {one}; {right} as {left}: {other}">{one + other}</span></li>'
        )
    return f'<ol class="pairs">{"".join(rows)}</ol>' if rows else "<p>No mistake at all.</p>"


def _classes(found: Mistakes) -> str:
    cells = []
    for label, accuracy in enumerate(found.by_class()):
        title = escape(found.alphabet.title(label))
        if np.isnan(accuracy):
            cells.append(f'<li class="class-none"><b>{title}</b><span>–</span></li>')
        else:
            wrong = min(1.0, 4 * (1 - float(accuracy)))  # a quarter wrong is as red as it gets
            cells.append(f'<li style="--wrong:{wrong:.2f}"><b>{title}</b><span>{100 * float(accuracy):.1f}</span></li>')
    return f'<ol class="classes">{"".join(cells)}</ol>'


def _matrix(found: Mistakes) -> str:
    """Only cells that hold something are drawn; strength is the square root of the fraction of the row."""
    size = len(found.alphabet)
    of = np.maximum(found.counts.sum(axis=1), 1)
    cells, side = [], _CELL * size
    for row, column in np.argwhere(found.counts):
        count = int(found.counts[row, column])
        kind = "right" if row == column else "wrong"
        strength = float(np.sqrt(count / of[row]))
        words = f"{found.alphabet.title(int(row))} read as {found.alphabet.title(int(column))}: {count}"
        cells.append(
            f'<rect class="{kind}" x="{_CELL * column}" y="{_CELL * row}" width="{_CELL - 1}" height="{_CELL - 1}" '
            f'opacity="{max(0.12, strength):.2f}"><title>{escape(words)}</title></rect>'
        )
    names = []
    for label, character in enumerate(found.alphabet.classes):
        middle = _CELL * label + _CELL / 2
        names.append(f'<text x="-4" y="{middle}" class="down">{escape(character)}</text>')
        names.append(f'<text x="{middle}" y="-5" class="across">{escape(character)}</text>')
    return (
        f'<div class="matrix"><svg viewBox="-16 -16 {side + 16} {side + 16}" role="img" '
        f'aria-label="Confusion matrix of {size} classes">'
        f'<rect class="ground" width="{side}" height="{side}"/>{"".join(names)}{"".join(cells)}</svg></div>'
    )


def _worst(found: Mistakes) -> str:
    return f'<ol class="worst">{"".join(_picture(found, mistake) for mistake in found.worst)}</ol>'


def _picture(found: Mistakes, mistake: Mistake) -> str:
    is_, as_ = found.alphabet.title(mistake.label), found.alphabet.title(mistake.read_as)
    uri = images.data_uri(images.ink_png(np.divide(mistake.image, 255, dtype=np.float32)))
    return (
        f'<li><img src="{uri}" width="100" height="100" alt="{escape(is_)} in {escape(mistake.face)}">'
        f"<b>{escape(is_)} <i>read as</i> {escape(as_)}</b><span>{100 * mistake.confidence:.0f} % sure</span>"
        f'<span class="face" title="{escape(mistake.face)}">{escape(mistake.face)}</span></li>'
    )
