"""The frames of the Ideas tab, which the scripts here bring to life.

Pure functions from values to HTML; texts and HTML are in fontdemo/ui/templates/ideas. Everything that is computed in
the page is computed by convolution.js, softmax.js and activations.js; what needs the real network is in
`fontdemo.ui.ideas.regularization_view`.
"""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fontdemo.glyph.layout import SIDE
from fontdemo.glyph.strokes import draw
from fontdemo.ui import images
from fontdemo.ui.html import render

#: Rows and columns of the report's picture, and of a drawing shrunk to a grid.
PICTURE = (17, 8)
DRAWING = (16, 16)

Kernel = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

#: What to choose a kernel from; the first one is there at the start.
KERNELS: dict[str, Kernel] = {
    "vertical edges": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "horizontal edges": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "outline": ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
    "blur": ((0.0625, 0.125, 0.0625), (0.125, 0.25, 0.125), (0.0625, 0.125, 0.0625)),
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "unchanged": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
}

#: The ways of pooling, as convolution.js names them.
POOLINGS = ("max", "average", "min")

#: The report's order of the activations, then those that it mentions beside them.
ACTIVATIONS = {"silu": "SiLU", "elu": "ELU", "relu": "ReLU", "leaky_relu": "LeakyReLU", "sigmoid": "Sigmoid"}

#: Scores to start softmax with: what a network might say of a 5.
SCORES = {"5": 4.0, "S": 2.5, "3": 1.0, "B": -0.5, "T": -2.0}

# The report follows a handwritten 5. Points in cells of a square of 17 by 17, of which the middle columns are taken.
_FIVE = [[(10.6, 2.2), (6.5, 2.2), (6.3, 7.6), (7.7, 6.9), (9.3, 7.0), (10.6, 8.3), (10.9, 10.6), (10.4, 13.0),
          (9.0, 14.6), (7.3, 14.7), (6.1, 13.6)]]  # fmt: skip


def shrunk(image: NDArray[np.float32], rows: int, columns: int) -> list[list[float]]:
    """An ink image (H, W) in 0..1 as `rows` x `columns` averages, rounded to tenths, which people can reckon with."""
    small = Image.fromarray(image).resize((columns, rows), Image.Resampling.BOX)
    return [[round(float(value), 1) for value in row] for row in np.clip(np.asarray(small), 0, 1)]


def example_picture() -> list[list[float]]:
    """A handwritten 5 of PICTURE's size, values 0 (paper) to 1 (ink) in tenths."""
    rows, columns = PICTURE
    ink = draw([[[x / rows, y / rows] for x, y in stroke] for stroke in _FIVE], 1.7 * SIDE / rows)
    # Cells are square: the middle `columns` of `rows` columns.
    return [row[(rows - columns) // 2 :][:columns] for row in shrunk(ink, rows, rows)]


def drawn_picture(image: NDArray[np.float32] | None) -> str:
    """What convolution.js takes as its value: JSON of the drawing shrunk to DRAWING's size, "" where there is none."""
    return "" if image is None else json.dumps(shrunk(image, *DRAWING))


def heading() -> str:
    """What the page is for."""
    text = "In the report's order. Change anything, and everything follows at once."
    return render("stages/heading.html", title="The ideas behind the network", text=text)


def convolution() -> str:
    """Convolution, padding and pooling: the frames that convolution.js fills."""
    return render(
        "ideas/convolution.html", scale=json.dumps(images.scale_colours()), picture=json.dumps(example_picture()),
        sizes={"report": _by(PICTURE), "drawing": _by(DRAWING)},
        kernels={name: json.dumps(kernel) for name, kernel in KERNELS.items()}, poolings=POOLINGS,
    )  # fmt: skip


def softmax() -> str:
    """Softmax over a few scores: the frame that softmax.js fills."""
    return render("ideas/softmax.html", scores=SCORES)


def activations() -> str:
    """The activations with their derivatives: the frame that activations.js fills."""
    return render("ideas/activations.html", activations=ACTIVATIONS)


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"
