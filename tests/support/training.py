"""Small things that the tests of training share: a data set and a recipe that train in a second."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from fontdemo.alphabet import get_alphabet
from train.data.glyphset import FaceNote, GlyphSet
from train.loop.recipe import Recipe

# Steps this small gain nothing from a second thread, and on a busy machine they wait for it at every turn.
torch.set_num_threads(1)

#: A network small enough that a step takes milliseconds.
SMALL = {"channels": [4, 4], "kernels": [10, 5], "strides": [4, 1], "paddings": [2, 2], "widths": [16, 16]}


def small_recipe(**changes: Any) -> Recipe:
    """Seven steps an epoch on `small_set`, the last one of a smaller batch."""
    settings: dict[str, Any] = {"options": SMALL, "batch": 8, "epochs": 3, "learning_rate": 3e-3, "name": "small"}
    return Recipe().changed(**(settings | changes))


def small_set(train: int = 52, valid: int = 26, seed: int = 0) -> GlyphSet:
    """Blobs whose place tells their class, in three faces of two categories; `train` and `valid` images."""
    numbers = np.random.default_rng(seed)
    count = train + valid
    labels = np.arange(count) % 52
    images = np.zeros((count, 100, 100), np.uint8)
    for image, label in zip(images, labels, strict=True):
        row, column = divmod(int(label), 8)
        image[row * 14 : row * 14 + 12, column * 12 : column * 12 + 10] = 255
    images = np.where(numbers.random(images.shape) < 0.02, 255 - images, images).astype(np.uint8)
    faces = tuple(
        FaceNote(f"Family {n}", "Regular", category, "text", f"{n}.ttf", f"family{n}")
        for n, category in enumerate(("Serif", "Display", "Serif"))
    )
    split = np.array([0] * train + [1] * valid, np.uint8)
    face = (np.arange(count) % 3).astype(np.int64)
    return GlyphSet(images, labels, face, split, faces, get_alphabet("course52"), "course", "random", seed, {})


def packed(folder: Path, **settings: int) -> Path:
    """`small_set` in a packed file."""
    file = folder / "small.npz"
    small_set(**settings).save(file)
    return file
