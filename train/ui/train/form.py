"""The Train tab's form: recipe, data and settings, with the button that starts. Wiring only."""

from __future__ import annotations

import functools
import json
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, fields, replace
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from fontdemo.alphabet import ALPHABETS
from fontdemo.errors import FontdemoError, without_paths
from fontdemo.network.architectures import ARCHITECTURES
from fontdemo.network.stages import ACTIVATIONS
from fontdemo.ui.uploads import uploaded
from train.access import Access
from train.data import sources
from train.loop.device import DEVICES
from train.loop.estimate import Estimate, estimate
from train.loop.recipe import AUGMENTATIONS, RECIPES, SCHEDULES, from_json, get_recipe
from train.runs import zerogpu
from train.ui.train import fields as form

_SOURCES = {
    "The fonts of this machine": sources.FONTS,
    "A packed file": sources.PACKED,
    "A folder": sources.FOLDER,
    "Upload a .zip": sources.ARCHIVE,
}

#: What the label of a field says that differs from the recipe.
EDITED = " (edited)"

# Training and validation images of the epoch whose time is measured; fonts found here give them in this proportion.
_MEASURED = (8000, 2000)

#: What stands in the estimate's place while it is measured.
ESTIMATING = '<p class="estimate">Estimating ...</p>'

# The machine may be busier or less so after a while.
_MEASURED_SECONDS = 120


@dataclass(frozen=True)
class Form:
    """The parts whose values make a run. settings: in the order of `form.Fields`. data: in the order of `to_source`.

    revision: counts the form's changes; measured: [revision, HTML] of the last estimate; estimate: that HTML, once it
    is of the form as it stands; idle: whether nothing trains. All but the estimate are never seen.
    """

    recipe: gr.Dropdown
    data: list[Any]
    settings: list[Any]
    name: gr.Textbox
    device: gr.Dropdown
    start: gr.Button
    estimate: gr.HTML
    measured: gr.JSON
    revision: gr.Number
    idle: gr.Checkbox

    @property
    def inputs(self) -> list[Any]:
        """Everything that `read` takes, in its order."""
        return [self.recipe, self.name, self.device, *self.data, *self.settings]


def read(access: Access, values: tuple[Any, ...]) -> tuple[Any, str, str, sources.Source]:
    """The values of `Form.inputs` -> (recipe, name, device, source), checked; FontdemoError where one will not do."""
    recipe_name, name, device, kind, faces, every_kind, split, path, archive, *settings = values
    recipe = form.from_fields(recipe_name, form.Fields(*settings))
    access.check(recipe.epochs, recipe.minutes)
    if kind == sources.ARCHIVE:
        place = uploaded(archive) if archive else None
    else:
        place = Path(str(path).strip()) if path and str(path).strip() else None
    faces = form.whole(faces)
    if not isinstance(faces, int) or isinstance(faces, bool):
        raise FontdemoError("The number of faces must be a whole number.")
    source = sources.Source(
        kind, place, faces, bool(every_kind), str(split)
    )
    source.check(access)
    return recipe, str(name or ""), str(device), source


def estimate_text(access: Access, values: tuple[Any, ...], *, busy: bool = False) -> str:
    """How long the run of these values of `Form.inputs` would take, or what is wrong with them, as HTML.

    busy: a run is under way, which measuring would slow down and which would spoil the measurement; nothing is said of
    the time then.
    """
    try:
        recipe, _, device, source = read(access, values)
        if busy:
            return ""
        zerogpu.check_measurable(device)
        # All of the recipe but what no step's time depends on, so that fewer changes are measured anew.
        alike = recipe.changed(name="", epochs=1, minutes=1.0, patience=0, seed=0)
        pace = _pace(alike.to_json(), device, int(time.time() // _MEASURED_SECONDS))
    except sources.NothingChosenError as error:  # no mistake: the field for it has only just appeared
        return f'<p class="estimate">{escape(str(error))}</p>'
    except (FontdemoError, BrokenProcessPool) as error:
        return f'<p class="estimate estimate-wrong">{escape(without_paths(str(error)))}</p>'
    images = sources.expected_images(source, recipe.alphabet)
    if images is None:
        text = f"Training on {pace.device}: about {pace.images_per_second:,.0f} images a second."
    else:
        minutes = pace.minutes / _MEASURED[0] * images[0] * recipe.epochs
        text = replace(pace, epochs=recipe.epochs, minutes=minutes, limit=recipe.minutes).sentence()
    return f'<p class="estimate">{escape(text)}</p>'


@functools.lru_cache(maxsize=64)
def _pace(recipe: str, device: str, _when: int) -> Estimate:
    """The estimate for one epoch of _MEASURED images with a recipe of one epoch, given as JSON."""
    # In a process of its own, as the run will be: this one reads with other settings of torch, and serves the page.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as other:
        return other.submit(estimate, from_json(recipe), *_MEASURED, device).result()


def build(access: Access) -> Form:
    """Put the form into the Blocks context; choosing a recipe fills its fields."""
    first = form.to_fields(get_recipe("report"))
    recipe = gr.Dropdown(list(RECIPES), value="report", label="Recipe", elem_id="recipe", interactive=True)
    sentence = gr.Markdown(form.SENTENCES["report"], elem_id="recipe-sentence")
    allowed = [(n, k) for n, k in _SOURCES.items() if access.manage or k not in (sources.PACKED, sources.FOLDER)]
    kind = gr.Radio(allowed, value=sources.FONTS, label="Data", elem_id="data-kind", interactive=True)
    with gr.Group(visible=True) as of_fonts:
        faces = gr.Slider(
            2, min(2000, access.limits.faces), value=min(sources.FACES, access.limits.faces), step=1,
            label="Faces, at most", elem_id="faces", interactive=True,
        )  # fmt: skip
        split = gr.Dropdown(
            [("families that are not trained on", "families"), ("images at random, as the report did", "random")],
            value="families", label="Validated on", interactive=True,
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
    start = gr.Button("Start training", variant="primary", elem_id="start", interactive=access.train)
    estimate = gr.HTML(ESTIMATING, apply_default_css=False, elem_id="estimate")
    measured, revision = gr.JSON(visible=False), gr.Number(0, visible=False)
    idle = gr.Checkbox(True, visible="hidden")  # not False: then its change would be no event
    with gr.Accordion("Settings", open=True, elem_id="settings"):
        settings = _settings(first)
        with gr.Row():
            device = gr.Dropdown(list(DEVICES), value="auto", label="Device", min_width=120, interactive=True)
            name = gr.Textbox(label="Name of the run", placeholder="as the recipe", max_lines=1, max_length=60,
                              min_width=120, elem_id="run-name", interactive=True)  # fmt: skip

    filled_with = gr.State("report")

    data = [kind, faces, every, split, path, archive]
    # Before any other listener, since Gradio calls one after the other: at once, and without the server.
    gr.on([part.change for part in (recipe, device, *data, *settings, idle)], None, revision, [revision, estimate],
          js=f"(count) => [count + 1, {json.dumps(ESTIMATING)}]", api_visibility="private")  # fmt: skip

    def filled(chosen: str) -> list[Any]:
        return [chosen, form.SENTENCES.get(chosen, ""), *form.to_fields(get_recipe(chosen)).values()]

    def filled_if_other(chosen: str, before: str) -> list[Any]:
        return filled(chosen) if chosen != before else [gr.skip()] * (2 + len(settings))

    def marked(chosen: str, *values: Any) -> list[Any]:
        titles = edited_labels(labels, chosen, values)
        return [type(part)(label=title) for part, title in zip(settings, titles, strict=True)]

    def fitting(chosen: str) -> list[Any]:
        paths = chosen in (sources.PACKED, sources.FOLDER)
        return [
            gr.Group(visible=chosen == sources.FONTS),
            gr.Textbox(visible=paths),
            gr.File(visible=chosen == sources.ARCHIVE),
        ]

    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 4}
    # Gradio's menu sends `input` whenever it closes, and `select` for a click on a choice but not for Enter. So a click
    # fills the form, even with the same recipe once more, and `input` fills it if there is another choice.
    fields_of_recipe = [filled_with, sentence, *settings]
    recipe.select(filled, recipe, fields_of_recipe, **quick)
    recipe.input(filled_if_other, [recipe, filled_with], fields_of_recipe, **quick)
    labels = [str(part.label) for part in settings]
    gr.on(
        [part.change for part in (recipe, *settings)], marked, [recipe, *settings], settings,
        trigger_mode="always_last", **quick,
    )  # fmt: skip
    kind.change(fitting, kind, [of_fonts, path, archive], **quick)
    return Form(recipe, data, settings, name, device, start, estimate, measured, revision, idle)


def edited_labels(labels: Sequence[str], chosen: str, values: Sequence[Any]) -> list[str]:
    """The settings' labels, marked where a value differs from that of the recipe `chosen`."""
    own = form.to_fields(get_recipe(chosen)).values()
    return [
        label + EDITED * (value != of_recipe) for label, value, of_recipe in zip(labels, values, own, strict=True)
    ]


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
                elem_id = "set-" + name.replace("_", "-")
                made.append(component(value=getattr(first, name), elem_id=elem_id, **options, **narrow))
    return made
