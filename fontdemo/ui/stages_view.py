"""The stages view: every stage of a network with its facts, and the picture of what it made of the image, as HTML.

Pure functions from values to text. The HTML is in templates/stages/stages.html, its style in page.css; stages_view.js
opens a map large.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from fontdemo.glyph.glyph import Glyph
from fontdemo.network.architectures import SIDE
from fontdemo.network.describe import StageFacts
from fontdemo.network.formulas import arrows, shape_text
from fontdemo.network.receptive_field import Field
from fontdemo.reading.reader import Reading
from fontdemo.ui import images
from fontdemo.ui.html import number, render
from fontdemo.ui.images import Sheet
from fontdemo.ui.read.view import ink_image


def heading(facts: Sequence[StageFacts]) -> str:
    """The heading of the stages view, with the network's size."""
    total = sum(stage.parameters for stage in facts)
    text = f"{len(facts)} stages, {total:,} parameters. Click a map to see it large."
    return render("stages/heading.html", title="Through the network, stage by stage", text=text)


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
    rows = [_input(glyph)]
    for stage in facts:
        values = reading.outputs[stage.name] if reading is not None else np.zeros(stage.out_shape, np.float32)
        if values.ndim == 3:
            sheet = images.tiled(values, own_scale=own_scale)
            figure = {"kind": "maps", "sheet": sheet, "field": (seen or {}).get(stage.name), "legend": _legend(sheet)}
        elif stage is facts[-1] and len(values) == len(classes):
            figure = _cells(values, classes, None)
        else:
            sheet, text = images.strip(values), f"The {values.size:,} values of {stage.short}"
            figure = {"kind": "strip", "sheet": sheet, "text": text, "legend": _legend(sheet)}
        rows.append(_stage(stage) | figure)
    probabilities = reading.probabilities if reading is not None else np.zeros(len(classes), np.float32)
    cooled = "" if temperature == 1 else f", divided by {number(temperature)},"
    sentence = f"Turns the values{cooled} into probabilities, which add up to 1; the largest is the answer."
    size = [("Size", [arrows(probabilities.shape, probabilities.shape)])]
    softmax = _words("Softmax", "", shape_text(probabilities.shape), sentence, size)
    rows.append(softmax | _cells(probabilities, classes, 1.0))
    return render("stages/stages.html", rows=rows, data_uri=images.data_uri)


def _words(short: str, title: str, shape: str, sentence: str, facts: Sequence[tuple[str, list[str]]]) -> dict[str, Any]:
    return {"short": short, "title": title, "shape": shape, "sentence": sentence, "facts": facts}


def _input(glyph: Glyph | None) -> dict[str, Any]:
    image = "" if glyph is None else Markup(ink_image(glyph.image, "The input image"))
    sentence = "The image as the network gets it: one value a pixel."
    words = _words("Input", "Input Layer", shape_text((1, SIDE, SIDE)), sentence, [])
    return words | {"kind": "input", "image": image, "legend": _scale("paper 0", "ink", "ink 1")}


def _stage(stage: StageFacts) -> dict[str, Any]:
    facts = [("Size", stage.size_formula.split("; "))] if stage.size_formula else []
    if stage.parameters:
        facts.append((f"{stage.parameters:,} parameters", stage.parameter_formula.split("; ")))
    return {"name": stage.name} | _words(stage.short, stage.title, shape_text(stage.out_shape), stage.sentence, facts)


def _legend(sheet: Sheet) -> dict[str, str]:
    """The colour scale with the values at its ends; only its warm half where nothing is below zero."""
    if sheet.low == sheet.high == 0:
        return {}
    low, colours = ("−", "both") if sheet.low < 0 else ("0", "warm")
    own = "each map on its own scale, " if sheet.limit is None else ""
    end = "max" if sheet.limit is None else number(sheet.limit)
    note = f"{own}values from {number(sheet.low)} to {number(sheet.high)}"
    return _scale(low + end if low == "−" else low, colours, end, note)


def _scale(low: str, colours: str, high: str, note: str = "") -> dict[str, str]:
    """A bar of the colour scale `colours` (both, warm or ink: see page.css) with what its ends stand for."""
    return {"low": low, "colours": colours, "high": high, "note": note}


def _cells(values: NDArray[np.float32], classes: Sequence[str], limit: float | None) -> dict[str, Any]:
    """One lettered cell a class, coloured by its value. limit: the end of a scale from 0, else +-the greatest."""
    end = float(np.abs(values).max()) if limit is None else limit
    best = int(values.argmax()) if values.any() else -1
    cells = []
    for label, (title, value) in enumerate(zip(classes, values.tolist(), strict=True)):
        colour, bright = images.scale_colour(value, end)
        kind = ("cell-best " if label == best else "") + ("cell-bright" if bright else "")
        cells.append({"kind": kind, "colour": colour, "title": title, "value": number(value)})
    low, colours = ("0", "warm") if limit is not None else (number(-end), "both")
    legend = _scale(low, colours, number(end)) if best >= 0 else {}
    return {"kind": "cells", "cells": cells, "legend": legend}
