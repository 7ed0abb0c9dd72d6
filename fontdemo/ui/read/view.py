"""A reading as HTML: the answer, and what the network saw; and the row of examples.

Pure functions from values to text. The HTML is in fontdemo/ui/templates/read, its style in page.css; the stages of the
network are in `fontdemo.ui.stages_view`.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from fontdemo.glyph.glyph import Glyph, Step
from fontdemo.glyph.strokes import draw, parse_strokes
from fontdemo.reading import wording
from fontdemo.reading.reader import PictureReading, Reading
from fontdemo.ui import images
from fontdemo.ui.html import render
from fontdemo.ui.read.examples import Example

#: How many classes the answer shows.
TOP = 5

#: Longer side, in pixels, of the pictures of the steps.
STEP_SIDE = 200

#: Width and height, in pixels, of the examples' pictures.
CHIP_SIDE = 96


def answer(reading: Reading | None, message: str) -> str:
    """The answer: the class, large, with the likeliest classes as bars, and those that look the same as one bar.

    Where the network is not sure, what it looks most like stands there pale, or a question mark; `message` where there
    is no reading.
    """
    if reading is None:
        bars = [{"title": "", "width": "0.00", "text": ""}] * TOP
        return render("read/answer.html", state="answer-none", letter="", sentence=message, alike=None, bars=bars)
    certain = reading.answer.certain
    leaning = reading.answer.probability >= wording.LEANING and not reading.answer.several
    shown = certain or leaning
    return render(
        "read/answer.html", state="" if certain else "answer-unsure",
        letter=" ".join(reading.characters(reading.label)) if shown else "", sentence=wording.sentence(reading),
        alike=_alike(reading) if certain else None,
        bars=[{"title": title, "width": f"{100 * probability:.2f}", "text": f"{100 * probability:.1f} %"}
              for title, probability in reading.top(TOP)],
    )  # fmt: skip


def _alike(reading: Reading) -> dict[str, Any] | None:
    """The probabilities of classes that look the same, as one bar of several pieces; None where there is but one."""
    together = reading.answer.together
    if len(together) < 2:
        return None
    whole = sum(probability for _, probability in together)
    parts = [
        {"title": reading.title(label), "width": f"{max(probability / whole, 0.001):.4f}"}
        for label, probability in together
    ]
    return {
        "parts": parts,
        "text": ", ".join(f"{reading.title(label)} {probability:.1%}" for label, probability in together),
    }


def saw(glyph: Glyph | None, picture: PictureReading | None = None, *, sent: bool = False) -> str:
    """What the network saw: the square image, and the steps to it in order; an empty frame where there is none.

    picture: the ways to see the picture, each as a button with what was read in it, if there are several.
    sent: another tab sent it, so that nothing that was given here before is shown any more.
    """
    interpretations = _interpretations(picture)
    if glyph is None:
        return render(
            "read/saw.html", steps=[], image="", caption="Nothing yet.", interpretations=interpretations
        )
    source = "sent" if sent else glyph.source
    # As exact as the network got it: the browser's copy of the network reads it too. What is drawn on its own pad
    # it knows, and 53 kB an answer are much when many draw.
    exact = b"" if source == "drawing" else np.ascontiguousarray(glyph.image, "<f4").tobytes()
    return render(
        "read/saw.html", steps=[_step(step) for step in glyph.steps[:-1]],
        image=Markup(ink_image(glyph.image, "The image that the network saw")),
        values=base64.b64encode(exact).decode("ascii"), source=source, cropped=str(glyph.cropped).lower(),
        caption=glyph.steps[-1].sentence if glyph.steps else "", interpretations=interpretations,
    )  # fmt: skip


def _interpretations(picture: PictureReading | None) -> list[dict[str, str]]:
    if picture is None or len(picture.interpretations) < 2:
        return []
    return [
        {
            "name": one.name,
            "answer": reading.title(reading.label) if reading.answer.certain else "?",
            "text": f"Seen as {one.name}: {wording.line(reading)}, {reading.answer.probability:.0%}",
            "uri": images.data_uri(images.ink_png(one.glyph.image)),
            "pressed": str(index == picture.chosen).lower(),
        }
        for index, (one, reading) in enumerate(zip(picture.interpretations, picture.readings, strict=True))
    ]


def examples(shown: Sequence[Example]) -> str:
    """The examples as a row of buttons with pictures; the index in `shown` is each button's data-index."""
    return render("read/examples.html", chips=[_chip(example) for example in shown], side=CHIP_SIDE)


def _chip(example: Example) -> dict[str, str]:
    if isinstance(example.content, str):
        image, kind, strokes = images.ink_png(draw(parse_strokes(example.content))), "drawing", example.content
    else:
        image, kind, strokes = images.picture_png(example.content, CHIP_SIDE), "picture", ""
    name = f"{kind.capitalize()} of {wording.described(example.character)}"
    return {"kind": kind, "strokes": strokes, "name": name, "uri": images.data_uri(image)}


def _step(step: Step) -> dict[str, str]:
    return {
        "name": step.name, "title": step.name[:1].upper() + step.name[1:], "sentence": step.sentence,
        "uri": images.data_uri(images.picture_png(step.picture, STEP_SIDE)),
    }  # fmt: skip


def ink_image(image: NDArray[np.float32], text: str) -> str:
    """An ink image (H, W) in 0..1 as an <img>, black on white; `text` is said in its place."""
    height, width = image.shape
    return render("read/ink.html", uri=images.data_uri(images.ink_png(image)), width=width, height=height, text=text)
