"""The Network tab: the chosen network's layers, sizes and parameters, and the report's CNN with other settings.

Wiring only: computing is in `fontdemo.network.what_if` and `fontdemo.network.report_claims`, the HTML in
`fontdemo.ui.network.view`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gradio as gr

from fontdemo.network.report_claims import CLAIMS, claim_of
from fontdemo.network.what_if import (
    EDITABLE,
    MOST_CONVOLUTIONS,
    MOST_WIDTHS,
    DesignError,
    activation_titles,
    described,
    design,
    parse_settings,
    settings_of,
)
from fontdemo.ui.context import NetworkStore, PageContext, user_errors
from fontdemo.ui.gate.events import whole
from fontdemo.ui.html import render
from fontdemo.ui.network import view

_SCRIPT = Path(__file__).parent / "form.js"

_CLICK = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-index]');
  if (!button) return;
  // What is shown is of the settings before until the answer is here.
  for (const part of ['verdict', 'tables']) document.querySelector(`#design-${part}`).setAttribute('aria-busy', 'true');
  trigger('click', { index: Number(button.dataset.index) });
});
"""

_ANSWERED = """() => {
  for (const part of document.querySelectorAll('[id^=design-][aria-busy]')) part.removeAttribute('aria-busy');
}"""

_NOTE = "These are the settings of the report's CNN. Change one, and everything that depends on it is recomputed."

#: The tab that trains what is designed here, where there is one.
_TRAIN = "Train"


def chosen(networks: NetworkStore, name: str) -> tuple[str, str, str, str, str]:
    """What is shown for the network called `name`: verdict and tables; then the form's value, the report's argument and
    the note on its listing, for the classes of this network. For one of another kind the form has the report's CNN.
    """
    network = networks.get(name).reader.network
    found = described(network)
    shown = view.verdict(found, networks.title(name)), view.tables(found)
    own = network.options if network.architecture == EDITABLE else {}
    return *shown, json.dumps(settings_of(own)), *beside(networks, name)


def beside(networks: NetworkStore, name: str) -> tuple[str, str]:
    """The report's argument and the note on its listing, for the classes of the network called `name`."""
    alphabet = networks.get(name).reader.network.alphabet.name
    return view.claims(alphabet), view.kernels(alphabet)


def changed(networks: NetworkStore, name: str, settings: str) -> tuple[str, str]:
    """Verdict and tables for the form's JSON; what the form does not show stays as in the network called `name`."""
    network = networks.get(name).reader.network
    wanted = parse_settings(settings)
    claim = claim_of(wanted)
    editable = network.architecture == EDITABLE
    same = editable and wanted == settings_of(network.options)
    called = networks.title(name)
    title = called if same else claim.title if claim else (called if editable else "The report's CNN") + ", changed"
    own = network.options if editable else {}
    found = design({**own, **wanted}, network.alphabet.name)
    return view.verdict(found, title), view.tables(found)


def build(context: PageContext) -> None:
    """Put the tab's parts into the Blocks context and connect them."""
    networks, network = context.networks, context.chooser
    verdict, tables, settings, argument, note = chosen(networks, networks.names()[0])
    verdict_view = gr.HTML(verdict, apply_default_css=False, elem_id="design-verdict")
    with gr.Row(elem_classes="design-top"):
        with gr.Column(elem_classes="design-left", min_width=280):
            form = _form(settings)
            train = gr.Button("Train this", elem_id="design-train", size="md", visible=_TRAIN in context.titles)
            argument_view = gr.HTML(argument, js_on_load=_CLICK, apply_default_css=False, elem_id="design-claims")
        with gr.Column(elem_classes="design-right", min_width=280):
            tables_view = gr.HTML(tables, apply_default_css=False, elem_id="design-tables")
    note_view = gr.HTML(note, apply_default_css=False, elem_id="design-kernels")
    shown = [verdict_view, tables_view]
    # Gradio tells the tabs of a chosen network one after another, this one among the last. Meanwhile one may have
    # typed or clicked here, which was answered for that network already, and is not to be undone: `followed` is the
    # network that the tab shows. One answer at a time, in the order of what was asked.
    followed = gr.State(networks.names()[0])
    quick: dict[str, Any] = {
        "trigger_mode": "always_last", "show_progress": "hidden", "api_visibility": "private",
        "concurrency_id": "design", "concurrency_limit": 1,
    }  # fmt: skip

    @user_errors
    def follow(name: str, followed: str) -> tuple[Any, ...]:
        return (gr.skip(),) * 6 if name == followed else (name, *chosen(networks, name))

    @user_errors
    def follow_settings(name: str, followed: str, settings: str) -> tuple[Any, ...]:
        others = (gr.skip(),) * 2 if name == followed else beside(networks, name)
        return name, *changed(networks, name, settings), *others

    network.change(follow, [network, followed], [followed, *shown, form, argument_view, note_view], **quick)
    form.input(follow_settings, [network, followed, form], [followed, *shown, argument_view, note_view], **quick)

    def hand_over(name: str, settings: str) -> tuple[str, Any]:
        wanted = parse_settings(settings)
        found = design(wanted, networks.get(name).reader.network.alphabet.name)
        if found.problem:
            raise DesignError(found.problem)
        return json.dumps(wanted), gr.Tabs(selected=_TRAIN)

    train.click(user_errors(hand_over), [network, form], [context.design, context.tabs], **quick)

    @user_errors
    def choose_claim(name: str, followed: str, pressed: gr.EventData) -> tuple[Any, ...]:
        text = json.dumps(CLAIMS[whole(pressed, "index", len(CLAIMS) - 1)].settings)
        return text, *follow_settings(name, followed, text)

    chosen_claim = argument_view.click(
        choose_claim, [network, followed], [form, followed, *shown, argument_view, note_view], **quick
    )
    chosen_claim.then(None, None, None, js=_ANSWERED, api_visibility="private")


def _form(settings: str) -> gr.HTML:
    """The settings' form; its value is their JSON."""
    most = json.dumps({"convolutions": MOST_CONVOLUTIONS, "widths": MOST_WIDTHS})
    template = render("network/form.html", activations=json.dumps(activation_titles()), most=most, note=_NOTE)
    return gr.HTML(
        value=settings, html_template=template, js_on_load=_SCRIPT.read_text(encoding="utf-8"),
        apply_default_css=False, elem_id="design-form",
    )  # fmt: skip
