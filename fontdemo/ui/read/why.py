"""The Read tab's "Why this answer?": the ink that speaks for the answer and for another class, the maps that matter.

The numbers are made in `fontdemo.network.attribution`.
"""

from __future__ import annotations

import math
from functools import partial
from html import escape

import numpy as np
from numpy.typing import NDArray

from fontdemo.glyph.glyph import Glyph
from fontdemo.network import attribution
from fontdemo.network.network import Network
from fontdemo.reading.reader import Reading
from fontdemo.ui import images
from fontdemo.ui.context import NetworkStore, PageContext
from fontdemo.ui.read import folded


def why(readers: NetworkStore, glyph: Glyph | None, network: str) -> str:
    """Why the network takes `glyph` for what it does."""
    loaded = readers.get(network)
    return section(loaded.reader.network, glyph, loaded.read(glyph) if glyph is not None else None)


def build(shared: PageContext) -> None:
    """Put the part that opens into the Blocks context and connect it."""
    closed = f'<div class="why why-nothing"><p>{NOTHING}</p></div>'
    folded.section(shared, "Why this answer?", "why", partial(why, shared.readers), closed)


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
        return f'<div class="why why-nothing"><p>{NOTHING}</p></div>'
    answer = reading.label
    if other is None or other == answer:
        other = int(np.argsort(-reading.probabilities, kind="stable")[1])
    inks, maps = _inks(network, glyph, reading, answer, other), _maps(network, glyph, reading, answer)
    return f'<div class="why">{inks}{maps}</div>'


def _inks(network: Network, glyph: Glyph, reading: Reading, answer: int, other: int) -> str:
    """The glyph three times, its ink coloured by how it speaks for a class, on one scale."""
    first, second = (_evened(values) for values in attribution.saliency(network, glyph.image, [answer, other]))
    name, rival = (escape(reading.title(label)) for label in (answer, other))
    shown = [
        (first, f"For <b>{name}</b>", f"{100 * reading.probabilities[answer]:.1f} %"),
        (second, f"For <b>{rival}</b>", f"{100 * reading.probabilities[other]:.1f} %"),
        (first - second, f"For <b>{name}</b> rather than <b>{rival}</b>", ""),
    ]
    limit = max(float(np.abs(values).max()) for values, _, _ in shown)
    figures = "".join(
        f'<figure><img src="{images.data_uri(images.tinted_png(glyph.image, values, limit))}" width="100" '
        f'height="100" alt=""><figcaption><span>{words}</span><em>{share}</em></figcaption></figure>'
        for values, words, share in shown
    )
    return (
        '<div class="why-inks"><h3>Which ink speaks for it</h3>'
        '<p><i class="why-for"></i> for it <i class="why-against"></i> against it; pale ink says nothing.</p>'
        f'<div class="why-figures">{figures}</div></div>'
    )


def _maps(network: Network, glyph: Glyph, reading: Reading, answer: int) -> str:
    """The maps of the last stage with maps that the answer hangs on most."""
    stage = attribution.last_maps(network, reading.outputs)
    if stage is None:
        return ""
    maps = reading.outputs[stage]
    worth = attribution.ablation(network, glyph.image, stage, [answer])[:, 0]
    strongest = np.argsort(-np.abs(worth), kind="stable")[:MAPS]
    limit = float(np.abs(maps[strongest]).max())
    name = escape(reading.title(answer))
    listed = "".join(_map(maps[place], limit, int(place), float(worth[place])) for place in strongest)
    return (
        f'<div class="why-maps"><h3>Which of the {len(maps)} maps of {escape(stage.capitalize())} matter</h3>'
        f"<p>How much lower the value of {name} would be without the map (higher, where it speaks against).</p>"
        f'<ol>{listed}</ol></div>'
    )


def _map(values: NDArray[np.float32], limit: float, place: int, worth: float) -> str:
    uri = images.data_uri(images.map_png(values, limit))
    height, width = values.shape
    change = f"{worth:+.2f}".replace("-", "−")
    return (
        f'<li><img src="{uri}" width="{width}" height="{height}" alt="Map {place + 1}">'
        f"<b>{change}</b><span>map {place + 1}</span></li>"
    )


def _evened(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each pixel's value as a mean over those around it, near ones counting most: single pixels' gradients speckle."""
    weights = np.array([math.comb(2 * EVENED, place) for place in range(2 * EVENED + 1)], np.float32)
    weights /= weights.sum()
    for axis in (0, 1):
        padding = [(EVENED, EVENED) if axis == place else (0, 0) for place in (0, 1)]
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, padding), len(weights), axis=axis)
        values = windows @ weights
    return values
