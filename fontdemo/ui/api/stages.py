"""/stages: the values of one stage of a network for one character, as lists or as a .npy file."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder
from numpy.typing import NDArray

from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import Glyph
from fontdemo.reading import words
from fontdemo.ui.api.given import Picture, Strokes, chosen, one, plainly
from fontdemo.ui.api.read import INPUTS
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.gate.arriving import Made
from fontdemo.ui.gate.limits import has_room

#: The ways to be given the values.
FORMATS = ("json", "npy")

#: Values are rounded to so many decimal places in JSON; the file has them as they are.
DECIMALS = 5

#: What the API view says of the endpoint.
DESCRIPTION = f"""The values of one stage of a network for one character: give either strokes or a picture.
{INPUTS}stage: the stage's name, as /read lists them ("conv1", "pool1", ...); the last one gives the logits.
format: {" or ".join(FORMATS)}.
The answer: {{"network", "stage", "shape": [channels, height, width] or [values], "values": lists of that shape, rounded
to {DECIMALS} decimal places, "file": null}}; as npy, "values" is null and "file" an array of float32, for numpy.load.
"""


class UnknownStageError(FontdemoError):
    """The network has no stage of this name, or there is no such format."""


def make_stages(networks: NetworkStore, made: Made) -> Callable[..., dict[str, Any]]:
    """The function behind /stages; the API view shows DESCRIPTION.

    made: where it enters the files that it writes, which are the page's to delete.
    """

    def stages(
        stage: str,
        strokes: Strokes | str | None = None,
        picture: Picture | None = None,
        network: str | None = None,
        format: str = "json",
    ) -> dict[str, Any]:
        """The values of one stage of a network for one character.

        Parameters:
            stage: The stage's name, as the tool read lists them.
            strokes: A drawing: a list of points [x, y] a stroke, from 0 to 1, y downward; or the same as JSON text.
            picture: A picture of one character, instead of strokes: an uploaded file, or data:image/png;base64,...
            network: The name of a network on the page; by default the first.
            format: json for lists, npy for a file.
        """
        name, loaded = chosen(networks, network)
        names = [fact.name for fact in loaded.facts]
        if stage not in names:
            raise UnknownStageError(f"{name} has no such stage. It has: {', '.join(names)}.")
        if format not in FORMATS:
            raise UnknownStageError(f"The format must be {' or '.join(FORMATS)}.")
        found = one(strokes, picture)
        glyph = found if isinstance(found, Glyph) else words.read_page(loaded.reader, found).picture.glyph
        values = loaded.read(glyph).outputs[stage]
        answer = {"network": name, "stage": stage, "shape": list(values.shape), "values": None, "file": None}
        if format == "npy":
            return answer | {"file": _file(values, f"{stage}.npy", made)}
        return answer | {"values": np.round(values.astype(np.float64), DECIMALS).tolist()}

    return plainly(stages)


def _file(values: NDArray[np.float32], name: str, made: Made) -> dict[str, Any]:
    """Gradio's record of a file with `values`, kept as long as an upload; FontdemoError if the disk is nearly full."""
    if not has_room():
        raise FontdemoError("This page has no room for files now. Ask for json, or try again in an hour.")
    content = io.BytesIO()
    np.save(content, values, allow_pickle=False)
    path = save_bytes_to_cache(content.getvalue(), name, get_upload_folder())
    made.keep(path)
    return {"path": path, "orig_name": name, "size": content.tell(), "meta": {"_type": "gradio.FileData"}}
