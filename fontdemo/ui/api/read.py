"""/read and /read_many: drawings or pictures in, the answers and the stages' sizes out as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fontdemo.errors import FontdemoError, GlyphError, without_paths
from fontdemo.glyph.glyph import Glyph
from fontdemo.glyph.layout import BASELINE_ROW, CAPITAL_ROW, SIDE
from fontdemo.reading import wording, words
from fontdemo.reading.among import AMONG, ANYTHING
from fontdemo.ui.api.given import MOST, Picture, Strokes, chosen, drawn, one, pictured, plainly
from fontdemo.ui.context import LoadedNetwork, NetworkStore

#: What the API view says of a drawing and of a network's name, for every endpoint that takes them.
INPUTS = f"""strokes: [[[x, y], ...], ...], one list of points a stroke, from 0 to 1 across the drawing pad, y downward
(capitals reach from {CAPITAL_ROW / SIDE:g} to {BASELINE_ROW / SIDE:g}); the same as JSON text is taken too.
picture: the file of a picture of one character (in Python, gradio_client.handle_file(PATH)), or a data URI of it.
network: the name of a network on the page; by default the first.
"""

#: What the API view says of /read, as one paragraph.
DESCRIPTION = f"""Read one character: give either strokes or a picture.
{INPUTS}among: what it is: {", ".join(AMONG)}; the answer is taken among these. By default anything.
The answer: {{"label": the character, "twin": the other case it may be, or null where its size and position
show the case,
"probabilities": {{class: probability}}, "certain": false where it is not sure,
"alike": [{{"label", "twin", "probability"}}, ...], the likeliest class and those that look like it,
"network": its name, "stages": [{{"name", "shape", "parameters"}}, ...]}}.
A picture adds "seen", as what it was seen ("dark ink", "on the light sheet", ...), and "rejected", the other ways:
[{{"seen", "label", "twin", "probability"}}, ...]; one of several characters in a line also "text" and "line":
[{{"character", "label", "twin", "probability", "touching", "changed"}}, ...].
"""

#: What the API view says of /read_many.
DESCRIPTION_MANY = f"""Read up to {MOST} characters in one request: a list of drawings, a list of pictures, or both.
Each is given as for /read. The answers come in the same order, those of the drawings first: each as /read answers,
without "stages"; {{"error": a sentence}} where one can't be read, which doesn't keep the others from being read.
"""


def make_read(networks: NetworkStore) -> Callable[..., dict[str, Any]]:
    """The function behind /read; the API view shows DESCRIPTION and the function's type hints."""

    def read(
        strokes: Strokes | str | None = None,
        picture: Picture | None = None,
        network: str | None = None,
        among: str = ANYTHING,
    ) -> dict[str, Any]:
        """Read one character.

        Parameters:
            strokes: A drawing: a list of points [x, y] a stroke, from 0 to 1, y downward; or the same as JSON text.
            picture: A picture of one character, instead of strokes: an uploaded file, or data:image/png;base64,...
            network: The name of a network on the page; by default the first.
            among: What it is: anything, digit, letter, capital or small.
        """
        name, loaded = chosen(networks, network)
        stages = [{"name": stage.name, "shape": list(stage.out_shape), "parameters": stage.parameters}
                  for stage in loaded.facts]  # fmt: skip
        return _answer(loaded, one(strokes, picture), name, among) | {"stages": stages}

    return plainly(read)


def make_read_many(networks: NetworkStore) -> Callable[..., list[dict[str, Any]]]:
    """The function behind /read_many; see DESCRIPTION_MANY."""

    def read_many(
        drawings: list[Strokes | str] | None = None,
        pictures: list[Picture] | None = None,
        network: str | None = None,
        among: str = ANYTHING,
    ) -> list[dict[str, Any]]:
        """Read several characters.

        Parameters:
            drawings: A list of drawings, each as strokes of the tool read.
            pictures: A list of pictures, each as picture of the tool read.
            network: The name of a network on the page; by default the first.
            among: What all of them are: anything, digit, letter, capital or small.
        """
        name, loaded = chosen(networks, network)
        given = [(drawn, each) for each in _listed(drawings)] + [(pictured, each) for each in _listed(pictures)]
        if not 1 <= len(given) <= MOST:
            raise GlyphError(f"Give 1 to {MOST} drawings and pictures.")
        answers = []
        for open_one, each in given:
            try:
                answers.append(_answer(loaded, open_one(each), name, among))
            except FontdemoError as error:
                answers.append({"error": without_paths(str(error))})
        return answers

    return plainly(read_many)


def _listed(given: Any) -> list[Any]:
    if not isinstance(given, (list, type(None))):
        raise GlyphError("The drawings must be a list, and so must the pictures.")
    return given or []


def _answer(loaded: LoadedNetwork, found: Glyph | list[words.Split], name: str, among: str) -> dict[str, Any]:
    """What is said of one character, or of the line in a picture."""
    if isinstance(found, Glyph):
        page, reading = None, loaded.read(found, among)
    else:
        page = words.read_page(loaded.reader, found, among)
        reading = page.picture.reading
    probabilities = zip(reading.alphabet.classes, reading.probabilities.tolist(), strict=True)
    return {
        "label": reading.character,
        "twin": reading.twin,
        "probabilities": dict(probabilities),
        **wording.as_json(reading),
        **(words.as_json(page) if page is not None else {}),
        "network": name,
    }
