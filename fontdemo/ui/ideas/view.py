"""The report's background: its texts, and the frames that the scripts here fill with life.

Pure functions from values to HTML. Everything that is computed in the page is computed by convolution.js,
softmax.js and activations.js; what needs the real network is in `fontdemo.ui.ideas.regularization_view`.
"""

from __future__ import annotations

import json
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fontdemo.glyph.layout import SIDE
from fontdemo.glyph.strokes import draw
from fontdemo.ui import images

#: Rows and columns of the report's picture, and of a drawing shrunk to a grid.
PICTURE = (17, 8)
DRAWING = (16, 16)

Kernel = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

#: What to choose a kernel from; the first one is there at the start.
KERNELS: dict[str, Kernel] = {
    "upright edges": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "level edges": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
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
    return (
        '<div class="view-head"><h2>The ideas behind the network</h2>'
        "<p>In the report's order. Change anything, and everything follows at once.</p></div>"
    )


def text(title: str, *paragraphs: str) -> str:
    """The words beside an instrument."""
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return f'<div class="idea-text"><h3>{escape(title)}</h3>{body}</div>'


def convolution() -> str:
    """Convolution, padding and pooling: the frames that convolution.js fills."""
    presets = "".join(
        f'<option value="{escape(name)}" data-kernel="{json.dumps(kernel)}">{escape(name)}</option>'
        for name, kernel in KERNELS.items()
    )
    fields = "".join(
        f'<input type="number" step="any" data-weight="{index}" '
        f'aria-label="Kernel, row {index // 3 + 1}, column {index % 3 + 1}">'
        for index in range(9)
    )
    own = '<option value="own" hidden>your own</option>'
    controls = (
        _select("picture", "Picture", {"report": f"a 5, {_by(PICTURE)}", "drawing": f"my drawing, {_by(DRAWING)}"})
        .replace("</select>", '<option value="network" hidden></option></select>')
        + f'<label>Kernel<select data-set="preset">{presets}{own}</select></label>'
        + _select("stride", "Stride", {"1": "1", "2": "2", "3": "3"})
        + _select("padding", "Padding", {"0": "0", "1": "1", "2": "2"})
        + '<label>Bias<input type="number" step="0.1" value="0" data-set="bias"></label>'
    )
    kernel = (
        f'<figure class="lab-kernel"><div class="weights" data-part="weights">{fields}</div>'
        '<figcaption data-part="kernel-size">Kernel 3×3</figcaption>'
        '<div class="products" data-part="products" aria-hidden="true"></div>'
        "<figcaption>Value × weight</figcaption></figure>"
    )
    buttons = "".join(
        f'<button type="button" data-do="{do}" class="lab-{do}">{name}</button>'
        for do, name in (("first", "Start over"), ("back", "Back"), ("play", "Play"), ("step", "Step"))
    )
    three = "".join(_figure(_live_grid(kind, f"{kind.capitalize()} pooling"), kind) for kind in POOLINGS)
    return f"""<div class="conv-lab" data-scale="{escape(json.dumps(images.scale_colours()))}"
data-picture="{json.dumps(example_picture())}">
<section class="idea">{_CONVOLUTION}<div class="lab">
<div class="lab-set">{controls}</div><p class="lab-note" data-part="note" role="status"></p>
<div class="lab-row">{_figure(_grid("picture"), "picture")}{kernel}
{_figure(_live_grid("result", "Result of the convolution"), "result")}</div>
<p class="lab-sum" data-part="sum" aria-live="polite"></p>
<div class="lab-buttons">{buttons}</div><dl class="lab-sizes" data-part="sizes"></dl></div></section>
<section class="idea">{_POOLING}<div class="lab">
<div class="lab-row lab-pools">{_figure(_grid("pooled"), "pooled")}<div class="lab-three">{three}</div></div>
<p class="lab-sum" data-part="pool-sum" aria-live="polite"></p></div></section></div>"""


def softmax() -> str:
    """Softmax over a few scores: the frame that softmax.js fills."""
    rows = "".join(
        f'<li data-class="{name}"><b>{name}</b>'
        f'<input type="range" min="-4" max="8" step="0.1" value="{score}" aria-label="Score of {name}">'
        '<output data-part="score"></output><output data-part="power"></output>'
        '<span class="bar"><i></i></span><output data-part="probability"></output></li>'
        for name, score in SCORES.items()
    )
    names = "".join(f"<span>{name}</span>" for name in ("", "Score", "", "e^score", "Probability", ""))
    return f"""<section class="idea">{_SOFTMAX}<div class="lab">
<ol class="scores"><li class="scores-head" aria-hidden="true">{names}</li>{rows}</ol>
<p class="lab-sum" data-part="probability-sum" aria-live="polite"></p><div class="lab-buttons">
<button type="button" data-add="1">Add 1 to all</button><button type="button" data-add="0">As at first</button>
</div></div></section>"""


def activations() -> str:
    """The activations with their derivatives: the frame that activations.js fills."""
    buttons = "".join(
        f'<button type="button" data-function="{key}" aria-pressed="false">{name}</button>'
        for key, name in ACTIVATIONS.items()
    )
    charts = "".join(
        f'<figure><svg viewBox="0 0 440 300" data-chart="{kind}" role="img" aria-label="{label}"></svg>'
        f'<figcaption data-part="{kind}-caption"></figcaption></figure>'
        for kind, label in (("value", "The function"), ("slope", "Its derivative"))
    )
    readings = "".join(
        f'<div><dt data-part="{kind}-name"></dt><dd data-part="{kind}"></dd></div>' for kind in ("value", "slope")
    )
    return f"""<section class="idea">{_ACTIVATIONS}<div class="lab"><div class="lab-choice">{buttons}</div>
<p class="lab-about" data-part="about"></p><div class="lab-charts">{charts}</div><div class="lab-sliders">
<label>x<input type="range" min="-6" max="6" step="0.05" value="-1.25" data-set="x">
<output data-part="x"></output></label>
<label data-part="alpha-field">α<input type="range" data-set="alpha"><output data-part="alpha"></output></label>
</div><dl class="lab-sizes lab-reading" aria-live="polite">{readings}</dl></div></section>"""


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"


def _select(name: str, label: str, options: dict[str, str]) -> str:
    listed = "".join(f'<option value="{value}">{escape(shown)}</option>' for value, shown in options.items())
    return f'<label>{label}<select data-set="{name}">{listed}</select></label>'


def _figure(content: str, part: str) -> str:
    return f'<figure>{content}<figcaption data-part="{part}-size"></figcaption></figure>'


def _grid(part: str) -> str:
    return f'<div class="grid" data-part="{part}" aria-hidden="true"></div>'


def _live_grid(part: str, label: str) -> str:
    """A grid whose cells are chosen by mouse, finger, or the arrow keys."""
    return (
        f'<div class="grid grid-live" data-part="{part}" tabindex="0" role="application" '
        f'aria-label="{label}: choose a cell with the arrow keys"></div>'
    )


_CONVOLUTION = text(
    "1. Convolution, bias and padding",
    "A kernel slides across the picture; the stride is its step. At each position every value is multiplied by the "
    "weight on top of it, and the sum of the products is one value of the result. A kernel responds strongly where the "
    "picture looks like it, so training its weights means learning what to look for.",
    "The bias is one more learned number, the same at every position: it is added to each sum.",
    "A 3×3 kernel can't be centred on the border, so 17×8 shrinks to 15×6. Padding first adds rows and columns of "
    "zeros around the picture: with a padding of 1 the result is 17×8 again.",
)  # fmt: skip
_POOLING = text(
    "2. Pooling",
    "Pooling makes the result smaller: a 2×2 window moves in steps of 2 and turns its four values into one. Height and "
    "width are halved; a row or column left over at the end is dropped.",
    "Max pooling keeps the largest value wherever it is in the window, so a small shift of the drawing changes little. "
    "Average pooling keeps the mean, min pooling the smallest. The report's network uses max pooling.",
)  # fmt: skip
_SOFTMAX = text(
    "3. Classes and softmax",
    "After the last pooling the maps are flattened, and fully connected layers turn them into one score per class. "
    "Scores may be any numbers; softmax turns them into probabilities, which are positive and add up to 1.",
    "Each probability is e to the power of its score, divided by the sum of all of these. Only differences count: "
    "adding the same to every score changes nothing. The most probable class is the answer.",
)  # fmt: skip
_ACTIVATIONS = text(
    "6. Activations",
    "Layers that only multiply and add could be merged into one. A nonlinear activation between them is what lets a "
    "deep network learn more. Its derivative is the factor on the gradient that flows back through it in training: "
    "where it is 0, nothing is learned.",
    "ReLU is 0 for every negative input, and a unit can get stuck there. LeakyReLU and ELU let something through below "
    "0; α says how much. SiLU is x times its own sigmoid, smooth everywhere; the report found it best.",
    "The derivative of a sigmoid is at most ¼: with many in a row, the gradient vanishes.",
)  # fmt: skip
