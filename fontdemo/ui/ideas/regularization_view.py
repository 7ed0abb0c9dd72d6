"""What batch normalisation and dropout do to a drawing as HTML: maps and histograms before and after. No Gradio."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from fontdemo.alphabet import Alphabet
from fontdemo.network.regularization import Dropped, Normalised
from fontdemo.ui import images
from fontdemo.ui.ideas.view import text

#: What stands in the pictures' place while nothing has been read.
NOTHING = '<p class="idea-nothing">Draw a character in the Read tab first, and see here what happens to it.</p>'

NORMALISATION = text(
    "4. Batch normalisation",
    "Every map of a convolution has its own mean and standard deviation, and both drift while the network learns. "
    "Batch normalisation subtracts the mean and divides by the standard deviation, map by map, so that the next layer "
    "always gets values in the same range; then it multiplies by γ and adds β, which are learned.",
    "In training, mean and variance come from the batch; in use, as here, they are running averages from training. "
    "Over all training images each map comes out with mean β and standard deviation γ; one drawing differs. Each line "
    "is the histogram of one map.",
)  # fmt: skip
DROPOUT = text(
    "5. Dropout",
    "In training, dropout sets each value to 0 with probability p, different ones in every step, so that the network "
    "can't rely on a few of them: this reduces overfitting. The rest are divided by 1 − p, which keeps the mean.",
    "In use nothing is dropped. Here your drawing is treated as in training, and the rest of the network answers.",
)  # fmt: skip

_BINS = 48
_WIDTH, _HEIGHT = 440, 130


def normalisation(shown: Normalised, chosen: int) -> str:
    """Batch normalisation before and after; `chosen`: the map (from 0) whose numbers are told and whose line is drawn
    strong.
    """
    chosen = min(max(chosen, 0), len(shown.mean) - 1)
    parts = (("before", "Before", shown.before), ("after", "After", shown.after))
    figures = "".join(
        f"<figure>{_sheet(f'norm-{name}', title, values, chosen)}{_lines(values, chosen)}"
        f"<figcaption>{title}: mean {_number(values.mean())}, spread {_number(values.std())}. "
        f"Map {chosen + 1}: mean {_number(values[chosen].mean())}, spread {_number(values[chosen].std())}</figcaption>"
        "</figure>"
        for name, title, values in parts
    )
    scale = shown.weight[chosen] / np.sqrt(shown.variance[chosen] + shown.epsilon)
    formula = (
        f"y = γ (x − μ) / √(σ² + ε) + β = {_number(shown.weight[chosen])} (x − {_signed(shown.mean[chosen])}) / "
        f"√({_number(shown.variance[chosen])} + {shown.epsilon:g}) + {_signed(shown.bias[chosen])}"
        f" = {_number(scale)} x + {_signed(shown.bias[chosen] - scale * shown.mean[chosen])}"
    )
    return f'<div class="idea-pair">{figures}</div><p class="idea-formula"><b>Map {chosen + 1}</b> {formula}</p>'


def dropout(shown: Dropped, probability: float, alphabet: Alphabet) -> str:
    """Dropout before and after, and what the network answers."""
    parts = (("before", "Before", shown.before), ("after", "After", shown.after))
    figures = "".join(
        f"<figure>{_sheet(f'drop-{name}', title, values, None)}{_bars(values, shown)}"
        f"<figcaption>{title}: mean {_number(values.mean())}, {int((values == 0).sum()):,} of {values.size:,} are 0"
        "</figcaption></figure>"
        for name, title, values in parts
    )
    silent = int((~shown.kept).sum())
    return (
        f'<div class="idea-pair">{figures}</div><p class="idea-formula"><b>{silent:,} of {shown.kept.size:,}</b> '
        f"values set to 0 ({100 * silent / shown.kept.size:.1f} % with p = {probability:g}), the others divided by "
        f"{1 - probability:.2f}. The network answers {_answer(shown.probabilities, alphabet)} instead of "
        f"{_answer(shown.usual, alphabet)}.</p>"
    )


def _answer(probabilities: NDArray[np.float32], alphabet: Alphabet) -> str:
    label = int(probabilities.argmax())
    return f"<b>{escape(alphabet.title(label))}</b> ({100 * float(probabilities[label]):.1f} %)"


def _sheet(name: str, title: str, values: NDArray[np.float32], chosen: int | None) -> str:
    """Maps as a picture that stages_view.js opens large; a row of values as lines."""
    if values.ndim == 1:
        sheet = images.strip(values)
        return f'<div class="sheet sheet-strip">{_image(sheet, f"{title}: {values.size:,} values")}</div>'
    sheet = images.tiled(values)
    width, height = sheet.tile
    mark = ""
    if chosen is not None:
        left = sheet.gap + chosen % sheet.columns * (width + sheet.gap)
        top = sheet.gap + chosen // sheet.columns * (height + sheet.gap)
        mark = (
            f'<span class="sheet-chosen" style="left:{100 * left / sheet.width:.3f}%;'
            f'top:{100 * top / sheet.height:.3f}%;width:{100 * width / sheet.width:.3f}%;'
            f'height:{100 * height / sheet.height:.3f}%"></span>'
        )
    return (
        f'<button type="button" class="sheet" data-stage="{name}" data-title="{title}" data-count="{sheet.count}" '
        f'data-columns="{sheet.columns}" data-width="{width}" data-height="{height}" data-gap="{sheet.gap}" '
        f'aria-label="{title}: open the {sheet.count} maps large">{_image(sheet, "")}{mark}'
        '<span class="sheet-mark" hidden></span></button>'
    )


def _image(sheet: images.Sheet, alt: str) -> str:
    return (
        f'<img src="{images.data_uri(sheet.png)}" width="{sheet.width}" height="{sheet.height}" '
        f'style="--w:{sheet.width}px" alt="{escape(alt)}" draggable="false">'
    )


def _lines(maps: NDArray[np.float32], chosen: int) -> str:
    """The histogram of every map as a line, all on one scale."""
    edges = _edges(maps)
    counts = np.stack([np.histogram(values, edges)[0] for values in maps])
    order = [index for index in range(len(maps)) if index != chosen] + [chosen]
    # Most of a map is paper, all of one value: roots keep the rest in sight.
    heights = np.sqrt(counts / max(1, counts.max()))
    paths = "".join(
        f'<path class="histogram-{"chosen" if index == chosen else "line"}" d="{_path(heights[index])}"/>'
        for index in order
    )
    return _histogram(edges, paths, f"Histograms of {len(maps)} maps")


def _bars(values: NDArray[np.float32], shown: Dropped) -> str:
    """The histogram of all values as bars; before and after share their scale."""
    edges = _edges(np.concatenate([shown.before.ravel(), shown.after.ravel()]))
    counts = np.histogram(values, edges)[0]
    highest = max(np.histogram(part, edges)[0].max() for part in (shown.before, shown.after))
    heights = np.sqrt(counts / max(1, highest))
    step = _WIDTH / _BINS
    bars = "".join(
        f'<rect x="{index * step:.2f}" y="{_HEIGHT * (1 - height):.2f}" width="{step - 1:.2f}" '
        f'height="{_HEIGHT * height:.2f}"/>'
        for index, height in enumerate(heights.tolist())
    )
    return _histogram(edges, bars, f"Histogram of {values.size:,} values")


def _edges(values: NDArray[np.float32]) -> NDArray[np.float64]:
    low, high = float(values.min()), float(values.max())
    return np.linspace(low, high if high > low else low + 1, _BINS + 1)


def _path(heights: NDArray[np.float64]) -> str:
    step = _WIDTH / _BINS
    points = (f"{(index + 0.5) * step:.1f} {_HEIGHT * (1 - height):.1f}" for index, height in enumerate(heights))
    return "M" + "L".join(points)


def _histogram(edges: Sequence[float] | NDArray[np.float64], marks: str, label: str) -> str:
    low, high = float(edges[0]), float(edges[-1])
    zero = ""
    if low < 0 < high:
        at = 100 * -low / (high - low)
        zero = f'<span style="left:{at:.2f}%">0</span>' if 8 < at < 92 else ""
    return (
        f'<div class="histogram"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}, from {_number(low)} to {_number(high)}">{marks}</svg>'
        f'<p><span>{_number(low)}</span>{zero}<span>{_number(high)}</span></p></div>'
    )


def _number(value: float) -> str:
    """Three significant figures with a real minus sign."""
    return "0" if abs(value) < 0.0005 else f"{float(value):.3g}".replace("-", "−")


def _signed(value: float) -> str:
    """A number that follows an operator: in brackets if it is negative."""
    return f"({_number(value)})" if value < 0 else _number(value)
