"""The Ideas tab: the report's background as something to play with. Wiring only.

The texts and frames are in `fontdemo.ui.ideas.view` and `fontdemo.ui.ideas.regularization_view`, what moves in the page
is in the scripts here; only batch normalisation and dropout ask the server, since they are done to a real network.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from fontdemo.glyph.glyph import Glyph
from fontdemo.network import regularization
from fontdemo.ui.context import NetworkStore, PageContext, user_errors
from fontdemo.ui.ideas import regularization_view
from fontdemo.ui.ideas import view as ideas

#: The tab's title and id.
TITLE = "Ideas"

_HERE = Path(__file__).parent

_QUICK: dict[str, Any] = {
    "trigger_mode": "always_last", "show_progress": "hidden", "concurrency_limit": 4, "api_visibility": "private",
}  # fmt: skip


def show_normalisation(networks: NetworkStore, glyph: Glyph | None, network: str, stage: str, number: float) -> str:
    """Batch normalisation of the glyph read last; number: the map to tell of, from 1."""
    if glyph is None:
        return regularization_view.nothing()
    shown = regularization.normalise(networks.get(network).reader.network, glyph.image, stage)
    return regularization_view.normalisation(shown, int(number) - 1)


def show_dropout(
    networks: NetworkStore, glyph: Glyph | None, network: str, stage: str, probability: float, seed: int
) -> str:
    """Dropout of the glyph read last."""
    if glyph is None:
        return regularization_view.nothing()
    net = networks.get(network).reader.network
    dropped = regularization.drop(net, glyph.image, stage, probability, int(seed))
    return regularization_view.dropout(dropped, probability, net.alphabet)


def _maps(networks: NetworkStore, network: str, stage: str) -> int:
    """How many maps a stage has; 1 for a stage that is not there, which is told when it is asked for."""
    return next((facts.out_shape[0] for facts in networks.get(network).facts if facts.name == stage), 1)


def slider_end(maps: int) -> int:
    """Where the slider that chooses one of so many maps ends; of a single one too, it must be longer than nothing."""
    return max(2, maps)


def _fitting(networks: NetworkStore, network: str, only: Callable[[Any], list[str]], stage: str) -> tuple[str, Any]:
    """`stage` if `network` has it, else its first; and the dropdown of its stages."""
    choices = _choices(networks, network, only)
    names = [name for _, name in choices]
    stage = stage if stage in names else names[0]
    return stage, gr.Dropdown(choices=choices, value=stage)


def _choices(networks: NetworkStore, network: str, only: Callable[[Any], list[str]]) -> list[tuple[str, str]]:
    """(short title, name) of the stages of `network` that `only` names."""
    loaded = networks.get(network)
    names = only(loaded.reader.network)
    return [(facts.short, facts.name) for facts in loaded.facts if facts.name in names]


def build(context: PageContext) -> None:
    """Put the tab's parts into the Blocks context and connect them."""
    networks, network, glyph = context.networks, context.chooser, context.glyph
    first = networks.names()[0]
    gr.HTML(ideas.heading(), apply_default_css=False)
    convolution = _instrument(ideas.convolution(), "convolution", "given")
    _instrument(ideas.softmax(), "softmax")
    norm_stage, norm_map, norm_view = _normalisation(networks, first)
    drop_stage, probability, again, seed, drop_view = _dropout(networks, first)
    _instrument(ideas.activations(), "activations")

    norm_inputs = [glyph, network, norm_stage, norm_map]
    drop_inputs = [glyph, network, drop_stage, probability, seed]
    drop = partial(show_dropout, networks)

    def normalise(drawn: Glyph | None, network: str, stage: str, number: float) -> tuple[Any, str]:
        """The slider fitted to the stage's maps, and the view."""
        most = slider_end(_maps(networks, network, stage))
        number = min(number, most)
        return gr.Slider(maximum=most, value=number), show_normalisation(networks, drawn, network, stage, number)

    norm_map.input(user_errors(partial(show_normalisation, networks)), norm_inputs, norm_view, **_QUICK)
    norm_stage.input(user_errors(normalise), norm_inputs, [norm_map, norm_view], **_QUICK)
    gr.on([drop_stage.input, probability.input], user_errors(drop), drop_inputs, drop_view, **_QUICK)

    def reseed(drawn: Glyph | None, network: str, stage: str, probability: float, seed: int) -> tuple[int, str]:
        return seed + 1, drop(drawn, network, stage, probability, seed + 1)

    again.click(user_errors(reseed), drop_inputs, [seed, drop_view], **_QUICK)

    inputs = [glyph, network, norm_stage, norm_map, drop_stage, probability, seed]
    outputs = [convolution, norm_stage, norm_map, norm_view, drop_stage, drop_view]

    def renew(
        drawn: Glyph | None, network: str, norm: str, number: float, dropped: str, probability: float, seed: int
    ) -> list[Any]:
        norm, norms = _fitting(networks, network, regularization.normalised_stages, norm)
        dropped, drops = _fitting(networks, network, regularization.dropped_stages, dropped)
        return [
            ideas.drawn_picture(drawn.image if drawn else None),
            norms, *normalise(drawn, network, norm, number),
            drops, drop(drawn, network, dropped, probability, seed),
        ]  # fmt: skip

    def opened(
        drawn: Glyph | None, network: str, norm: str, number: float, dropped: str, probability: float, seed: int,
        chosen: gr.SelectData,
    ) -> list[Any]:  # fmt: skip
        if chosen.value != TITLE:
            return [gr.skip()] * len(outputs)
        return renew(drawn, network, norm, number, dropped, probability, seed)

    def follow(is_open: bool, *given: Any) -> list[Any]:
        return renew(*given) if is_open else [gr.skip()] * len(outputs)

    # A drawing is made in another tab: it is enough to look at it when this one is opened, and then once more, since
    # what was read in the browser comes to the server only now (live_view.js asks it).
    open_ = gr.State(False)

    def is_this(chosen: gr.SelectData) -> bool:
        return bool(chosen.value == TITLE)

    context.tabs.select(is_this, None, open_, **_QUICK)
    context.tabs.select(user_errors(opened), inputs, outputs, **_QUICK)
    glyph.change(user_errors(follow), [open_, *inputs], outputs, **_QUICK)
    network.change(user_errors(renew), inputs, outputs, **_QUICK)


def _instrument(template: str, name: str, *before: str) -> gr.HTML:
    """A part of the page that NAME.js runs by itself; before: scripts whose names it uses."""
    script = "\n".join((_HERE / f"{part}.js").read_text(encoding="utf-8") for part in (*before, name))
    return gr.HTML(
        "", html_template=template, js_on_load=script, apply_default_css=False, elem_id=f"ideas-{name}"
    )


def _view(elem_id: str) -> gr.HTML:
    script = (_HERE.parent / "stages_view.js").read_text(encoding="utf-8")
    return gr.HTML(regularization_view.nothing(), js_on_load=script, apply_default_css=False, elem_id=elem_id)


def _normalisation(networks: NetworkStore, network: str) -> tuple[gr.Dropdown, gr.Slider, gr.HTML]:
    choices = _choices(networks, network, regularization.normalised_stages)
    maps = _maps(networks, network, choices[0][1])
    with gr.Row(elem_classes="idea"):
        gr.HTML(regularization_view.about_normalisation(), apply_default_css=False)
        with gr.Column(elem_classes="lab", min_width=280):
            with gr.Row(elem_classes="lab-fields"):
                stage = gr.Dropdown(choices, value=choices[0][1], label="Stage", elem_id="norm-stage", min_width=120)
                number = gr.Slider(1, slider_end(maps), value=1, step=1, label="Map", elem_id="norm-map", min_width=160)
            view = _view("norm-view")
    return stage, number, view


def _dropout(networks: NetworkStore, network: str) -> tuple[gr.Dropdown, gr.Slider, gr.Button, gr.State, gr.HTML]:
    choices = _choices(networks, network, regularization.dropped_stages)
    names = [name for _, name in choices]
    with gr.Row(elem_classes="idea"):
        gr.HTML(regularization_view.about_dropout(), apply_default_css=False)
        with gr.Column(elem_classes="lab", min_width=280):
            with gr.Row(elem_classes="lab-fields"):
                value = "fc1" if "fc1" in names else names[0]
                stage = gr.Dropdown(choices, value=value, label="Stage", elem_id="drop-stage", min_width=120)
                probability = gr.Slider(0, 0.95, value=0.5, step=0.05, label="p", elem_id="drop-p", min_width=160)
                again = gr.Button("Drop different ones", elem_id="drop-again", size="md")
            seed = gr.State(0)
            view = _view("drop-view")
    return stage, probability, again, seed, view
