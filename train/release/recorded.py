"""A run recorded to be played back: its curves, and what it took a drawing for, small enough to ship.

It shows how a network learns to whoever has trained nothing yet. Nothing of it can be read with: weights are not kept.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from pathlib import Path

from fontdemo.errors import FontdemoError
from fontdemo.files import replace_folder
from fontdemo.glyph.glyph import from_drawing
from fontdemo.glyph.strokes import Drawing
from fontdemo.network.pretrained import WEIGHTS
from train.files import write_json
from train.loop.recipe import Recipe
from train.runs import trainer
from train.runs.folder import RunFolder
from train.runs.metrics import METRICS

#: The recordings that ship, a folder each.
RECORDED = WEIGHTS / "recorded"

#: What is drawn to be followed: an R between the guide lines, by a hand that is none too steady.
LETTER: Drawing = [
    [[0.33, 0.145], [0.325, 0.33], [0.335, 0.53], [0.325, 0.805]],
    [[0.33, 0.17], [0.46, 0.15], [0.58, 0.175], [0.635, 0.26], [0.61, 0.365], [0.53, 0.43], [0.335, 0.455]],
    [[0.49, 0.445], [0.575, 0.6], [0.70, 0.81]],
]


def record(recipe: Recipe, data: Path, folder: Path, drawing: Drawing = LETTER, repeats: str = "") -> float:
    """Train by `recipe` on a packed data set and keep in `folder` what is played back; the accuracy that was reached.

    repeats: name of the weights that an earlier run of the same came to. A recording that was in `folder` is replaced.
    FontdemoError if the data or the recipe will not do.
    """
    with tempfile.TemporaryDirectory() as home:
        run = RunFolder.create(Path(home) / folder.name, recipe, data)
        run.pin(from_drawing(drawing).image)
        trainer.execute(run.path)
        return keep(run, folder, repeats)


def keep(run: RunFolder, folder: Path, repeats: str = "") -> float:
    """Keep in `folder` what is played back of a run that has ended; the validation accuracy of what it kept.

    repeats: see `record`.
    """
    best = [row["valid_accuracy"] for row in run.metrics() if row["kind"] == "epoch" and row["improved"]]
    if not best:
        raise FontdemoError(f"“{run.name}” has come to the end of no epoch: there is nothing to record")
    plan = run.plan()
    with replace_folder(folder) as fresh:
        # Where the data lay says where this machine keeps its files.
        RunFolder(fresh).write_plan(dataclasses.replace(plan, data=Path(plan.data).name, created=0.0))
        about = {"recipe": dataclasses.asdict(plan.recipe), "valid_accuracy": best[-1], "repeats": repeats}
        write_json(fresh / "training.json", about)
        rows = "".join(json.dumps(row) + "\n" for row in run.metrics())
        (fresh / METRICS).write_text(rows, encoding="utf-8")
        if run.pinned() is not None:
            shutil.copy(run.path / "pinned.npy", fresh)
            shutil.copytree(run.path / "pinned", fresh / "pinned")
    return float(best[-1])
