"""The way through the network as HTML: every stage with its facts, and the picture of what it made of the image.

Pure functions from values to text. The looks are in page.css; stages_view.js opens a map large.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from fontdemo.glyph.glyph import Glyph
from fontdemo.network.architectures import SIDE
from fontdemo.network.describe import StageFacts
from fontdemo.network.formulas import arrows, shape_text
from fontdemo.network.receptive_field import Field
from fontdemo.reading.reader import Reading
from fontdemo.ui import images
from fontdemo.ui.images import Sheet
from fontdemo.ui.read.view import ink_image


def heading(facts: Sequence[StageFacts]) -> str:
    """The heading of the way through the network, with the network's size."""
    total = sum(stage.parameters for stage in facts)
    return (
        '<div class="view-head"><h2>The way through the network</h2>'
        f"<p>{len(facts)} stages, {total:,} parameters. Click a map to see it large.</p></div>"
    )


def stages(
    facts: Sequence[StageFacts],
    classes: Sequence[str],
    glyph: Glyph | None,
    reading: Reading | None,
    *,
    own_scale: bool,
    temperature: float,
    seen: Mapping[str, Field] | None = None,
) -> str:
    """All stages from the input to softmax with what each made of `glyph`; empty pictures where there is no reading.

    classes: the titles of the classes in order of their labels. own_scale: every map has its own colour scale.
    temperature: what the network divides the last values by before softmax. seen: what the cells of each stage see of
    the input, by the stage's name; shown where a map is opened large.
    """
    parts = [_input(glyph)]
    for stage in facts:
        values = reading.outputs[stage.name] if reading is not None else np.zeros(stage.out_shape, np.float32)
        if values.ndim == 3:
            figure = _maps(stage, images.tiled(values, own_scale=own_scale), (seen or {}).get(stage.name))
        elif stage is facts[-1] and len(values) == len(classes):
            figure = _cells(values, classes, None)
        else:
            figure = _strip(stage, images.strip(values))
        parts.append(_stage(stage, figure))
    probabilities = reading.probabilities if reading is not None else np.zeros(len(classes), np.float32)
    cooled = "" if temperature == 1 else f", divided by {_number(temperature)},"
    sentence = f"Turns the values{cooled} into probabilities, which add up to 1; the largest is the answer."
    size = [("Size", arrows(probabilities.shape, probabilities.shape))]
    shown = _cells(probabilities, classes, 1.0)
    parts.append(_row("Softmax", "", shape_text(probabilities.shape), sentence, size, shown))
    return f'<ol class="stage-list">{"".join(parts)}</ol>'


def _input(glyph: Glyph | None) -> str:
    image = "" if glyph is None else ink_image(glyph.image, "The input image")
    figure = f'<div class="sheet sheet-ink">{image}</div>'
    sentence = "The image as the network gets it: one value a pixel."
    return _row(
        "Input", "Input Layer", shape_text((1, SIDE, SIDE)), sentence, [], figure + _scale("paper 0", "ink", "ink 1")
    )


def _stage(stage: StageFacts, figure: str) -> str:
    facts = [("Size", stage.size_formula)] if stage.size_formula else []
    if stage.parameters:
        facts.append((f"{stage.parameters:,} parameters", stage.parameter_formula))
    return _row(stage.short, stage.title, shape_text(stage.out_shape), stage.sentence, facts, figure)


def _row(short: str, title: str, shape: str, sentence: str, facts: Sequence[tuple[str, str]], figure: str) -> str:
    listed = "".join(
        f"<div><dt>{escape(name)}</dt>{''.join(f'<dd>{escape(term)}</dd>' for term in text.split('; '))}</div>"
        for name, text in facts
    )
    return (
        f'<li class="stage"><div class="stage-text"><h3>{escape(short)}<span class="stage-shape">{escape(shape)}</span>'
        f'</h3><p class="stage-title">{escape(title)}</p><p>{escape(sentence)}</p><dl>{listed}</dl></div>'
        f'<figure class="stage-figure">{figure}</figure></li>'
    )


def _maps(stage: StageFacts, sheet: Sheet, field: Field | None) -> str:
    width, height = sheet.tile
    sees = "" if field is None else f'data-start="{field.start}" data-step="{field.step}" data-size="{field.size}" '
    return (
        f'<button type="button" class="sheet" data-stage="{escape(stage.name)}" data-title="{escape(stage.short)}" '
        f'data-count="{sheet.count}" data-columns="{sheet.columns}" data-width="{width}" data-height="{height}" '
        f'data-gap="{sheet.gap}" {sees}aria-label="{escape(stage.short)}: open its {sheet.count} maps large">'
        f'{_sheet_image(sheet, "")}<span class="sheet-mark" hidden></span></button>{_legend(sheet)}'
    )


def _strip(stage: StageFacts, sheet: Sheet) -> str:
    text = f"The {sheet.count:,} values of {stage.short}"
    return f'<div class="sheet sheet-strip">{_sheet_image(sheet, text)}</div>{_legend(sheet)}'


def _sheet_image(sheet: Sheet, text: str) -> str:
    return (
        f'<img src="{images.data_uri(sheet.png)}" width="{sheet.width}" height="{sheet.height}" '
        f'style="--w:{sheet.width}px" alt="{escape(text)}" draggable="false">'
    )


def _legend(sheet: Sheet) -> str:
    """The colour scale with the values at its ends; only its warm half where nothing is below zero."""
    if sheet.low == sheet.high == 0:
        return "<figcaption></figcaption>"
    low, scale = ("−", "both") if sheet.low < 0 else ("0", "warm")
    own = "each map on its own scale, " if sheet.limit is None else ""
    end = "max" if sheet.limit is None else _number(sheet.limit)
    note = f"{own}values from {_number(sheet.low)} to {_number(sheet.high)}"
    return _scale(low + end if low == "−" else low, scale, end, note)


def _scale(low: str, scale: str, high: str, note: str = "") -> str:
    """A bar of the colour scale `scale` (both, warm or ink: see page.css) with what its ends stand for."""
    return f'<figcaption><span>{low}</span><i class="scale-{scale}"></i><span>{high}</span><em>{note}</em></figcaption>'


def _cells(values: NDArray[np.float32], classes: Sequence[str], limit: float | None) -> str:
    """One lettered cell a class, coloured by its value. limit: the end of a scale from 0, else +-the greatest."""
    end = float(np.abs(values).max()) if limit is None else limit
    best = int(values.argmax()) if values.any() else -1
    cells = []
    for label, (title, value) in enumerate(zip(classes, values.tolist(), strict=True)):
        colour, bright = images.scale_colour(value, end)
        kind = ("cell-best " if label == best else "") + ("cell-bright" if bright else "")
        text = escape(title)
        cells.append(f'<li class="{kind}" style="background:{colour}" title="{text}: {_number(value)}">{text}</li>')
    low, scale = ("0", "warm") if limit is not None else (_number(-end), "both")
    legend = _scale(low, scale, _number(end)) if best >= 0 else "<figcaption></figcaption>"
    return f'<ol class="cells">{"".join(cells)}</ol>{legend}'


def _number(value: float) -> str:
    """Three significant figures, with a real minus sign; what is below half a thousandth is written as 0."""
    return "0" if abs(value) < 0.0005 else f"{value:.3g}".replace("-", "−")
