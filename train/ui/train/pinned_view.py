"""A pinned drawing through the epochs of a run: what the network took it for after each, and its maps after one.

Reads what the run recorded (`run.read_followed`) and shows it as the Read tab shows a reading.
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
from train.runs import folder as run

_HELP = "Draw a letter in Read, and watch the network learn it, epoch by epoch."


def thumb(image: NDArray[np.float32] | None) -> str:
    """The drawing that would be followed, beside Start; where there is none, how to make one."""
    if image is None:
        return f'<p class="follow-none">{_HELP}</p>'
    uri = images.data_uri(images.ink_png(image))
    return f'<img class="follow-thumb" src="{uri}" width="44" height="44" alt="The drawing of the Read tab">'


def followed_strip(folder: Path | None, epoch: int) -> str:
    """The pinned drawing, and a cell each time it was looked at, with the likeliest class and its probability.

    A cell of a whole epoch opens its maps; that of `epoch` is marked.
    """
    image = run.read_pinned(folder) if folder is not None else None
    if folder is None or image is None:
        return _strip(None, [])
    try:
        alphabet = _network(folder).alphabet
    except FontdemoError:
        return _strip(None, [])
    cells = []
    for at, label, probability, seen in sorted([*run.followed_within(folder), *_epochs(folder)]):
        if not 0 <= label < len(alphabet):
            continue
        whole = at == int(at)
        current = ' aria-current="true"' if at == epoch else ""
        words = ("at first" if at == 0 else f"epoch {at:.0f}") if whole else f"{seen:,}"
        inner = f"<b>{escape(alphabet.title(label))}</b><span>{100 * probability:.0f} %</span><i>{words}</i>"
        if whole:
            inner = (
                f'<button type="button" data-epoch="{at:.0f}" title="Its maps after epoch {at:.0f}"{current}>'
                f"{inner}</button>"
            )
        cells.append(f'<li{"" if whole else " class=follow-within"} style="--share:{probability:.3f}">{inner}</li>')
    if not cells:
        cells.append('<li class="follow-wait">What it takes it for will stand here.</li>')
    return _strip(image, cells)


def _epochs(folder: Path) -> list[tuple[float, int, float, int]]:
    found = []
    for number in run.followed_epochs(folder):
        try:
            shares = run.read_followed(folder, number)["probabilities"]
        except FontdemoError:
            continue
        found.append((float(number), int(shares.argmax()), float(shares.max()), 0))
    return found


def _strip(image: NDArray[np.float32] | None, cells: list[str]) -> str:
    head = '<section class="follow"><header><div><h3>Your letter</h3>'
    if image is None:
        return f'{head}</div></header><p class="follow-none">{_HELP}</p></section>'
    uri = images.data_uri(images.ink_png(image))
    return (
        f'{head}<p>What it took it for after so many letters, then after each epoch.</p></div>'
        f'<img src="{uri}" width="64" height="64" alt="The drawing that is followed"></header>'
        f'<ol aria-label="What the network took it for">{"".join(cells)}</ol></section>'
    )


def waiting_strip(image: NDArray[np.float32]) -> str:
    """A pinned drawing that waits for the next run."""
    return _strip(image, ['<li class="follow-wait">It is followed from the next start.</li>'])


def followed_way(folder: Path | None, epoch: int) -> str:
    """The answer and the feature maps after `epoch` epochs; empty where nothing was recorded."""
    if folder is None:
        return ""
    try:
        record = run.read_followed(folder, epoch)
        image = run.read_pinned(folder)
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
    recipe = run.read_plan(folder).recipe
    try:
        return Network(recipe.architecture, recipe.alphabet, recipe.options)
    except Exception as error:  # torch has many ways to refuse odd settings
        raise FontdemoError(f"{folder.name} has settings that make no network") from error
