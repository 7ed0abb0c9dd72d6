"""A second network on the same glyph, beside the chosen one: their answers, sizes and times, and its stages.

The work is in `fontdemo.reading.compare`, the HTML in fontdemo/ui/templates/read, its style in compare.css.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from fontdemo.glyph.glyph import Glyph
from fontdemo.network.receptive_field import Field
from fontdemo.reading.compare import PASSES, Side, compare
from fontdemo.ui.context import NetworkStore, PageContext, user_errors
from fontdemo.ui.html import render
from fontdemo.ui.network.names import origin
from fontdemo.ui.read import view
from fontdemo.ui.stages_view import stages

#: What the control says where nothing is compared; no network has this name, for names are folders'.
NOTHING = ("nothing", "")

_STAGES_SCRIPT = Path(__file__).parent.parent / "stages_view.js"


def compared(networks: NetworkStore, glyph: Glyph | None, network: str, other: str) -> tuple[str, str]:
    """Both answers side by side, and the stages of the network `other`; both "" where nothing is compared."""
    if not other:
        return "", ""
    if other == origin(network):
        return same(networks.title(network)), ""
    first, second = networks.get(network), networks.get(other)
    names = networks.title(network), networks.title(other)
    sides = compare([(names[0], first.reader, first.facts), (names[1], second.reader, second.facts)], glyph,
                    first.readings)  # fmt: skip
    return cards(sides), other_stages(sides[1], glyph, second.fields)


def build(context: PageContext) -> None:
    """Put the section into the Blocks context and connect it."""

    def choices() -> list[tuple[str, str]]:
        return [NOTHING, *context.networks.choices()]

    with gr.Accordion("Compare with another network", open=False, elem_id="comparing", elem_classes="asks-server"):
        other = gr.Dropdown(
            choices(), value=NOTHING[1], label="Compare with", elem_id="compare-with", interactive=True, min_width=160,
            elem_classes="worded",
        )  # fmt: skip
        cards = gr.HTML("", apply_default_css=False, elem_id="compare")
        script = _STAGES_SCRIPT.read_text(encoding="utf-8")
        shown = gr.HTML("", apply_default_css=False, elem_id="stages-other", js_on_load=script)
    quick: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": 4, "api_visibility": "private"}
    # What has been trained since is to choose from too.
    context.demo.load(lambda: gr.Dropdown(choices=choices()), None, other, **quick)
    gr.on(
        [context.glyph.change, context.chooser.change, other.change],
        user_errors(partial(compared, context.networks)),
        [context.glyph, context.chooser, other], [cards, shown], trigger_mode="always_last", **quick,
    )  # fmt: skip


_NOTHING = "Nothing to read yet."


def cards(sides: Sequence[Side]) -> str:
    """The sides' answers next to each other, with their parameters and times drawn on the same scales."""
    most = max(side.parameters for side in sides)
    longest = max((side.milliseconds or 0.0 for side in sides), default=0.0)
    listed = [_card(side, most, longest) for side in sides]
    return render("read/compare.html", verdict=_verdict(sides), sides=listed, passes=PASSES)


def same(name: str) -> str:
    """Instead of the cards, where a network would be compared with itself."""
    return render("read/compare_same.html", name=name)


def other_stages(side: Side, glyph: Glyph | None, seen: Mapping[str, Field]) -> str:
    """The stages of the second network, under its name. seen: what the cells of each stage see of the input."""
    alphabet, temperature = side.reader.alphabet, side.reader.network.temperature
    titles = [alphabet.title(label) for label in range(len(alphabet))]
    shown = stages(side.facts, titles, glyph, side.reading, own_scale=False, temperature=temperature, seen=seen)
    return render("read/other_stages.html", name=side.name, stages=Markup(shown))


def _verdict(sides: Sequence[Side]) -> str:
    read = {side.name: side.reading.title(side.reading.label) for side in sides if side.reading is not None}
    if not read:
        return "Draw a character, and both networks read it."
    if len(set(read.values())) == 1:
        return f"Both networks find {next(iter(read.values()))} the likeliest."
    return "They disagree: " + ", ".join(f"{title} for {name}" for name, title in read.items()) + "."


def _card(side: Side, most: int, longest: float) -> dict[str, Any]:
    time = ("–", 0.0)
    if side.milliseconds is not None:
        digits = 2 if side.milliseconds < 10 else 0
        time = f"{side.milliseconds:.{digits}f} ms", side.milliseconds / longest
    facts = (("Parameters", f"{side.parameters:,}", side.parameters / most), ("Time per reading", *time))
    return {
        "name": side.name, "answer": Markup(view.answer(side.reading, _NOTHING)),
        "facts": [{"name": name, "value": value, "width": f"{100 * part:.1f}"} for name, value, part in facts],
        "stages": " → ".join(stage.short for stage in side.facts),
    }  # fmt: skip
