"""The closest typefaces, as a section of the Read tab: five small pictures with the families' names.

`fontdemo.reading.nearest` searches.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

from fontdemo.glyph.glyph import Glyph
from fontdemo.reading import nearest
from fontdemo.reading.nearest import Index, Neighbour
from fontdemo.reading.reader import Reading
from fontdemo.ui import images
from fontdemo.ui.context import NetworkStore, PageContext
from fontdemo.ui.read import folded


def closest(readers: NetworkStore, glyph: Glyph | None, network: str) -> str:
    """The section for `glyph`."""
    loaded = readers.get(network)
    if loaded.index is None:
        return '<section class="closest"><p>This network has no index of typefaces.</p></section>'
    return section(loaded.index, loaded.read(glyph) if glyph is not None else None)


def build(shared: PageContext) -> None:
    """Put the section into the Blocks context and connect it."""
    folded.section(shared, "Closest typefaces", "closest", partial(closest, shared.readers), "")


def section(index: Index | None, reading: Reading | None, named: str = "") -> str:
    """The section for what was read; empty frames without a reading, nothing at all without an index.

    named: the character that it is known to be, where it is known.
    """
    if index is None:
        return ""
    if reading is None:
        return _section("The training typefaces that draw it most like yours.", [_frame()] * nearest.COUNT)
    if not reading.answer.certain and not named:
        return _section("What can't be told has no closest typeface.", [_frame()] * nearest.COUNT)
    found = index.nearest(reading.outputs)
    return _section(_sentence(reading, found[0], named), [_card(neighbour) for neighbour in found])


def _sentence(reading: Reading, closest: Neighbour, named: str) -> str:
    """Which family is closest, and with which character where it is another one."""
    yours = [named] if named else list(reading.characters(reading.label))
    its = "" if closest.character in yours else f"the {closest.character} of "
    return f"{'This' if named else 'Your'} {' or '.join(yours)} is closest to {its}{closest.face.family}."


def _section(sentence: str, cards: Sequence[str]) -> str:
    return (
        '<section class="closest"><h2>Closest typefaces</h2>'
        f'<p>{escape(sentence)}</p><ol class="closest-row">{"".join(cards)}</ol></section>'
    )


def _frame() -> str:
    return '<li><div class="closest-picture"></div><b>&nbsp;</b><span>&nbsp;</span></li>'


def _card(neighbour: Neighbour) -> str:
    face = neighbour.face
    uri = images.data_uri(images.ink_png(neighbour.picture))
    side = nearest.PICTURE_SIDE
    name = escape(f"{neighbour.character} in {face.family} {face.style}".strip())
    return (
        f'<li title="{name}"><div class="closest-picture"><img src="{uri}" width="{side}" height="{side}" '
        f'alt="{name}"></div><b>{escape(face.family)}</b><span>{100 * neighbour.similarity:.0f} % alike</span></li>'
    )
