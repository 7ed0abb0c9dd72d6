"""The Read tab: draw or give one character; the answer, what the network saw, and the way through the network.

Wiring only: reading is in `fontdemo.glyph.glyph` and `fontdemo.reading.reader`, what is shown is made in
`fontdemo.ui.read.view`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import Glyph, from_drawing, from_picture, parse_strokes
from fontdemo.ui.context import LoadedNetwork, NetworkStore, PageContext, user_errors
from fontdemo.ui.read import closest, compare, view, why, words
from fontdemo.ui.read.examples import Example, make_examples
from fontdemo.ui.read.pad import drawing_pad
from fontdemo.ui.stages_view import heading, stages
from fontdemo.ui.uploads import PICTURES, uploaded

WELCOME = "Draw one character, or give a picture of one."

_WAY = Path(__file__).parent.parent / "stages_view.js"

_CHIPS = """
element.addEventListener('click', (event) => {
  const chip = event.target.closest('[data-index]');
  if (chip) trigger('click', { index: Number(chip.dataset.index) });
});
"""

#: What a reading renews: the glyph, kept for reading it again; then the answer, what the network saw, and the way.
Shown = tuple[Glyph | None, str, str, str]


def read_drawing(readers: NetworkStore, strokes: str, network: str, own_scale: bool) -> Shown:
    """Read the pad's JSON; what cannot be read is told in the answer's place."""
    return _read(readers.get(network), lambda: from_drawing(parse_strokes(strokes)), own_scale)


def read_picture(readers: NetworkStore, upload: Mapping[str, Any] | None, network: str, own_scale: bool) -> Shown:
    """Read an uploaded file, given as Gradio's record of it."""
    loaded = readers.get(network)
    if not upload or not upload.get("path"):
        return _show(loaded, None, WELCOME, own_scale)
    return _read(loaded, lambda: from_picture(uploaded(upload)), own_scale)


def read_upload(
    readers: NetworkStore, upload: Mapping[str, Any] | None, network: str, own_scale: bool, chosen: int = 0
) -> tuple[Any, ...]:
    """Read an uploaded file, or of a line in it character `chosen`: what a reading renews, then the row of them."""
    if not upload or not upload.get("path"):
        return *read_picture(readers, upload, network, own_scale), *words.NONE
    row: list[Any] = [*words.NONE]

    def glyph() -> Glyph:
        found, *row[:] = words.split(readers, upload, network, chosen)
        return found

    return *_read(readers.get(network), glyph, own_scale), *row


def read_example(readers: NetworkStore, example: Example, network: str, own_scale: bool) -> Shown:
    """Read an example."""
    content = example.content
    if isinstance(content, str):
        return read_drawing(readers, content, network, own_scale)
    return _read(readers.get(network), lambda: from_picture(content), own_scale)


def look_at_drawing(readers: NetworkStore, strokes: str, upload: Any, network: str, own_scale: bool) -> tuple[Any, ...]:
    """What a reading renews, and the row of characters, when the pad comes into sight.

    Nothing where nothing is given anywhere, so that what another tab sent stays.
    """
    if strokes not in ("", "[]", None):
        return *read_drawing(readers, strokes, network, own_scale), *words.NONE
    return _nothing_given(readers, network, own_scale, bool(upload))


def look_at_picture(readers: NetworkStore, strokes: str, upload: Any, network: str, own_scale: bool) -> tuple[Any, ...]:
    """The same when the picture comes into sight."""
    if upload:
        return read_upload(readers, upload, network, own_scale)
    return _nothing_given(readers, network, own_scale, strokes not in ("", "[]", None))


def _nothing_given(readers: NetworkStore, network: str, own_scale: bool, elsewhere: bool) -> tuple[Any, ...]:
    """For a pad or a picture that is empty. elsewhere: whether the answer may be of what the other one holds."""
    nothing = (*_show(readers.get(network), None, WELCOME, own_scale), *words.NONE)
    return nothing if elsewhere else (gr.skip(),) * len(nothing)


def read_sent(readers: NetworkStore, glyph: Glyph, network: str, own_scale: bool) -> Shown:
    """Read a glyph that another tab sends."""
    return _show(readers.get(network), glyph, "", own_scale)


def read_again(readers: NetworkStore, glyph: Glyph | None, network: str, own_scale: bool) -> tuple[str, str, str]:
    """The answer, the way's heading and the way for the same glyph with another network or another colour scale."""
    loaded = readers.get(network)
    _, answer, _, way = _show(loaded, glyph, WELCOME, own_scale)
    return answer, heading(loaded.facts), way


def _read(loaded: LoadedNetwork, glyph: Callable[[], Glyph], own_scale: bool) -> Shown:
    try:
        return _show(loaded, glyph(), "", own_scale)
    except FontdemoError as error:
        return _show(loaded, None, str(error), own_scale)


def _show(loaded: LoadedNetwork, glyph: Glyph | None, message: str, own_scale: bool) -> Shown:
    """Read `glyph` and make all that is shown of it; without one, `message` stands where the answer would."""
    alphabet = loaded.reader.alphabet
    titles = [alphabet.title(label) for label in range(len(alphabet))]
    temperature = loaded.reader.network.temperature
    reading = loaded.read(glyph) if glyph is not None else None
    return (
        # The steps are pictures of up to a megabyte; to read again, the image is enough.
        replace(glyph, steps=()) if glyph is not None else None,
        view.answer(reading, message),
        view.saw(glyph),
        stages(loaded.facts, titles, glyph, reading, own_scale=bool(own_scale), temperature=temperature,
               seen=loaded.fields),  # fmt: skip
    )


def build(shared: PageContext) -> None:
    """Put the tab's parts into the Blocks context and connect them."""
    readers, network, glyph = shared.readers, shared.chooser, shared.glyph
    examples = make_examples()
    loaded = readers.get(readers.names()[0])
    # The first reading of a process takes ten times as long as those after it.
    read_example(readers, examples[0], readers.names()[0], False)
    _, answer, saw, way = _show(loaded, None, WELCOME, False)
    with gr.Row(elem_classes="read-top"):
        with gr.Column(elem_classes="read-give", min_width=280):
            with gr.Tabs(elem_id="source") as source:
                with gr.Tab("Draw", id="draw"):
                    pad = drawing_pad("pad")
                with gr.Tab("Picture", id="picture", render_children=True):
                    picture = gr.Image(
                        sources=["upload", "clipboard", "webcam"], type="filepath", image_mode=None, format="png",
                        show_label=False, container=False, buttons=[], elem_id="picture",
                        placeholder="A picture of one character:\ndrop it here, or click to choose",
                    )  # fmt: skip
            chips = gr.HTML(view.examples(examples), js_on_load=_CHIPS, apply_default_css=False, elem_id="examples")
        with gr.Column(elem_classes="read-told", min_width=280):
            answer_view = gr.HTML(answer, apply_default_css=False, elem_id="answer")
            letters, chosen_letter = words.row()
            saw_view = gr.HTML(saw, apply_default_css=False, elem_id="saw")
            why.build(shared)
            closest.build(shared)
    with gr.Row(elem_classes="way-bar"):
        head = gr.HTML(heading(loaded.facts), apply_default_css=False)
        own_scale = gr.Checkbox(False, label="Each map on its own scale", container=False, elem_id="own-scale")
        other = compare.chooser(shared)
    script = _WAY.read_text(encoding="utf-8")
    with compare.beside(shared, other, own_scale, script):
        way_view = gr.HTML(way, apply_default_css=False, elem_id="way", js_on_load=script)
    shown = [glyph, answer_view, saw_view, way_view, letters, chosen_letter]
    # Only the newest drawing matters, and nothing may flicker while it is read. Values are taken as they are sent
    # (preprocess=False): the picture is opened by our own reader, which tells in plain words what is wrong with it.
    quick: dict[str, Any] = {
        "trigger_mode": "always_last", "show_progress": "hidden", "concurrency_limit": 4, "api_visibility": "private",
        "preprocess": False,
    }  # fmt: skip
    opening = quick | PICTURES
    pad.input(
        user_errors(lambda *given: (*read_drawing(readers, *given), *words.NONE)),
        [pad, network, own_scale], shown, **quick,
    )
    gr.on(
        [picture.input, picture.clear],
        user_errors(partial(read_upload, readers)),
        [picture, network, own_scale],
        shown,
        **opening,
    )
    shared.sent.change(  # the pad and the picture are emptied: what was given there is not what is shown now
        user_errors(lambda *given: ("", None, *read_sent(readers, *given), *words.NONE)),
        [shared.sent, network, own_scale], [pad, picture, *shown], **quick,
    )  # fmt: skip
    gr.on(
        [network.change, own_scale.change],
        user_errors(partial(read_again, readers)), [glyph, network, own_scale], [answer_view, head, way_view], **quick,
    )  # fmt: skip

    @user_errors
    def try_example(network: str, own_scale: bool, chosen: gr.EventData) -> tuple[Any, ...]:
        example = examples[int(chosen.index)]
        drawn = isinstance(example.content, str)
        return (
            gr.Tabs(selected="draw" if drawn else "picture"),
            example.content if drawn else gr.skip(),
            gr.skip() if drawn else example.content,
            *read_example(readers, example, network, own_scale),
            *words.NONE,
        )

    # The answer is always of what is seen beside it: what the other tab holds is read again when that is opened.
    # One event for both, so that of two tabs opened in haste the last one's answer comes last.
    @user_errors
    def look_at(strokes: str, upload: Any, network: str, own_scale: bool, tab: gr.SelectData) -> tuple[Any, ...]:
        look = look_at_picture if tab.value == "Picture" else look_at_drawing
        return look(readers, strokes, upload, network, own_scale)

    source.select(look_at, [pad, picture, network, own_scale], shown, **quick)

    chips.click(try_example, [network, own_scale], [source, pad, picture, *shown], **quick)

    @user_errors
    def choose_letter(upload: Any, network: str, own_scale: bool, clicked: gr.EventData) -> tuple[Any, ...]:
        return read_upload(readers, upload, network, own_scale, int(clicked.index))

    letters.click(choose_letter, [picture, network, own_scale], shown, **opening)
    network.change(user_errors(partial(words.again, readers)), [picture, network, chosen_letter], letters, **opening)
