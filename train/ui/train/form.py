"""The Train tab's form: what to train with the button that starts, and all settings, folded. Wiring only."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import gradio as gr

from fontdemo.alphabet import ALPHABETS
from fontdemo.errors import FontdemoError, without_paths
from fontdemo.network.architectures import ARCHITECTURES
from fontdemo.network.stages import ACTIVATIONS
from fontdemo.ui.gate.events import text
from fontdemo.ui.gate.uploads import uploaded
from train.access import Access
from train.data import sources
from train.loop.device import DEVICES
from train.loop.recipe import AUGMENTATIONS, RECIPES, SCHEDULES, get_recipe
from train.runs import zerogpu
from train.runs.start.standby import MEASURED, Standby
from train.ui import pace as measured
from train.ui.live_html import live_html
from train.ui.train import choices, pinned_view
from train.ui.train import fields as form

_HERE = Path(__file__).parent

_SOURCES = {
    "The sample": sources.SAMPLE,
    "The fonts of this machine": sources.FONTS,
    "A packed file": sources.PACKED,
    "A folder": sources.FOLDER,
    "Upload a .zip": sources.ARCHIVE,
}


@dataclass(frozen=True)
class Form:
    """The parts whose values make a run. settings: in the order of `form.Fields`. data: in the order of `_data`.

    cards: of `choices`. follow, thumb: whether the visitor's drawing is followed, and it. revision: counts the form's
    changes; measured: [revision, HTML] of the last estimate; estimate: that HTML, once it is of the form as it stands;
    idle: whether nothing trains. The last but the estimate are never seen. counted_design: the event that counts a
    change of the design.
    """

    cards: gr.HTML
    recipe: gr.Dropdown
    data: list[Any]
    settings: list[Any]
    name: gr.Textbox
    device: gr.Dropdown
    start: gr.Button
    follow: gr.Checkbox
    thumb: gr.HTML
    estimate: gr.HTML
    measured: gr.JSON
    revision: gr.Number
    idle: gr.Checkbox
    design: gr.State
    counted_design: Any

    @property
    def inputs(self) -> list[Any]:
        """Everything that `read` takes, in its order."""
        return [self.recipe, self.name, self.device, *self.data, *self.settings, self.design]


def read(access: Access, values: tuple[Any, ...]) -> tuple[Any, str, str, sources.Source]:
    """The values of `Form.inputs` -> (recipe, name, device, source), checked; FontdemoError where one will not do."""
    recipe_name, name, device, kind, faces, every_kind, split, path, archive, *settings, design = values
    recipe = form.designed(form.from_fields(recipe_name, form.Fields(*settings)), design)
    form.check(access, recipe)
    if kind == sources.ARCHIVE:
        file = uploaded(archive) if archive else None
    else:
        file = Path(str(path).strip()) if path and str(path).strip() else None
    faces = form.whole(faces)
    if not isinstance(faces, int) or isinstance(faces, bool):
        raise FontdemoError("The number of faces must be a whole number.")
    source = sources.Source(kind, file, faces, bool(every_kind), str(split))
    source.check(access)
    return recipe, str(name or ""), str(device), source


def estimating() -> str:
    """What stands in the estimate's place while it is measured."""
    return form.note("Estimating ...")


def estimate_text(
    access: Access, values: tuple[Any, ...], *, busy: bool = False, standby: Standby | None = None
) -> str:
    """How long the run of these values of `Form.inputs` would take, or what is wrong with them, as HTML.

    busy: a run is under way, which measuring would slow down and which would spoil the measurement; nothing is said of
    the time then, nor of a choice whose card says it, which is where there is a standby.
    """
    try:
        recipe, _, device, source = read(access, values)
        images = sources.expected_images(source, recipe.alphabet)
        if zerogpu.needed(device):
            return form.note(zerogpu.sentence(recipe, images and images[0]))
        if busy or (standby is not None and choices.is_as_chosen(recipe, source, access)):
            return ""
        # All of the recipe but what no step's time depends on, so that fewer changes are measured anew.
        known = choices.known_pace(recipe, standby) if standby is not None and device == "auto" else None
        pace = known or measured.pace(recipe, device)
    except sources.NothingChosenError as error:  # no mistake: the field for it has only just appeared
        return form.note(str(error))
    except FontdemoError as error:
        return form.note(without_paths(str(error)), wrong=True)
    if images is None:
        return form.note(f"Training on {pace.device}: about {pace.images_per_second:,.0f} images a second.")
    minutes = pace.minutes / MEASURED[0] * images[0] * recipe.epochs
    return form.note(replace(pace, epochs=recipe.epochs, minutes=minutes, limit=recipe.minutes).sentence())


def build(access: Access, standby: Standby | None, design: gr.State) -> Form:
    """Put the form into the Blocks context: what to train and Start, then all settings, folded.

    Choosing a card, or a recipe in the settings, fills the fields. standby: knows how fast this machine trains.
    design: of the Network tab, "" if none; choosing a card gives it up.
    """
    begin = choices.CHOICES[0]
    cards = live_html("choices", _HERE / "choices.js")
    with gr.Row(elem_classes="train-go"):
        start = gr.Button("Start", variant="primary", elem_id="start", interactive=access.train, scale=0, min_width=150)
        follow = gr.Checkbox(True, label="Follow my drawing", elem_id="follow-mine", interactive=True, scale=0)
        thumb = gr.HTML(pinned_view.thumb(None), apply_default_css=False, elem_id="follow-thumb")
        estimate = gr.HTML("", apply_default_css=False, elem_id="estimate")
    note = gr.HTML("", apply_default_css=False, elem_id="designed")
    with gr.Accordion("All settings", open=False, elem_id="settings"):
        first = form.to_fields(get_recipe(begin.recipe))
        with gr.Row():
            recipe = gr.Dropdown(list(RECIPES), value=begin.recipe, label="Recipe", elem_id="recipe", interactive=True,
                                 info="A name for the settings below. Choosing one fills them in.")  # fmt: skip
            sentence = gr.Markdown(form.SENTENCES[begin.recipe], elem_id="recipe-sentence")
        data, of_fonts, fitting = _data(access, begin)
        settings = _settings(first)
        with gr.Row():
            device = gr.Dropdown(list(DEVICES), value="auto", label="Device", min_width=120, interactive=True,
                                 info="auto uses the graphics card, if there is one.")  # fmt: skip
            name = gr.Textbox(label="Name of the run", placeholder="same as the recipe", max_lines=1, max_length=60,
                              min_width=120, elem_id="run-name", interactive=True,
                              info="What the run and its network are called.")  # fmt: skip
    measured, revision = gr.JSON(visible=False), gr.Number(0, visible=False)
    idle = gr.Checkbox(True, visible="hidden")  # not False: then its change would be no event
    filled_with = gr.State(begin.recipe)

    # Before any other listener, since Gradio calls one after the other: at once, and without the server.
    watched = (recipe, device, *data, *settings, idle)
    counting: dict[str, Any] = {
        "fn": None, "inputs": revision, "outputs": [revision, estimate], "api_visibility": "private",
        "js": f"(count) => [count + 1, {json.dumps(estimating())}]",
    }  # fmt: skip
    gr.on([part.change for part in watched], **counting)
    counted_design = design.change(**counting)

    def filled(chosen: str) -> list[Any]:
        return [chosen, form.SENTENCES.get(chosen, ""), *form.to_fields(get_recipe(chosen)).values()]

    def filled_if_other(chosen: str, before: str) -> list[Any]:
        return filled(chosen) if chosen != before else [gr.skip()] * (2 + len(settings))

    def marked(chosen: str, design: str, *values: Any) -> list[Any]:
        titles = form.edited_labels(labels, chosen, values, design)
        return [type(part)(label=title) for part, title in zip(settings, titles, strict=True)]

    def pick(pressed: gr.EventData) -> list[Any]:
        choice = choices.find(text(pressed, "choice")) or begin
        source = choice.source(access)
        return ["", choice.recipe, source.kind, source.faces, source.every_kind, *filled(choice.recipe)]

    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 4}
    # Gradio's menu sends `input` whenever it closes, and `select` for a click on a choice but not for Enter. So a click
    # fills the form, even with the same recipe once more, and `input` fills it if there is another choice.
    fields_of_recipe = [filled_with, sentence, *settings]
    recipe.select(filled, recipe, fields_of_recipe, **quick)
    recipe.input(filled_if_other, [recipe, filled_with], fields_of_recipe, **quick)
    cards.click(pick, None, [design, recipe, *data[:3], *fields_of_recipe], **quick)
    labels = [str(part.label) for part in settings]
    gr.on(
        [part.change for part in (recipe, design, *settings)], marked, [recipe, design, *settings], settings,
        trigger_mode="always_last", **quick,
    )  # fmt: skip
    handed = [settings[index] for index in (*form.CARRIED_AT, *form.NETWORK_AT)]
    alphabet = settings[form.ALPHABET_AT]
    design.change(form.handed_over, [design, alphabet], [note, *handed], **quick)
    alphabet.change(form.designed_note, [design, alphabet], note, **quick)
    kind, _, _, _, path, archive = data
    kind.change(fitting, kind, [of_fonts, path, archive], **quick)
    return Form(cards, recipe, data, settings, name, device, start, follow, thumb, estimate, measured, revision, idle,
                design, counted_design)  # fmt: skip


def _data(access: Access, begin: choices.Choice) -> tuple[list[Any], gr.Group, Callable[[str], list[Any]]]:
    """The fields of a `sources.Source` in its order, the group of those about fonts, and what shows those that fit."""
    allowed = [(n, k) for n, k in _SOURCES.items() if access.manage or k not in (sources.PACKED, sources.FOLDER)]
    if access.limits.sample_only:
        allowed = [(n, k) for n, k in allowed if k == sources.SAMPLE]
    kind = gr.Radio(allowed, value=begin.kind, label="Data", elem_id="data-kind", interactive=True,
                    info="What the network learns from.")  # fmt: skip
    most = max(3, min(2000, access.limits.faces))
    with gr.Group(visible=False) as of_fonts, gr.Row():
        faces = gr.Slider(
            2, most, value=min(sources.FACES, most), step=1, label="Faces, at most", elem_id="faces", interactive=True,
            info="More typefaces take longer, but unseen ones are read better.",
        )  # fmt: skip
        split = gr.Dropdown(
            [("families it is not trained on", "families"), ("random images, as in the report", "random")],
            value="families", label="Validated on", interactive=True, info="What validation is measured on.",
            elem_classes="worded",
        )  # fmt: skip
        every = gr.Checkbox(False, label="Display and handwriting faces too", interactive=True)
    path = gr.Textbox(
        label="Path on this machine", placeholder="/home/ada/characters", visible=False, elem_id="data-path",
        interactive=True, max_lines=1,
    )  # fmt: skip
    archive = gr.File(
        label="train/30/395_30.npy, valid/5a/1775_5a.npy, ... in a .zip", file_types=[".zip"], visible=False,
        height=120, elem_id="data-zip", interactive=True,
    )  # fmt: skip

    def fitting(chosen: str) -> list[Any]:
        paths = chosen in (sources.PACKED, sources.FOLDER)
        fonts, upload = chosen == sources.FONTS, chosen == sources.ARCHIVE
        return [gr.Group(visible=fonts), gr.Textbox(visible=paths), gr.File(visible=upload)]

    return [kind, faces, every, split, path, archive], of_fonts, fitting


def _settings(first: form.Fields) -> list[Any]:
    """The fields of `form.Fields` in order, two abreast."""
    narrow: dict[str, Any] = {"min_width": 120, "interactive": True}

    def choice(label: str, choices: Any) -> tuple[Any, dict[str, Any]]:
        return gr.Dropdown, {"label": label, "choices": list(choices)}

    def number(label: str, **more: Any) -> tuple[Any, dict[str, Any]]:
        return gr.Number, {"label": label, **more}

    kinds: dict[str, tuple[Any, dict[str, Any]]] = {
        "architecture": choice("Network", ARCHITECTURES),
        "conv_activation": choice("Convolutions", ACTIVATIONS),
        "fc1_activation": choice("After FC1", ACTIVATIONS),
        "fc2_activation": choice("After FC2", ACTIVATIONS),
        "learning_rate": number("Learning rate", step=0.0001),
        "batch": number("Batch"),
        "epochs": number("Epochs"),
        "minutes": number("Time limit, minutes"),
        "seed": number("Seed"),
        "alphabet": choice("Alphabet", ALPHABETS),
        "augmentation": choice("Augmentation", AUGMENTATIONS),
        "schedule": choice("Schedule", SCHEDULES),
        "patience": number("Patience, epochs"),
        "smoothing": number("Label smoothing", step=0.01),
        "weight_decay": number("Weight decay", step=0.0001),
    }
    names = [f.name for f in fields(form.Fields)]
    made = []
    for pair in (names[i : i + 2] for i in range(0, len(names), 2)):
        with gr.Row():
            for name in pair:
                component, options = kinds[name]
                options["info"] = form.HELP[name]
                elem_id = "set-" + name.replace("_", "-")
                made.append(component(value=getattr(first, name), elem_id=elem_id, **options, **narrow))
    return made
