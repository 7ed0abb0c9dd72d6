"""The Font tab as HTML: a face's characters with the misread ones marked, and what one of them was read as.

The HTML is in train/ui/templates/font, its style in font.css.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from PIL import Image

from fontdemo.alphabet import CHARACTERS, Alphabet
from fontdemo.glyph.glyph import Glyph
from fontdemo.glyph.layout import LAYOUTS
from fontdemo.network.network import Network
from fontdemo.reading.nearest import Index
from fontdemo.reading.reader import Reading
from fontdemo.ui import images
from fontdemo.ui.html import render
from fontdemo.ui.read import closest, why
from fontdemo.ui.read.view import ink_image
from train.fonts.sandbox import Specimen
from train.ui.font.reading import LAYOUT_TITLES, GlyphRead

#: Longer side of a character's picture in the sheet, in pixels.
TILE_SIDE = 64

#: Likeliest classes shown of one glyph.
TOP = 5

_WELCOME = (
    "Upload a font, or click one above: the network reads all 62 letters and digits in it. "
    "Click one of them to see why it is read as it is."
)
_NO_CHOICE = "Click a character to see why it is read as it is."


def welcome() -> str:
    """What stands in the sheet's place before there is a font."""
    return render("font/message.html", text=_WELCOME, choice=False, alert=False)


def no_choice() -> str:
    """What stands in the choice's place before a character is chosen."""
    return render("font/message.html", text=_NO_CHOICE, choice=True, alert=False)


def examples(names: Sequence[str]) -> str:
    """The fonts to try, a button each."""
    return render("font/examples.html", names=names)


def trouble(sentence: str) -> str:
    """What stands in the sheet's place where the font cannot be read."""
    return render("font/message.html", text=sentence, choice=False, alert=True)


def sheet(specimen: Specimen, read: Sequence[GlyphRead], alphabet: Alphabet, example: str = "") -> str:
    """All characters of a face in both layouts; a character's button has its layout and index as data.

    example: the name of the font to try that it is, whose button is marked, or "".
    """
    layouts = []
    for number, layout in enumerate(LAYOUTS):
        these = [glyph for glyph in read if glyph.layout == number]
        known = [glyph for glyph in these if glyph.label is not None]
        layouts.append({
            "title": LAYOUT_TITLES[layout], "known": len(known), "right": sum(not glyph.wrong for glyph in known),
            "unknown": sum(glyph.label is None and glyph.read_as is not None for glyph in these),
            "tiles": [_tile(specimen, glyph, alphabet) for glyph in these],
        })  # fmt: skip
    return render(
        "font/sheet.html", name=specimen.name, example=example, missing=_missing(specimen), layouts=layouts,
        side=TILE_SIDE,
    )  # fmt: skip


def choice(
    network: Network, index: Index | None, glyph: Glyph, reading: Reading, read: GlyphRead
) -> str:
    """What one glyph was read as, the likeliest classes, why, and which typefaces it resembles."""
    alphabet = reading.alphabet
    label = alphabet.label(read.character)
    if label is None:
        verdict = "a character that this network does not know"
    elif label == reading.label:
        verdict = "read correctly"
    else:
        verdict = f"misread as {alphabet.title(reading.label)}"
    return render(
        "font/choice.html", character=read.character, verdict=verdict, top=reading.top(TOP),
        image=Markup(ink_image(glyph.image, "The image that the network saw")),
        why=Markup(why.section(network, glyph, reading, label)),
        closest=Markup(closest.section(index, reading, read.character)),
    )  # fmt: skip


def _missing(specimen: Specimen) -> str:
    sentences = []
    if specimen.lacking:
        sentences.append(f"The font lacks {' '.join(specimen.lacking)}.")
    if specimen.blank:
        sentences.append(f"It draws nothing for {' '.join(specimen.blank)}.")
    return " ".join(sentences)


def _tile(specimen: Specimen, read: GlyphRead, alphabet: Alphabet) -> dict[str, Any]:
    character = CHARACTERS[read.index]
    if read.read_as is None:
        return {"uri": "", "character": character, "words": f"{character}: the font does not draw it"}
    image = Image.fromarray(255 - specimen.images[read.layout, read.index])
    title = alphabet.title(read.read_as)
    if read.label is None:
        kind, words, mark = "font-unknown", f"{character}, not one of this network’s characters", "·"
    elif read.wrong:
        kind, words, mark = "font-wrong", f"{character}, misread as {title}", title
    else:
        kind, words, mark = "", f"{character}, read correctly", character
    return {
        "kind": kind, "words": f"{words}, {100 * read.probability:.0f} % sure", "mark": mark, "layout": read.layout,
        "index": read.index, "uri": images.data_uri(images.picture_png(image, TILE_SIDE)),
    }  # fmt: skip
