"""Small things that the tests of training share: two data sets, of blobs and of letters, and a quick recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from fontdemo.alphabet import get_alphabet
from train.data.glyphset import FaceNote, GlyphSet
from train.loop.recipe import Recipe

# Steps this small gain nothing from a second thread, and on a busy machine they wait for it at every turn.
torch.set_num_threads(1)

#: A network small enough that a step takes milliseconds.
SMALL = {"channels": [4, 4], "kernels": [10, 5], "strides": [4, 1], "paddings": [2, 2], "widths": [16, 16]}


#: What `letter_set` holds.
CHARACTERS = "0137ATXehm"
FACES = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSansMono", "STIXGeneral", "cmr10", "cmtt10")


def small_recipe(**changes: Any) -> Recipe:
    """Seven steps an epoch on `small_set`, the last one of a smaller batch."""
    settings: dict[str, Any] = {"options": SMALL, "batch": 8, "epochs": 3, "learning_rate": 3e-3, "name": "small"}
    return Recipe().changed(**(settings | changes))


def small_set(train: int = 52, valid: int = 26, seed: int = 0) -> GlyphSet:
    """Blobs whose place tells their class, in three faces of two categories; `train` and `valid` images."""
    rng = np.random.default_rng(seed)
    count = train + valid
    labels = np.arange(count) % 52
    images = np.zeros((count, 100, 100), np.uint8)
    for image, label in zip(images, labels, strict=True):
        row, column = divmod(int(label), 8)
        image[row * 14 : row * 14 + 12, column * 12 : column * 12 + 10] = 255
    images = np.where(rng.random(images.shape) < 0.02, 255 - images, images).astype(np.uint8)
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


def letter_set(shifts: int = 2) -> GlyphSet:
    """Ten characters in faces that come with matplotlib, drawn by plain Pillow, `shifts` times at another height.

    The last two faces are the validation part.
    """
    alphabet = get_alphabet("course52")
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    images, labels, face, split = [], [], [], []
    for number, name in enumerate(FACES):
        font = ImageFont.truetype(str(folder / f"{name}.ttf"), 90)
        for character in CHARACTERS:
            for shift in range(shifts):
                square = Image.new("L", (100, 100))
                ImageDraw.Draw(square).text((50, 50 + 4 * shift), character, 255, font, anchor="mm")
                images.append(np.asarray(square))
                labels.append(alphabet.classes.index(character))
                face.append(number)
                split.append(int(number >= len(FACES) - 2))
    notes = tuple(FaceNote(name, "Regular", "Sans Serif", "text", f"{name}.ttf", name) for name in FACES)
    return GlyphSet(
        np.stack(images), np.array(labels, np.int64), np.array(face, np.int64), np.array(split, np.uint8),
        notes, alphabet, "course", "families", 0, {}, "",
    )  # fmt: skip
