"""A reading as HTML: the answer, and what the network saw; and the row of examples.

Pure functions from values to text; what comes from outside is escaped here. The looks are in page.css. The
stages of the network are in `fontdemo.ui.stages_view`.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from fontdemo.glyph.glyph import Glyph, Step
from fontdemo.glyph.strokes import draw, parse_strokes
from fontdemo.reading import wording
from fontdemo.reading.reader import PictureReading, Reading
from fontdemo.ui import images
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
        bars = "".join(_bar("", None) for _ in range(TOP))
        return _answer("", message, bars, "answer-none")
    characters = reading.characters(reading.label)
    bars = "".join(_bar(title, part) for title, part in reading.top(TOP))
    if not reading.answer.certain:
        leaning = reading.answer.probability >= wording.LEANING and not reading.answer.several
        likely = " ".join(characters) if leaning else ""
        return _answer(likely, wording.sentence(reading), bars, "answer-unsure")
    return _answer(" ".join(characters), wording.sentence(reading), _alike(reading) + bars, "")


def _alike(reading: Reading) -> str:
    """The shares of the classes that look the same, as one bar of several pieces; nothing where there is but one."""
    together = reading.answer.together
    if len(together) < 2:
        return ""
    whole = sum(probability for _, probability in together)
    pieces = "".join(
        f'<i style="flex-grow:{max(probability / whole, 0.001):.4f}"><b>{escape(reading.title(label))}</b></i>'
        for label, probability in together
    )
    said = ", ".join(f"{reading.title(label)} {probability:.1%}" for label, probability in together)
    return f'<li class="alike" aria-label="{escape(said)}" title="{escape(said)}">{pieces}</li>'


def saw(glyph: Glyph | None, picture: PictureReading | None = None, *, sent: bool = False) -> str:
    """What the network saw: the square image, and the steps to it in order; an empty frame where there is none.

    picture: the ways to see the picture, each as a button with what was read in it, if there are several.
    sent: another tab sent it, so that nothing that was given here before is shown any more.
    """
    if glyph is None:
        frame, earlier, caption = '<div class="saw-none"></div>', "", "Nothing yet."
    else:
        frame = ink_image(glyph.image, "The image that the network saw")
        source, cropped = "sent" if sent else glyph.source, str(glyph.cropped).lower()
        # As exact as the network got it: the browser's copy of the network reads it too. What is drawn on its own pad
        # it knows, and 53 kB an answer are much when many draw.
        exact = b"" if source == "drawing" else np.ascontiguousarray(glyph.image, "<f4").tobytes()
        values = base64.b64encode(exact).decode("ascii")
        frame += f'<data id="saw-values" hidden value="{values}" data-source="{source}" data-cropped="{cropped}">'
        frame += "</data>"
        earlier = "".join(_step(number, step) for number, step in enumerate(glyph.steps[:-1], start=1))
        caption = escape(glyph.steps[-1].sentence) if glyph.steps else ""
    return (
        '<section class="saw"><h2>What the network saw</h2><div class="saw-row">'
        f'<ol class="saw-steps">{earlier}</ol>'
        f'<figure class="saw-image">{frame}<figcaption>{caption}</figcaption></figure></div>{_ways(picture)}</section>'
    )


def _ways(picture: PictureReading | None) -> str:
    if picture is None or len(picture.interpretations) < 2:
        return ""
    buttons = ""
    for place, (one, reading) in enumerate(zip(picture.interpretations, picture.readings, strict=True)):
        read = reading.title(reading.label) if reading.answer.certain else "?"
        said = escape(f"Seen as {one.name}: {wording.line(reading)}, {reading.answer.probability:.0%}")
        buttons += (
            f'<button type="button" class="saw-way" data-index="{place}" aria-label="{said}" title="{said}" '
            f'aria-pressed="{str(place == picture.chosen).lower()}">'
            f'<img src="{images.data_uri(images.ink_png(one.glyph.image))}" width="100" height="100" alt="">'
            f"<b>{escape(read)}</b><span>{escape(one.name)}</span></button>"
        )
    return f'<div class="saw-ways"><p>This picture can be seen in several ways. Choose another one.</p>{buttons}</div>'


def examples(shown: Sequence[Example]) -> str:
    """The examples as a row of buttons with pictures; the place in `shown` is each button's data-index."""
    chips = []
    for index, example in enumerate(shown):
        if isinstance(example.content, str):
            image, kind = images.ink_png(draw(parse_strokes(example.content))), "drawing"
            data = f' data-strokes="{escape(example.content)}"'
        else:
            image, kind, data = images.picture_png(example.content, CHIP_SIDE), "picture", ""
        name = f"{kind.capitalize()} of {wording.described(example.character)}"
        uri = images.data_uri(image)
        chips.append(
            f'<button type="button" class="chip chip-{kind}" data-index="{index}"{data} aria-label="{name}" '
            f'title="{name}"><img src="{uri}" width="{CHIP_SIDE}" height="{CHIP_SIDE}" alt=""></button>'
        )
    return f'<div class="chips"><span>Or try</span>{"".join(chips)}</div>'


def _answer(glyph: str, sentence: str, bars: str, extra: str) -> str:
    long = " answer-two" if " " in glyph else ""
    return (
        f'<section class="answer {extra}"><div class="answer-glyph{long}" aria-hidden="true">{escape(glyph)}</div>'
        f'<div class="answer-body"><p class="answer-sentence" role="status">{escape(sentence)}</p>'
        f'<ol class="bars">{bars}</ol></div></section>'
    )


def _bar(title: str, probability: float | None) -> str:
    width = 0.0 if probability is None else 100 * probability
    text = "" if probability is None else f"{width:.1f} %"
    return (
        f'<li><span class="bar-name">{escape(title)}</span>'
        f'<span class="bar"><i style="width:{width:.2f}%"></i></span><span class="bar-share">{text}</span></li>'
    )


def _step(number: int, step: Step) -> str:
    uri = images.data_uri(images.picture_png(step.picture, STEP_SIDE))
    name = escape(step.name[:1].upper() + step.name[1:])
    return (
        f'<li><div class="saw-frame"><img src="{uri}" alt="Step {number}: {escape(step.name)}"></div>'
        f"<b>{name}</b><span>{escape(step.sentence)}</span></li>"
    )


def ink_image(image: NDArray[np.float32], text: str) -> str:
    """An ink image (H, W) in 0..1 as an <img>, black on white; `text` is said in its place."""
    height, width = image.shape
    uri = images.data_uri(images.ink_png(image))
    return f'<img src="{uri}" width="{width}" height="{height}" alt="{escape(text)}">'
