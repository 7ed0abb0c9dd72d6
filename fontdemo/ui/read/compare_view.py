"""Two networks side by side as HTML: their answers, sizes and times; and the second one's way through its stages.

Pure functions from values to text. The looks are in compare.css.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from fontdemo.glyph.glyph import Glyph
from fontdemo.network.receptive_field import Field
from fontdemo.reading.compare import PASSES, Side
from fontdemo.ui.read import view
from fontdemo.ui.stages_view import stages

_NOTHING = "Nothing to read yet."


def cards(sides: Sequence[Side]) -> str:
    """The sides' answers next to each other, with their parameters and times drawn on the same scales."""
    most = max(side.parameters for side in sides)
    longest = max((side.milliseconds or 0.0 for side in sides), default=0.0)
    parts = "".join(_card(side, most, longest) for side in sides)
    return f'<section class="compare"><p class="compare-verdict">{escape(_verdict(sides))}</p>{parts}</section>'


def same(name: str) -> str:
    """In the cards' place where a network would be compared with itself."""
    return f'<p class="compare-none">{escape(name)} is the network that is chosen above: compare it with another.</p>'


def way(side: Side, glyph: Glyph | None, seen: Mapping[str, Field]) -> str:
    """The way through the second network, under its name. seen: what the cells of each stage see of the input."""
    alphabet, temperature = side.reader.alphabet, side.reader.network.temperature
    titles = [alphabet.title(label) for label in range(len(alphabet))]
    shown = stages(side.facts, titles, glyph, side.reading, own_scale=False, temperature=temperature, seen=seen)
    return f'<h2 class="compare-name">{escape(side.name)}</h2>{shown}'


def _verdict(sides: Sequence[Side]) -> str:
    read = {side.name: side.reading.title(side.reading.label) for side in sides if side.reading is not None}
    if not read:
        return "Draw a character: both networks read it."
    if len(set(read.values())) == 1:
        return f"Both networks find {next(iter(read.values()))} the likeliest."
    return "They disagree: " + ", ".join(f"{title} for {name}" for name, title in read.items()) + "."


def _card(side: Side, most: int, longest: float) -> str:
    facts = _fact("Parameters", f"{side.parameters:,}", side.parameters / most)
    if side.milliseconds is None:
        facts += _fact("A reading takes", "–", 0.0)
    else:
        digits = 2 if side.milliseconds < 10 else 0
        facts += _fact("A reading takes", f"{side.milliseconds:.{digits}f} ms", side.milliseconds / longest)
    kinds = " → ".join(stage.short for stage in side.facts)
    return (
        f'<article class="compare-side"><h3>{escape(side.name)}</h3>{view.answer(side.reading, _NOTHING)}'
        f'<dl title="Time of a forward pass: the median of {PASSES}">{facts}</dl>'
        f'<p class="compare-stages">{escape(kinds)}</p></article>'
    )


def _fact(name: str, value: str, part: float) -> str:
    bar = f'<span class="bar"><i style="width:{100 * part:.1f}%"></i></span>'
    return f"<div><dt>{name}</dt><dd>{bar}<b>{value}</b></dd></div>"
