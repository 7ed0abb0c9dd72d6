"""The Font tab as HTML: a face's characters with the misread ones marked, and what one of them was read as."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PIL import Image

from fontdemo.alphabet import CHARACTERS, Alphabet
from fontdemo.glyph.glyph import Glyph
from fontdemo.glyph.layout import LAYOUTS
from fontdemo.network.network import Network
from fontdemo.reading.nearest import Index
from fontdemo.reading.reader import Reading
from fontdemo.ui import images
from fontdemo.ui.read import closest, why
from fontdemo.ui.read.view import ink_image
from train.fonts.sandbox import Specimen
from train.ui.font.reading import LAYOUT_TITLES, GlyphRead

#: Longer side of a character's picture in the sheet, in pixels.
TILE_SIDE = 64

#: Likeliest classes told of one glyph.
TOP = 5

WELCOME = (
    '<div class="font-welcome"><p>Give a font: the network reads all 62 letters and digits in it, and a click on one '
    "shows why it is read as it is.</p></div>"
)
NO_CHOICE = '<div class="font-choice font-welcome"><p>Click a character to see why it is read as it is.</p></div>'


def trouble(sentence: str) -> str:
    """What stands in the sheet's place where the font cannot be read."""
    return f'<div class="font-welcome"><p role="alert">{escape(sentence)}</p></div>'


def sheet(specimen: Specimen, read: Sequence[GlyphRead], alphabet: Alphabet) -> str:
    """All characters of a face in both layouts; a character's button has its layout and place as data."""
    parts = []
    for number, layout in enumerate(LAYOUTS):
        these = [glyph for glyph in read if glyph.layout == number]
        tiles = "".join(_tile(specimen, glyph, alphabet) for glyph in these)
        parts.append(
            f'<section class="font-layout"><h3>{LAYOUT_TITLES[layout]}</h3><p>{_counted(these)}</p>'
            f'<ol class="font-tiles">{tiles}</ol></section>'
        )
    return f'<div class="font-sheet"><h2>{escape(specimen.name)}</h2>{_missing(specimen)}{"".join(parts)}</div>'


def choice(
    network: Network, index: Index | None, glyph: Glyph, reading: Reading, read: GlyphRead
) -> str:
    """What one glyph was read as, the likeliest classes, why, and which typefaces it resembles."""
    alphabet = reading.alphabet
    bars = "".join(
        f'<li><span class="bar-name">{escape(title)}</span><span class="bar"><i style="width:{100 * share:.2f}%"></i>'
        f'</span><span class="bar-share">{100 * share:.1f} %</span></li>'
        for title, share in reading.top(TOP)
    )
    label = alphabet.label(read.character)
    if label is None:
        verdict = "a character that this network does not know"
    elif label == reading.label:
        verdict = "read rightly"
    else:
        verdict = f"misread as {alphabet.title(reading.label)}"
    return (
        f'<div class="font-choice"><h2>{escape(read.character)}, {escape(verdict)}</h2>'
        f'<div class="font-told">{ink_image(glyph.image, "The image that the network saw")}'
        f'<ol class="bars">{bars}</ol></div>'
        f"{why.section(network, glyph, reading, label)}"
        f"{closest.section(index, reading, read.character)}</div>"
    )


def _counted(read: Sequence[GlyphRead]) -> str:
    """How many are read rightly, as a sentence."""
    known = [glyph for glyph in read if glyph.label is not None]
    unknown = sum(1 for glyph in read if glyph.label is None and glyph.read_as is not None)
    if not known:
        return "None of its characters are among those that this network tells apart."
    right = sum(1 for glyph in known if not glyph.wrong)
    note = f" {unknown} are no characters of this network’s." if unknown else ""
    return f"<b>{right} of {len(known)}</b> read rightly, {100 * right / len(known):.1f} %.{note}"


def _missing(specimen: Specimen) -> str:
    told = []
    if specimen.lacking:
        told.append(f"The font lacks {escape(' '.join(specimen.lacking))}.")
    if specimen.blank:
        told.append(f"It draws nothing for {escape(' '.join(specimen.blank))}.")
    return f'<p class="font-missing">{" ".join(told)}</p>' if told else ""


def _tile(specimen: Specimen, read: GlyphRead, alphabet: Alphabet) -> str:
    character = escape(CHARACTERS[read.place])
    if read.read_as is None:
        words = f"{character}: the font does not draw it"
        return f'<li class="font-lacking" title="{words}"><div>{character}</div><span>–</span></li>'
    image = Image.fromarray(255 - specimen.images[read.layout, read.place])
    uri = images.data_uri(images.picture_png(image, TILE_SIDE))
    title = escape(alphabet.title(read.read_as))
    if read.label is None:
        kind, words, mark = "font-unknown", f"{character}, not a character of this network’s", "·"
    elif read.wrong:
        kind, words, mark = "font-wrong", f"{character}, misread as {title}", title
    else:
        kind, words, mark = "", f"{character}, read rightly", character
    words += f", {100 * read.share:.0f} % sure"
    return (
        f'<li class="{kind}"><button type="button" data-layout="{read.layout}" data-place="{read.place}" '
        f'title="{words}" aria-label="{words}"><img src="{uri}" width="{TILE_SIDE}" height="{TILE_SIDE}" alt="">'
        f"</button><span>{mark}</span></li>"
    )
