"""A pinned drawing through the epochs of a run: what the network took it for after each, and its maps after one.

Reads what the run recorded (`RunFolder.followed`) and shows it as the Read tab shows a reading.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import Glyph
from fontdemo.network.describe import stage_facts
from fontdemo.network.network import Network
from fontdemo.reading.reader import Reading
from fontdemo.ui import images, stages_view
from fontdemo.ui.read import view
from train.runs.folder import RunFolder

_HELP = (
    "Draw a character in the Read tab, then pin it here: each epoch of the run records what the network makes of it, "
    "and you can watch the letter and the feature maps form."
)


def followed_strip(folder: Path | None, epoch: int) -> str:
    """The pinned drawing, and a cell an epoch with the likeliest class and its share; `epoch` is marked."""
    image = RunFolder(folder).pinned() if folder is not None else None
    if folder is None or image is None:
        return f'<p class="follow-none">{_HELP}</p>'
    try:
        alphabet = _network(folder).alphabet
    except FontdemoError:
        return f'<p class="follow-none">{_HELP}</p>'
    cells = []
    for number in RunFolder(folder).followed_epochs():
        try:
            shares = RunFolder(folder).followed(number)["probabilities"]
        except FontdemoError:
            continue
        if len(shares) != len(alphabet):
            continue
        label = int(shares.argmax())
        current = ' aria-current="true"' if number == epoch else ""
        cells.append(
            f'<li{current} style="--share:{float(shares[label]):.3f}"><b>{escape(alphabet.title(label))}</b>'
            f"<span>{100 * float(shares[label]):.0f} %</span><i>{number}</i></li>"
        )
    if not cells:
        cells.append('<li class="follow-wait">The end of the next epoch writes the first record.</li>')
    return _strip(image, cells)


def _strip(image: NDArray[np.float32], cells: list[str]) -> str:
    uri = images.data_uri(images.ink_png(image))
    return (
        f'<div class="follow"><img src="{uri}" width="100" height="100" alt="The pinned drawing">'
        f'<ol aria-label="Likeliest class after each epoch">{"".join(cells)}</ol></div>'
    )


def waiting_strip(image: NDArray[np.float32]) -> str:
    """A pinned drawing that waits for the next run."""
    return _strip(image, ['<li class="follow-wait">Pinned for the next run: press Start training.</li>'])


def followed_way(folder: Path | None, epoch: int) -> str:
    """The answer and the feature maps after `epoch` epochs; empty where nothing was recorded."""
    if folder is None:
        return ""
    try:
        record = RunFolder(folder).followed(epoch)
        image = RunFolder(folder).pinned()
        network = _network(folder)
    except FontdemoError:
        return ""
    facts = stage_facts(network)
    shapes = {name: array.shape for name, array in record.items()}
    outputs = {
        stage.name: np.nan_to_num(record[stage.name].astype(np.float32))
        for stage in facts
        if shapes.get(stage.name) == stage.out_shape
    }
    if image is None or len(outputs) < len(facts) or len(record["probabilities"]) != len(network.alphabet):
        return ""
    reading = Reading(network.alphabet, record["probabilities"], outputs)
    titles = [network.alphabet.title(label) for label in range(len(network.alphabet))]
    glyph = Glyph(image, (), "drawing")
    return (
        f'<div class="follow-way">{view.answer(reading, "")}'
        f"{stages_view.stages(facts, titles, glyph, reading, own_scale=False, temperature=1.0)}</div>"
    )


def _network(folder: Path) -> Network:
    """A network of the run's kind, for its stages and classes; its weights mean nothing. FontdemoError if none can be
    made by its recipe.
    """
    recipe = RunFolder(folder).plan().recipe
    try:
        return Network(recipe.architecture, recipe.alphabet, recipe.options)
    except Exception as error:  # torch has many ways to refuse odd settings
        raise FontdemoError(f"{folder.name} has settings that make no network") from error
