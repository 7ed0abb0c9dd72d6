"""The Data tab: what a packed data set holds, beside the report's figures, and which fonts are refused. Wiring only.

What is shown is made in `train.ui.data.view` of `train.runs.datasets` and `train.fonts.survey`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from fontdemo.alphabet import get_alphabet
from fontdemo.errors import FontdemoError, without_paths
from fontdemo.ui.context import PageContext, user_errors
from fontdemo.ui.gate.events import whole
from train.access import Access, access
from train.data import sources
from train.data.packed import PackedSet
from train.data.sample import NAME, shipped
from train.data.sources import FONTS, Source
from train.fonts.face import RefusalKind
from train.fonts.survey import Survey, survey
from train.loop.recipe import Recipe
from train.runs import jobs
from train.runs.background import Background
from train.runs.datasets import Shelf, batch_shapes
from train.ui.data import view

#: The tab's title and id.
TITLE = "Data"

#: Faces of the small set that the tab builds, and the alphabet of it and of the look at the fonts.
FACES = 60
ALPHABET = "course52"

_QUICK: dict[str, Any] = {
    "trigger_mode": "always_last", "show_progress": "hidden", "concurrency_limit": 4, "api_visibility": "private",
}  # fmt: skip

_PAGES = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-page]');
  if (button) trigger('click', { page: Number(button.dataset.page) });
});
"""

_PARTS = [("both sides", ""), ("training", "train"), ("validation", "valid")]


def tab(root: Path = jobs.RUNS_ROOT, rights: Access | None = None) -> Callable[[PageContext], None]:
    """The builder of the tab for `fontdemo.ui.page`; the packed sets lie beside the runs under `root`.

    rights: what visitors may do; by default what the environment says.
    """
    rights = access(os.environ) if rights is None else rights
    return partial(build, cache=root.parent / "data", runs=root, rights=rights)


def _in_place(show: Callable[..., str]) -> Callable[..., str]:
    """`show`, whose errors that a person can mend stand in its place: the parts beside it are renewed."""

    def shown(*inputs: Any) -> str:
        try:
            return show(*inputs)
        except FontdemoError as error:
            return view.trouble(error)

    return shown


@_in_place
def show_facts(shelf: Shelf, name: str) -> str:
    """What the set holds, with the shapes of a batch of the report's size."""
    data = shelf.get(name)
    return view.facts(data, batch_shapes(data, Recipe().batch))


@_in_place
def show_sheet(shelf: Shelf, name: str, character: str, family: str, part: str, page: int) -> str:
    """A page of one character (of all, if it is empty) in the faces whose name holds `family`."""
    data = shelf.get(name)
    label = _label(data, character)
    return view.sheet(data, label, data.find(label, family, part).tolist(), page)


@_in_place
def show_families(shelf: Shelf, name: str, family: str) -> str:
    """The families on each side whose name holds `family`."""
    return view.families(shelf.get(name), family)


def _label(data: PackedSet, character: str) -> int | None:
    character = character.strip()
    if not character:
        return None
    label = data.about.alphabet.label(character)
    if label is None:
        raise FontdemoError(f"“{character[:8]}” is not a character of the alphabet {data.about.alphabet.name}.")
    return label


def build(shared: PageContext, *, cache: Path, runs: Path, rights: Access) -> None:
    """Put the tab's parts into the Blocks context and connect them."""
    shelf, surveying, building = Shelf(cache, runs, shipped()), Background[Survey](), Background[Path]()
    page = gr.State(0)
    fonts_too = rights.train and not rights.limits.sample_only  # looking at fonts is minutes of a shared machine's time
    with gr.Row(elem_classes="data-bar"):
        _heading("One character in many fonts", "What networks learn from. Type another, or part of a family's name.")
        chooser = gr.Dropdown([], label="Data set", elem_id="data-set", interactive=True, min_width=260, scale=0,
                              elem_classes="worded")  # fmt: skip
    with gr.Row(elem_classes="data-fields"):
        character = gr.Textbox("T", label="Character", max_length=1, max_lines=1, elem_id="data-character",
                               min_width=90)  # fmt: skip
        family = gr.Textbox("", label="Family", placeholder="part of a name", max_lines=1, elem_id="data-family",
                            min_width=160)  # fmt: skip
        part = gr.Dropdown(_PARTS, value="", label="From", elem_id="data-part", interactive=True, min_width=130,
                           elem_classes="worded")  # fmt: skip
    sheet = gr.HTML("", apply_default_css=False, elem_id="data-sheet", js_on_load=_PAGES)
    _heading("How much there is", "The report's figures, beside those of the chosen set.")
    facts = gr.HTML(view.opening(), apply_default_css=False, elem_id="data-facts")
    make = gr.Button("Build a small data set", elem_id="data-make", size="md", visible=False, elem_classes="narrow")
    made = gr.HTML("", apply_default_css=False, elem_id="data-made")
    _heading("Families on each side", "")
    sides = gr.HTML("", apply_default_css=False, elem_id="data-sides")
    if fonts_too or rights.host:
        _heading("Faces refused, and why", _REFUSED)
    look = gr.Button("Scan this machine's fonts", elem_id="data-look", size="md", visible=fonts_too,
                     elem_classes="narrow")  # fmt: skip
    looked = gr.HTML("", apply_default_css=False, elem_id="data-looked")
    with gr.Row(elem_classes="data-fields", visible=False) as sought:
        text = gr.Textbox("", label="Search", placeholder="name, file or reason", max_lines=1, elem_id="data-search")
        choices = [("any reason", ""), *((kind.value, kind.value) for kind in RefusalKind)]
        kind = gr.Dropdown(choices, value="", label="Refused because they", elem_id="data-kind", interactive=True,
                           elem_classes="worded")  # fmt: skip
    refused = gr.HTML("", apply_default_css=False, elem_id="data-refused")
    timer = gr.Timer(0.5, active=False)

    def contents(name: str, character: str, family: str, part: str) -> list[Any]:
        """Of page, facts, sheet and sides."""
        if not name:
            return [0, view.nothing(fonts_too), "", ""]
        return [
            0, show_facts(shelf, name), show_sheet(shelf, name, character, family, part, 0),
            show_families(shelf, name, family),
        ]  # fmt: skip

    def status(text: str, kind: str) -> list[Any]:
        """Of made, looked, sought, refused and timer."""
        return [
            view.bar(building.fraction, "Drawing the fonts.", without_paths(building.error)),
            view.bar(surveying.fraction, "Looking at the fonts.", without_paths(surveying.error)),
            gr.Row(visible=surveying.result is not None), view.survey(surveying.result, text, kind),
            gr.Timer(active=building.fraction is not None or surveying.fraction is not None),
        ]  # fmt: skip

    chosen = [chooser, character, family, part]
    shown = [page, facts, sheet, sides]
    state = [made, looked, sought, refused, timer]

    def renew(name: str, character: str, family: str, part: str, text: str, kind: str) -> list[Any]:
        """Everything, of chooser, make, shown and state."""
        names = list(shelf.names())
        name = name if name in names else names[0] if names else ""
        offered = gr.Button(visible=fonts_too and set(names) <= {NAME}, interactive=building.fraction is None)
        picked = gr.Dropdown(choices=names, value=name or None)
        return [picked, offered, *contents(name, character, family, part), *status(text, kind)]

    everything, all_parts = [*chosen, text, kind], [chooser, make, *shown, *state]

    def opened(
        name: str, character: str, family: str, part: str, text: str, kind: str, selected: gr.SelectData
    ) -> list[Any]:
        if selected.value != TITLE:
            return [gr.skip()] * len(all_parts)
        return renew(name, character, family, part, text, kind)

    def tick(name: str, character: str, family: str, part: str, text: str, kind: str) -> list[Any]:
        if building.fraction is None and surveying.fraction is None:  # what was under way has ended
            return renew(name, character, family, part, text, kind)
        return [gr.skip()] * (2 + len(shown)) + status(text, kind)

    shared.tabs.select(opened, everything, all_parts, **_QUICK)
    timer.tick(tick, everything, all_parts, show_progress="hidden", api_visibility="private")
    chooser.input(contents, chosen, shown, **_QUICK)

    def search(name: str, character: str, family: str, part: str) -> list[Any]:
        """Of page, sheet and sides."""
        if not name:
            return [0, "", ""]
        sought = show_sheet(shelf, name, character, family, part, 0)
        return [0, sought, show_families(shelf, name, family)]

    gr.on([character.change, family.change, part.change], search, chosen, [page, sheet, sides], **_QUICK)

    def turn(name: str, character: str, family: str, part: str, pressed: gr.EventData) -> list[Any]:
        wanted = whole(pressed, "page", 1_000_000_000)
        return [wanted, show_sheet(shelf, name, character, family, part, wanted)]

    sheet.click(turn, chosen, [page, sheet], **_QUICK)

    def begin_survey(text: str, kind: str, sent: Any) -> list[Any]:
        rights.of(sent).require_fonts()
        surveying.begin(partial(survey, get_alphabet(ALPHABET)))
        return status(text, kind)

    look.click(user_errors(begin_survey), [text, kind, shared.visitor], state, **_QUICK)

    def begin_building(text: str, kind: str, sent: Any) -> list[Any]:
        mine = rights.of(sent)
        mine.require_fonts()
        source = Source(FONTS, faces=FACES)
        building.begin(lambda progress: sources.prepare(source, ALPHABET, cache, mine, progress))
        return status(text, kind)

    make.click(user_errors(begin_building), [text, kind, shared.visitor], state, **_QUICK)

    def seek(text: str, kind: str) -> str:
        return view.survey(surveying.result, text, kind)

    gr.on([text.change, kind.change], seek, [text, kind], refused, **_QUICK)


def _heading(title: str, text: str) -> None:
    gr.HTML(view.heading(title, text), apply_default_css=False)


_REFUSED = (
    "A face must draw every character, each differently, with real small letters, and not repeat another face. "
    "Scanning thousands of fonts can take over a minute."
)
