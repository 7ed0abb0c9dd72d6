"""The Read tab: draw or give one character; the answer, what the network saw, and its stages.

Wiring only. Where the browser can run the network it does (`live_layout`, `live_view.js`), and the server is asked only
for pictures and for what stands in the sections that open. Else the server reads the drawings too: reading is in
`fontdemo.glyph.glyph` and `fontdemo.reading.reader`, what is shown is made in `fontdemo.ui.read.view`.
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
from fontdemo.reading.among import ANYTHING, CHOICES
from fontdemo.reading.reader import Reading
from fontdemo.ui.context import LoadedNetwork, NetworkStore, PageContext, user_errors
from fontdemo.ui.gate.events import whole
from fontdemo.ui.gate.uploads import PICTURES
from fontdemo.ui.read import closest, compare, view, why, words
from fontdemo.ui.read.examples import Example, make_examples
from fontdemo.ui.read.live_layout import LIVE, live_answer, live_network, live_stage
from fontdemo.ui.read.pad import drawing_pad
from fontdemo.ui.stages_view import heading, stages

WELCOME = "Draw one character or upload a picture of one."

_STAGES_SCRIPT = Path(__file__).parent.parent / "stages_view.js"

_BUTTONS = """
element.addEventListener('click', (event) => {
  const chip = event.target.closest('[data-index]');
  // A drawing is read where drawings are read: where the browser does it, live_view.js takes it.
  const tried = chip && new CustomEvent('example', { bubbles: true, cancelable: true, detail: chip.dataset.strokes });
  if (chip && chip.dispatchEvent(tried)) trigger('click', { index: Number(chip.dataset.index) });
});
"""

# The page's scripts hear of it too.
_AMONG = """(among) => {
  window.dispatchEvent(new CustomEvent('among-chosen', { detail: among }));
  return [];
}"""

#: What a reading renews: the glyph, kept for reading it again; then the answer, what the network saw, and the stages.
Shown = tuple[Glyph | None, str, str, Any]


def read_drawing(networks: NetworkStore, strokes: str, network: str, mode: str, among: str = ANYTHING) -> Shown:
    """Read the pad's JSON; what cannot be read is said in the answer's place. among: as `Reader.read`."""
    return _read(networks.get(network), lambda: words.Shown(from_drawing(parse_strokes(strokes))), mode, among)


def read_upload(
    networks: NetworkStore, upload: Mapping[str, Any] | None, network: str, mode: str, among: str = ANYTHING,
    chosen: int = 0, taken: int | None = None,
) -> tuple[Any, ...]:  # fmt: skip
    """Read an uploaded file, given as Gradio's record of it (Gradio has checked that the visitor uploaded it).

    What a reading renews, then the row of characters and the one of them that is shown: of a line, `chosen`. taken:
    the way to see the picture, where the visitor chose one.
    """
    loaded = networks.get(network)
    if not upload or not upload.get("path"):
        return *_show(loaded, None, WELCOME, mode, among), *words.NONE
    row: list[Any] = [*words.NONE]

    def read() -> words.Shown:
        found = words.read(networks, upload, network, chosen, among, taken)
        row[:] = found.row, found.chosen
        return found

    return *_read(loaded, read, mode, among), *row


def read_example(
    networks: NetworkStore, example: Example, network: str, mode: str, among: str = ANYTHING
) -> Shown:
    """Read an example."""
    content = example.content
    if isinstance(content, str):
        return read_drawing(networks, content, network, mode, among)
    return _read(networks.get(network), lambda: words.Shown(from_picture(content)), mode, among)


def look_at_drawing(
    networks: NetworkStore, strokes: str, upload: Any, network: str, mode: str, among: str = ANYTHING
) -> tuple[Any, ...]:
    """What a reading renews, and the row of characters, when the pad comes into sight.

    Nothing where nothing is given anywhere, so that what another tab sent stays.
    """
    if strokes not in ("", "[]", None):
        return *read_drawing(networks, strokes, network, mode, among), *words.NONE
    return _nothing_given(networks, network, mode, bool(upload))


def look_at_picture(
    networks: NetworkStore, strokes: str, upload: Any, network: str, mode: str, among: str = ANYTHING
) -> tuple[Any, ...]:
    """The same when the picture comes into sight."""
    if upload:
        return read_upload(networks, upload, network, mode, among)
    return _nothing_given(networks, network, mode, strokes not in ("", "[]", None))


def _nothing_given(networks: NetworkStore, network: str, mode: str, elsewhere: bool) -> tuple[Any, ...]:
    """For a pad or a picture that is empty. elsewhere: whether the answer may be of what the other one holds."""
    nothing = (*_show(networks.get(network), None, WELCOME, mode), *words.NONE)
    return nothing if elsewhere else (gr.skip(),) * len(nothing)


def read_sent(networks: NetworkStore, glyph: Glyph, network: str, mode: str, among: str = ANYTHING) -> Shown:
    """Read a glyph that another tab sends."""
    kept, answer, _, shown = _show(networks.get(network), words.Shown(glyph), "", mode, among)
    return kept, answer, view.saw(glyph, sent=True), shown


def read_again(
    networks: NetworkStore, glyph: Glyph | None, network: str, mode: str, among: str = ANYTHING
) -> tuple[str, Any]:
    """The answer and the stages for the same glyph: another network, another `among`, or the server has to show it."""
    found = words.Shown(glyph) if glyph is not None else None
    _, answer, _, shown = _show(networks.get(network), found, WELCOME, mode, among)
    return answer, shown


def _read(loaded: LoadedNetwork, find: Callable[[], words.Shown], mode: str, among: str) -> Shown:
    try:
        return _show(loaded, find(), "", mode, among)
    except FontdemoError as error:
        return _show(loaded, None, str(error), mode, ANYTHING)


def _show(loaded: LoadedNetwork, found: words.Shown | None, message: str, mode: str, among: str = ANYTHING) -> Shown:
    """Read the glyph of `found` and make all that is shown of it; without one, `message` stands where the answer would.

    mode: LIVE where the browser reads: it shows the stages itself, and needs only the image, which is in `saw`.
    """
    glyph = found.glyph if found is not None else None
    reading = loaded.read(glyph, among) if glyph is not None else None
    return (
        # The steps are pictures of up to a megabyte; to read again, the image is enough.
        replace(glyph, steps=()) if glyph is not None else None,
        view.answer(reading, message),
        view.saw(glyph, found.picture if found is not None else None),
        # Nothing, rather than gr.skip(): for that Gradio makes a whole component anew, a millisecond each time.
        "" if mode == LIVE else _stages(loaded, glyph, reading),
    )


def _stages(loaded: LoadedNetwork, glyph: Glyph | None, reading: Reading | None) -> str:
    network, alphabet = loaded.reader.network, loaded.reader.alphabet
    titles = [alphabet.title(label) for label in range(len(alphabet))]
    return heading(loaded.facts) + stages(
        loaded.facts, titles, glyph, reading, own_scale=False, temperature=network.temperature, seen=loaded.fields
    )


def build(context: PageContext) -> None:
    """Put the tab's parts into the Blocks context and connect them."""
    networks, network, glyph = context.networks, context.chooser, context.glyph
    examples = make_examples()
    loaded = networks.get(networks.names()[0])
    # The first reading of a process takes ten times as long as those after it.
    read_example(networks, examples[0], networks.names()[0], LIVE)
    _, answer, saw, _ = _show(loaded, None, WELCOME, LIVE)
    with gr.Row(elem_classes="read-top"):
        with gr.Column(elem_classes="read-input", min_width=280):
            with gr.Tabs(elem_id="source") as source:
                with gr.Tab("Draw", id="draw"):
                    pad = drawing_pad("pad")
                with gr.Tab("Picture", id="picture", render_children=True):
                    picture = gr.Image(
                        sources=["upload", "clipboard", "webcam"], type="filepath", image_mode=None, format="png",
                        show_label=False, container=False, buttons=[], elem_id="picture",
                        placeholder="A picture of a character or a word:\ndrop or paste it here, or click to choose",
                    )  # fmt: skip
        with gr.Column(elem_classes="read-result", min_width=280):
            live_answer(learns=context.teach is not None)
            among = gr.Radio(
                list(CHOICES.items()), value=ANYTHING, label="Read it as", container=False, elem_id="among"
            )
            answer_view = gr.HTML(answer, apply_default_css=False, elem_id="answer")
            letters, chosen_letter = words.row()
            chips = gr.HTML(view.examples(examples), js_on_load=_BUTTONS, apply_default_css=False, elem_id="examples")
    if context.teach is not None:
        context.teach(context)
    mode = live_network()
    live_stage()
    saw_view = gr.HTML(saw, js_on_load=_BUTTONS, apply_default_css=False, elem_id="saw")
    script = _STAGES_SCRIPT.read_text(encoding="utf-8")
    stages_shown = gr.HTML("", apply_default_css=False, elem_id="stages-view", js_on_load=script)
    with gr.Column(elem_classes="read-more"):
        why.build(context)
        closest.build(context)
        compare.build(context)
    shown = [glyph, answer_view, saw_view, stages_shown, letters, chosen_letter]
    # Only the newest drawing matters, and nothing may flicker while it is read. Values are taken as they are sent
    # (preprocess=False): the picture is opened by our own reader, which tells in plain words what is wrong with it.
    quick: dict[str, Any] = {
        "trigger_mode": "always_last", "show_progress": "hidden", "concurrency_limit": 4, "api_visibility": "private",
        "preprocess": False,
    }  # fmt: skip
    opening = quick | PICTURES
    pad.input(
        user_errors(lambda *given: (*read_drawing(networks, *given), *words.NONE)),
        [pad, network, mode, among], shown, postprocess=False, **quick,  # all of it is HTML as it is
    )  # fmt: skip
    gr.on(
        [picture.input, picture.clear], user_errors(partial(read_upload, networks)),
        [picture, network, mode, among], shown, **opening,
    )  # fmt: skip
    context.sent.change(  # the pad and the picture are emptied: what was given there is not what is shown now
        user_errors(lambda *given: ("", None, *read_sent(networks, *given), *words.NONE)),
        [context.sent, network, mode, among], [pad, picture, *shown], **quick,
    )  # fmt: skip
    gr.on(
        [network.change, mode.change, among.change],
        user_errors(partial(read_again, networks)), [glyph, network, mode, among], [answer_view, stages_shown], **quick,
    )  # fmt: skip

    @user_errors
    def try_example(network: str, mode: str, among: str, chosen: gr.EventData) -> tuple[Any, ...]:
        example = examples[whole(chosen, "index", len(examples) - 1)]
        drawn = isinstance(example.content, str)
        return (
            gr.Tabs(selected="draw" if drawn else "picture"),
            example.content if drawn else gr.skip(),
            gr.skip() if drawn else example.content,
            *read_example(networks, example, network, mode, among),
            *words.NONE,
        )

    # The answer is always of what is seen beside it: what the other tab holds is read again when that is opened.
    # One event for both, so that of two tabs opened in haste the last one's answer comes last.
    @user_errors
    def look_at(strokes: str, upload: Any, network: str, mode: str, among: str, tab: gr.SelectData) -> tuple[Any, ...]:
        look = look_at_picture if tab.value == "Picture" else look_at_drawing
        return look(networks, strokes, upload, network, mode, among)

    source.select(look_at, [pad, picture, network, mode, among], shown, **opening)

    chips.click(try_example, [network, mode, among], [source, pad, picture, *shown], **quick)

    @user_errors
    def choose_letter(upload: Any, network: str, mode: str, among: str, clicked: gr.EventData) -> tuple[Any, ...]:
        return read_upload(networks, upload, network, mode, among, whole(clicked, "index", 1000))

    @user_errors
    def choose_interpretation(
        upload: Any, network: str, mode: str, among: str, clicked: gr.EventData
    ) -> tuple[Any, ...]:
        return read_upload(networks, upload, network, mode, among, taken=whole(clicked, "index", 1000))

    letters.click(choose_letter, [picture, network, mode, among], shown, **opening)
    saw_view.click(choose_interpretation, [picture, network, mode, among], shown, **opening)
    gr.on(
        [network.change, among.change],
        user_errors(partial(words.again, networks)), [picture, network, chosen_letter, among], letters, **opening,
    )  # fmt: skip
    among.change(None, among, None, js=_AMONG, api_visibility="private")
