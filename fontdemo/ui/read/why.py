"""The Read tab's "Why this answer?": the ink that speaks for the answer and for another class, the maps that matter.

The numbers are made in `fontdemo.network.attribution`.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontdemo.glyph.glyph import Glyph
from fontdemo.network import attribution
from fontdemo.network.network import Network
from fontdemo.reading.reader import Reading
from fontdemo.ui import images
from fontdemo.ui.context import NetworkStore, PageContext
from fontdemo.ui.html import percent, render
from fontdemo.ui.read import folded


def why(networks: NetworkStore, glyph: Glyph | None, network: str) -> str:
    """Why the network takes `glyph` for what it does."""
    loaded = networks.get(network)
    return section(loaded.reader.network, glyph, loaded.read(glyph) if glyph is not None else None)


def build(context: PageContext) -> None:
    """Put the part that opens into the Blocks context and connect it."""
    folded.section(context, "Why this answer?", "why", partial(why, context.networks), _nothing())


#: Maps that are shown.
MAPS = 8

#: Pixels to either side over which a pixel's value is evened out.
EVENED = 8

#: What stands where there is nothing to explain.
NOTHING = "Nothing has been read yet."


def section(network: Network, glyph: Glyph | None, reading: Reading | None, other: int | None = None) -> str:
    """Why `reading`, which `network` made of `glyph`, is what it is.

    other: the label of the class that the answer is set against, by default the second likeliest.
    """
    if glyph is None or reading is None:
        return _nothing()
    answer = reading.label
    if other is None or other == answer:
        other = int(np.argsort(-reading.probabilities, kind="stable")[1])
    inks, maps = _inks(network, glyph, reading, answer, other), _maps(network, glyph, reading, answer)
    return render("read/why.html", figures=inks, maps=maps)


def _nothing() -> str:
    return render("read/why.html", figures=[], nothing=NOTHING)


def _inks(network: Network, glyph: Glyph, reading: Reading, answer: int, other: int) -> list[dict[str, str]]:
    """The glyph three times, its ink coloured by how it speaks for a class, on one scale."""
    first, second = (_evened(values) for values in attribution.saliency(network, glyph.image, [answer, other]))
    name, rival = (reading.title(label) for label in (answer, other))
    shown = [
        (first, name, "", percent(float(reading.probabilities[answer]))),
        (second, rival, "", percent(float(reading.probabilities[other]))),
        (first - second, name, rival, ""),
    ]
    limit = max(float(np.abs(values).max()) for values, *_ in shown)
    return [
        {"uri": images.data_uri(images.tinted_png(glyph.image, values, limit)), "name": named, "rival": against,
         "probability": probability}
        for values, named, against, probability in shown
    ]  # fmt: skip


def _maps(network: Network, glyph: Glyph, reading: Reading, answer: int) -> dict[str, Any] | None:
    """The maps of the last stage with maps that matter most to the answer; None where no stage has maps."""
    stage = attribution.last_maps(network, reading.outputs)
    if stage is None:
        return None
    maps = reading.outputs[stage]
    worth = attribution.ablation(network, glyph.image, stage, [answer])[:, 0]
    strongest = np.argsort(-np.abs(worth), kind="stable")[:MAPS].tolist()
    limit = float(np.abs(maps[strongest]).max())
    listed = [
        {"uri": images.data_uri(images.map_png(maps[index], limit)), "width": maps.shape[2], "height": maps.shape[1],
         "number": index + 1, "change": f"{worth[index]:+.2f}".replace("-", "−")}
        for index in strongest
    ]  # fmt: skip
    return {
        "count": len(maps), "stage": stage.capitalize(), "name": reading.title(answer), "strongest": listed,
    }  # fmt: skip


def _evened(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each pixel's value as a mean over those around it, near ones counting most: single pixels' gradients speckle."""
    weights = np.array([math.comb(2 * EVENED, index) for index in range(2 * EVENED + 1)], np.float32)
    weights /= weights.sum()
    for axis in (0, 1):
        padding = [(EVENED, EVENED) if axis == side else (0, 0) for side in (0, 1)]
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, padding), len(weights), axis=axis)
        values = windows @ weights
    return values
