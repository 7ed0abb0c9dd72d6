"""A pinned drawing through the epochs of a run: what the network read it as after each, and its maps after one.

Reads what the run recorded (`RunFolder.followed`) and shows it as the Read tab shows a reading.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import Glyph
from fontdemo.network.describe import stage_facts
from fontdemo.network.network import Network
from fontdemo.reading.reader import Reading
from fontdemo.ui import images, stages_view
from fontdemo.ui.html import render
from fontdemo.ui.read import view
from train.runs.folder import RunFolder

_WAITING = "What the network reads it as will appear here."
_HELP = "Draw a letter in the Read tab, press Start, and watch the network learn it, epoch by epoch."
_FIRST = "Draw a letter in the Read tab first."  # the section below says what for


def thumb(image: NDArray[np.float32] | None) -> str:
    """The drawing that would be followed, beside Start; where there is none, how to make one."""
    return render("train/thumb.html", image=_uri(image), help=_FIRST)


def followed_strip(folder: Path | None, epoch: int, play: int = 0) -> str:
    """The pinned drawing, and a cell each time it was read, with the likeliest class and its probability.

    A cell of a whole epoch opens its maps; that of `epoch` is marked. play: the strip of a recording, whose
    cells come one by one as its curves do; another number above 0 has them come anew.
    """
    image = RunFolder(folder).pinned() if folder is not None else None
    if folder is None or image is None:
        return _strip(None, [])
    try:
        alphabet, epochs = _network(folder).alphabet, RunFolder(folder).plan().recipe.epochs
    except FontdemoError:
        return _strip(None, [])
    cells = []
    for at, label, probability, seen in sorted([*RunFolder(folder).followed_within(), *_epochs(folder)]):
        if not 0 <= label < len(alphabet):
            continue
        whole = at == int(at)
        cells.append({
            "at": f"{at / epochs:.4f}",
            "whole": whole, "epoch": int(at), "current": whole and at == epoch, "title": alphabet.title(label),
            "probability": f"{probability:.3f}", "percent": f"{100 * probability:.0f}",
            "words": ("at first" if at == 0 else f"epoch {at:.0f}") if whole else f"{seen:,}",
        })  # fmt: skip
    return _strip(image, cells, play=play)


def _epochs(folder: Path) -> list[tuple[float, int, float, int]]:
    found = []
    for number in RunFolder(folder).followed_epochs():
        try:
            probabilities = RunFolder(folder).followed(number)["probabilities"]
        except FontdemoError:
            continue
        found.append((float(number), int(probabilities.argmax()), float(probabilities.max()), 0))
    return found


def _uri(image: NDArray[np.float32] | None) -> str:
    return "" if image is None else images.data_uri(images.ink_png(image))


def _strip(
    image: NDArray[np.float32] | None, cells: list[dict[str, Any]], waiting: str = _WAITING, play: int = 0
) -> str:
    return render("train/follow.html", image=_uri(image), cells=cells, waiting=waiting, help=_HELP, play=play)


def waiting_strip(image: NDArray[np.float32]) -> str:
    """A pinned drawing that waits for the next run."""
    return _strip(image, [], "The next run will follow it.")


def followed_stages(folder: Path | None, epoch: int) -> str:
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
    stages = stages_view.stages(facts, titles, glyph, reading, own_scale=False, temperature=1.0)
    return render("train/followed.html", answer=Markup(view.answer(reading, "")), stages=Markup(stages))


def _network(folder: Path) -> Network:
    """A network of the run's kind, for its stages and classes; its weights mean nothing. FontdemoError if none can be
    made by its recipe.
    """
    recipe = RunFolder(folder).plan().recipe
    try:
        return Network(recipe.architecture, recipe.alphabet, recipe.options)
    except Exception as error:  # torch has many ways to refuse odd settings
        raise FontdemoError(f"{folder.name} has settings that no network can be made from") from error
