"""The Font tab: give a font, see which of its characters the network misreads, and why. Wiring only.

The font is opened in `train.fonts.sandbox`, read in `train.ui.font.reading`, shown by `train.ui.font.view`.
"""

from __future__ import annotations

import functools
import zlib
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
import numpy as np

from fontdemo.alphabet import CHARACTERS
from fontdemo.errors import FontdemoError
from fontdemo.font_files import matplotlib_fonts
from fontdemo.ui.context import NetworkStore, PageContext, user_errors
from fontdemo.ui.gate.events import text, whole
from fontdemo.ui.gate.uploads import uploaded
from train.fonts.sandbox import Specimen, read_font
from train.ui.font import view
from train.ui.font.reading import GlyphRead, glyph_of, read_specimen

_CLICKS = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-index]');
  if (!button) return;
  for (const other of element.querySelectorAll('[aria-pressed]')) other.removeAttribute('aria-pressed');
  button.setAttribute('aria-pressed', 'true');
  trigger('click', { layout: Number(button.dataset.layout), index: Number(button.dataset.index) });
});
// Beside a new sheet, where there is room, stands why its first misread character, or its first, is read as it is.
watch('value', () => setTimeout(() => {
  const shown = element.querySelector('.font-sheet')?.dataset.example;
  for (const other of document.querySelectorAll('#font-examples [data-example]')) {
    other.setAttribute('aria-pressed', other.dataset.example === shown);
  }
  if (window.innerWidth <= 1060 || element.querySelector('[aria-pressed]')) return;
  if (!document.querySelector('#font-why .font-welcome')) return;
  (element.querySelector('.font-wrong button') ?? element.querySelector('[data-index]'))?.click();
}, 100));
"""

# Where the page is too narrow for two columns, what was clicked lies far below: it is brought into sight.
_INTO_SIGHT = """
watch('value', () => {
  const top = element.getBoundingClientRect().top;
  if (top > window.innerHeight - 160 && element.querySelector('.font-answer')) {
    element.scrollIntoView({ behavior: 'smooth' });
  }
});
"""

#: Fonts to try that ship with matplotlib, and so are on every machine: {name for people: file}.
EXAMPLES = {
    "DejaVu Sans": "DejaVuSans.ttf", "DejaVu Serif Italic": "DejaVuSerif-Italic.ttf",
    "DejaVu Sans Mono Bold": "DejaVuSansMono-Bold.ttf", "STIX": "STIXGeneral.ttf", "Computer Modern": "cmr10.ttf",
    "Computer Modern Typewriter": "cmtt10.ttf",
}  # fmt: skip

_EXAMPLES_CLICK = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-example]');
  if (!button) return;
  for (const other of element.querySelectorAll('[data-example]')) other.setAttribute('aria-pressed', other === button);
  trigger('click', { example: button.dataset.example });
});
"""

#: A glyph chosen on the sheet: its layout and its index there.
Chosen = tuple[int, int]


@dataclass
class Asked:
    """Kept for the session, changed in place: how often a visitor has asked for a font."""

    times: int = 0


@dataclass(frozen=True, eq=False)
class Kept:
    """A visitor's specimen between two events, packed: its images are a megabyte, mostly paper, and Gradio keeps those
    of a thousand visitors. bare: without them; shape: theirs. example: its name among EXAMPLES, or "".
    """

    bare: Specimen
    shape: tuple[int, ...]
    packed: bytes
    example: str = ""

    @staticmethod
    def of(specimen: Specimen | None, example: str = "") -> Kept | None:
        """`specimen`, packed; None for none."""
        if specimen is None:
            return None
        images = specimen.images
        bare = replace(specimen, images=np.zeros(0, np.uint8))
        return Kept(bare, images.shape, zlib.compress(images.tobytes(), 1), example)


def unpacked(kept: Kept | None) -> Specimen | None:
    """The specimen that was packed; None for none."""
    if kept is None:
        return None
    images = np.frombuffer(bytearray(zlib.decompress(kept.packed)), np.uint8)  # to be written to, as those were
    return replace(kept.bare, images=images.reshape(kept.shape))


def read_file(readers: NetworkStore, file: str | None, face: int, network: str) -> tuple[Specimen | None, str, Any]:
    """Draw a face of the uploaded font and read it: the specimen, the sheet, and the faces to choose from."""
    if not file:
        return None, view.welcome(), gr.Dropdown(visible=False)
    return _read(readers, read_font(uploaded(file), face), network)


def read_example(readers: NetworkStore, name: str, network: str) -> tuple[Specimen | None, str, Any]:
    """The same for one of EXAMPLES, by its name."""
    if name not in EXAMPLES:
        raise FontdemoError("There is no such example.")
    return _read(readers, _drawn(name), network, name)


# Every visitor who opens the tab sees the first one.
@functools.lru_cache(maxsize=len(EXAMPLES))
def _drawn(name: str) -> Specimen:
    return read_font(matplotlib_fonts() / "ttf" / EXAMPLES[name])


def _read(
    readers: NetworkStore, specimen: Specimen, network: str, example: str = ""
) -> tuple[Specimen | None, str, Any]:
    choices = [(name, number) for number, name in enumerate(specimen.faces)]
    many = gr.Dropdown(choices=choices, value=specimen.face, visible=len(choices) > 1)
    return specimen, read_sheet(readers, specimen, network, example), many


def read_sheet(readers: NetworkStore, specimen: Specimen | None, network: str, example: str = "") -> str:
    """The sheet of a specimen as a network reads it. example: its name among EXAMPLES, or ""."""
    if specimen is None:
        return view.welcome()
    reader = readers.get(network).reader
    return view.sheet(specimen, read_specimen(reader, specimen), reader.alphabet, example)


def explain(readers: NetworkStore, specimen: Specimen | None, chosen: Chosen | None, network: str) -> str:
    """Why the network reads the chosen glyph as it does."""
    if specimen is None or chosen is None:
        return view.no_choice() if specimen is not None else ""
    loaded = readers.get(network)
    glyph = glyph_of(specimen, *chosen)
    reading = loaded.read(glyph)
    read = GlyphRead(*chosen, reading.alphabet.label(CHARACTERS[chosen[1]]), reading.label, 0.0)
    return view.choice(loaded.reader.network, loaded.index, glyph, reading, read)


def build(shared: PageContext) -> None:
    """Put the tab's parts into the Blocks context and connect them."""
    readers, network = shared.networks, shared.chooser
    specimen, chosen, asked = gr.State(None, time_to_live=3600), gr.State(None), gr.State(Asked())
    with gr.Row(elem_classes="font-top") as top:
        with gr.Column(elem_classes="font-give", min_width=280):
            with gr.Row(elem_classes="font-bar"):
                file = gr.File(
                    label="A font: .ttf, .otf, .ttc, .woff or .woff2", type="filepath", elem_id="font-file", height=140,
                    file_types=[".ttf", ".otf", ".ttc", ".otc", ".woff", ".woff2"],
                )  # fmt: skip
                examples = gr.HTML(view.examples(list(EXAMPLES)), js_on_load=_EXAMPLES_CLICK, apply_default_css=False,
                                   elem_id="font-examples")  # fmt: skip
                face = gr.Dropdown([], label="Face", visible=False, elem_id="font-face", interactive=True)
            sheet = gr.HTML(view.welcome(), js_on_load=_CLICKS, apply_default_css=False, elem_id="font-sheet")
        with gr.Column(elem_classes="font-why", min_width=280):
            why = gr.HTML("", js_on_load=_INTO_SIGHT, apply_default_css=False, elem_id="font-why")
            send = gr.Button("Open in the Read tab", visible=False, elem_id="font-send", size="md")
    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 2}

    def given(file: str | None, network: str, asked: Asked) -> tuple[Any, ...]:
        asked.times += 1
        try:
            made, shown, faces = read_file(readers, file, 0, network)
        except FontdemoError as error:
            made, shown, faces = None, view.trouble(str(error)), gr.Dropdown(visible=False)
        return Kept.of(made), None, shown, faces, view.no_choice() if made else "", gr.Button(visible=False)

    def example(network: str, asked: Asked, pressed: gr.EventData) -> tuple[Any, ...]:
        asked.times += 1
        name = text(pressed, "example")
        made, shown, faces = user_errors(read_example)(readers, name, network)
        return Kept.of(made, name), None, shown, faces, view.no_choice(), gr.Button(visible=False), None

    def opened(kept: Kept | None, network: str, asked: Asked) -> tuple[Any, ...]:
        """Nobody opens an empty room: there is an example until a font is asked for, which may be meanwhile."""
        if kept is None and not asked.times:
            name = next(iter(EXAMPLES))
            made, shown, _ = user_errors(read_example)(readers, name, network)
            if not asked.times:
                return Kept.of(made, name), None, shown, view.no_choice()
        return (gr.skip(),) * 4

    def other_face(file: str | None, face: Any, network: str) -> tuple[Any, ...]:
        if type(face) is not int:
            raise FontdemoError("Choose one of the font's faces.")
        made, shown, _ = read_file(readers, file, face, network)
        return Kept.of(made), None, shown, view.no_choice(), gr.Button(visible=False)

    def click(kept: Kept | None, network: str, pressed: gr.EventData) -> tuple[Any, ...]:
        picked = whole(pressed, "layout", 100), whole(pressed, "index", 10_000)
        return picked, explain(readers, unpacked(kept), picked, network), gr.Button(visible=True)

    def pressed(kept: Kept | None, network: str, pressed: gr.EventData) -> tuple[Any, ...]:
        return user_errors(click)(kept, network, pressed)

    def read_with(kept: Kept | None, chosen: Chosen | None, network: str) -> tuple[str, str]:
        specimen = unpacked(kept)
        sheet = read_sheet(readers, specimen, network, kept.example if kept is not None else "")
        return sheet, explain(readers, specimen, chosen, network)

    def put_through(kept: Kept | None, chosen: Chosen | None) -> tuple[Any, ...]:
        specimen = unpacked(kept)
        if specimen is None or chosen is None:
            raise FontdemoError("Choose a character first.")
        return glyph_of(specimen, *chosen), gr.Tabs(selected="Read")

    parts = [specimen, chosen, sheet]
    progress = {**quick, "show_progress": "full", "show_progress_on": sheet}
    # Not `shared.tabs.select`: its listeners wait for each other, and all tabs' for this one.
    assert isinstance(top.parent, gr.Tab)
    top.parent.select(opened, [specimen, network, asked], [*parts, why], **quick)
    # Each may take a minute and gigabytes: two at a time, whichever of them it is.
    files = {**progress, "concurrency_id": "fonts"}
    gr.on([file.upload, file.clear], user_errors(given), [file, network, asked], [*parts, face, why, send], **files)
    # The last click counts, also one made while another font is read.
    examples.click(example, [network, asked], [*parts, face, why, send, file], trigger_mode="always_last", **progress)
    face.input(user_errors(other_face), [file, face, network], [*parts, why, send], **files)
    # Each: who clicks while the first character is explained is not passed over.
    sheet.click(pressed, [specimen, network], [chosen, why, send], trigger_mode="multiple", **quick)
    network.change(user_errors(read_with), [specimen, chosen, network], [sheet, why], **quick)
    sending = send.click(user_errors(put_through), [specimen, chosen], [shared.sent, shared.tabs], **quick)
    sending.success(None, None, None, js="() => window.scrollTo({ top: 0 })", api_visibility="private")
