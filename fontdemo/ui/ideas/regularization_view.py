"""What batch normalisation and dropout do to a drawing as HTML: maps and histograms before and after. No Gradio.

Pure functions from values to text; texts and HTML are in fontdemo/ui/templates/ideas.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontdemo.alphabet import Alphabet
from fontdemo.network.regularization import Dropped, Normalised
from fontdemo.ui import images
from fontdemo.ui.html import number, render

_BINS = 48
_WIDTH, _HEIGHT = 440, 130


def nothing() -> str:
    """What is shown instead of pictures while nothing has been read."""
    return render("ideas/nothing.html")


def about_normalisation() -> str:
    """What batch normalisation is."""
    return render("ideas/about_normalisation.html")


def about_dropout() -> str:
    """What dropout is."""
    return render("ideas/about_dropout.html")


def normalisation(shown: Normalised, chosen: int) -> str:
    """Batch normalisation before and after; `chosen`: the map (from 0) whose numbers are given and whose line is drawn
    strong.
    """
    chosen = min(max(chosen, 0), len(shown.mean) - 1)
    parts = [
        _sheet(f"norm-{title.lower()}", title, values, chosen) | {
            "histogram": _lines(values, chosen),
            "caption": f"{title}: mean {number(values.mean())}, spread {number(values.std())}. "
                       f"Map {chosen + 1}: mean {number(values[chosen].mean())}, spread {number(values[chosen].std())}",
        }
        for title, values in (("Before", shown.before), ("After", shown.after))
    ]  # fmt: skip
    scale = shown.weight[chosen] / np.sqrt(shown.variance[chosen] + shown.epsilon)
    formula = (
        f"y = γ (x − μ) / √(σ² + ε) + β = {number(shown.weight[chosen])} (x − {_signed(shown.mean[chosen])}) / "
        f"√({number(shown.variance[chosen])} + {shown.epsilon:g}) + {_signed(shown.bias[chosen])}"
        f" = {number(scale)} x + {_signed(shown.bias[chosen] - scale * shown.mean[chosen])}"
    )
    return render(
        "ideas/normalisation.html", parts=parts, map=chosen + 1, formula=formula, data_uri=images.data_uri
    )


def dropout(shown: Dropped, probability: float, alphabet: Alphabet) -> str:
    """Dropout before and after, and what the network answers."""
    parts = [
        _sheet(f"drop-{title.lower()}", title, values, None) | {
            "histogram": _bars(values, shown),
            "caption": f"{title}: mean {number(values.mean())}, {int((values == 0).sum()):,} of {values.size:,} are 0",
        }
        for title, values in (("Before", shown.before), ("After", shown.after))
    ]  # fmt: skip
    return render(
        "ideas/dropout.html", parts=parts, silent=int((~shown.kept).sum()), size=shown.kept.size,
        probability=probability, answer=_answer(shown.probabilities, alphabet), usual=_answer(shown.usual, alphabet),
        data_uri=images.data_uri,
    )  # fmt: skip


def _answer(probabilities: NDArray[np.float32], alphabet: Alphabet) -> dict[str, Any]:
    label = int(probabilities.argmax())
    return {"title": alphabet.title(label), "probability": float(probabilities[label])}


def _sheet(name: str, title: str, values: NDArray[np.float32], chosen: int | None) -> dict[str, Any]:
    """Maps as a picture that stages_view.js opens large; a row of values as lines."""
    maps = values.ndim != 1
    sheet, mark = images.tiled(values) if maps else images.strip(values), ""
    if chosen is not None and maps:
        width, height = sheet.tile
        left = sheet.gap + chosen % sheet.columns * (width + sheet.gap)
        top = sheet.gap + chosen // sheet.columns * (height + sheet.gap)
        mark = (
            f"left:{100 * left / sheet.width:.3f}%;top:{100 * top / sheet.height:.3f}%;"
            f"width:{100 * width / sheet.width:.3f}%;height:{100 * height / sheet.height:.3f}%"
        )
    return {"name": name, "title": title, "sheet": sheet, "maps": maps, "mark": mark, "size": f"{values.size:,}"}


def _lines(maps: NDArray[np.float32], chosen: int) -> dict[str, Any]:
    """The histogram of every map as a line, all on one scale; the chosen one's comes last, on top."""
    edges = _edges(maps)
    counts = np.stack([np.histogram(values, edges)[0] for values in maps])
    order = [index for index in range(len(maps)) if index != chosen] + [chosen]
    # Most of a map is paper, all of one value: roots keep the rest in sight.
    heights = np.sqrt(counts / max(1, counts.max()))
    lines = [_path(heights[index]) for index in order]
    return _histogram(edges, f"Histograms of {len(maps)} maps") | {"lines": lines, "bars": []}


def _bars(values: NDArray[np.float32], shown: Dropped) -> dict[str, Any]:
    """The histogram of all values as bars; before and after share their scale."""
    edges = _edges(np.concatenate([shown.before.ravel(), shown.after.ravel()]))
    counts = np.histogram(values, edges)[0]
    highest = max(np.histogram(part, edges)[0].max() for part in (shown.before, shown.after))
    heights = np.sqrt(counts / max(1, highest))
    step = _WIDTH / _BINS
    bars = [
        {"x": f"{index * step:.2f}", "y": f"{_HEIGHT * (1 - height):.2f}", "width": f"{step - 1:.2f}",
         "height": f"{_HEIGHT * height:.2f}"}
        for index, height in enumerate(heights.tolist())
    ]  # fmt: skip
    return _histogram(edges, f"Histogram of {values.size:,} values") | {"lines": [], "bars": bars}


def _edges(values: NDArray[np.float32]) -> NDArray[np.float64]:
    low, high = float(values.min()), float(values.max())
    return np.linspace(low, high if high > low else low + 1, _BINS + 1)


def _path(heights: NDArray[np.float64]) -> str:
    step = _WIDTH / _BINS
    points = (f"{(index + 0.5) * step:.1f} {_HEIGHT * (1 - height):.1f}" for index, height in enumerate(heights))
    return "M" + "L".join(points)


def _histogram(edges: NDArray[np.float64], label: str) -> dict[str, Any]:
    """The frame of a histogram. zero: where 0 is marked along it, in percent; "" where it is too near an end."""
    low, high = float(edges[0]), float(edges[-1])
    at = 100 * -low / (high - low)
    zero = f"{at:.2f}" if low < 0 < high and 8 < at < 92 else ""
    return {"width": _WIDTH, "height": _HEIGHT, "low": low, "high": high, "zero": zero, "label": label}


def _signed(value: float) -> str:
    """A number that follows an operator: in brackets if it is negative."""
    return f"({number(value)})" if value < 0 else number(value)
