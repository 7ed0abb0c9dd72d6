"""The page's one public endpoint, /read: a drawing or a picture in, the answer and the stages' sizes out as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from fontdemo.errors import FontdemoError, GlyphError, without_paths
from fontdemo.glyph.glyph import Glyph, from_drawing, parse_strokes
from fontdemo.glyph.layout import BASELINE_ROW, CAPITAL_ROW, SIDE
from fontdemo.reading import wording, words
from fontdemo.reading.among import AMONG, ANYTHING
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.uploads import uploaded

#: What the API view says of the endpoint, as one paragraph.
DESCRIPTION = f"""Read one character: give either strokes or a picture.
strokes: [[[x, y], ...], ...], one list of points a stroke, from 0 to 1 across the drawing pad, y downward (capitals
reach from {CAPITAL_ROW / SIDE:g} to {BASELINE_ROW / SIDE:g}); the same as JSON text is taken too.
picture: the file of a picture of one character; in Python, gradio_client.handle_file(PATH).
network: the name of a network on the page; by default the first.
among: what it is: {", ".join(AMONG)}; the answer is taken among these. By default anything.
The answer: {{"label": the character, "twin": the other case it may be, or null where its size and position
show the case,
"probabilities": {{class: share}}, "certain": false where it can't tell, "alike": [{{"label", "twin", "share"}},
...], the likeliest class and those that look like it, "network": its name,
"stages": [{{"name", "shape", "parameters"}}, ...]}}.
A picture adds "seen", as what it was seen ("dark ink", "on the light sheet", ...), and "rejected", the other ways:
[{{"seen", "label", "twin", "share"}}, ...]; one of several characters in a line also "text" and "line":
[{{"label", "twin", "share", "touching"}}, ...].
"""

Strokes = list[list[list[float]]]


def make_read(readers: NetworkStore) -> Callable[..., dict[str, Any]]:
    """The function behind /read; the API view shows DESCRIPTION and the function's type hints."""

    def read(
        strokes: Strokes | str | None = None,
        picture: gr.FileData | None = None,
        network: str | None = None,
        among: str = ANYTHING,
    ) -> dict[str, Any]:
        """The endpoint; see DESCRIPTION."""
        try:
            name = readers.names()[0] if network is None else network
            loaded = readers.get(name)
            found = _opened(strokes, picture)
            if isinstance(found, Glyph):
                page, reading = None, loaded.read(found, among)
            else:
                page = words.read_page(loaded.reader, found, among)
                reading = page.picture.reading
        except FontdemoError as error:
            raise gr.Error(without_paths(str(error)), print_exception=False) from None
        shares = zip(reading.alphabet.classes, reading.probabilities.tolist(), strict=True)
        return {
            "label": reading.character,
            "twin": reading.twin,
            "probabilities": dict(shares),
            **wording.as_json(reading),
            **(words.as_json(page) if page is not None else {}),
            "network": name,
            "stages": [
                {"name": stage.name, "shape": list(stage.out_shape), "parameters": stage.parameters}
                for stage in loaded.facts
            ],
        }

    return read


def _opened(strokes: Any, picture: Any) -> Glyph | list[words.Split]:
    """The glyph of strokes, or the ways to see a picture."""
    if (strokes is None) == (picture is None):
        raise GlyphError("Give either strokes or a picture.")
    if picture is None:
        return from_drawing(parse_strokes(strokes) if isinstance(strokes, str) else strokes)
    if not isinstance(picture, dict):
        raise GlyphError("The picture must be an uploaded file (in Python: gradio_client.handle_file).")
    return words.split(uploaded(picture))
