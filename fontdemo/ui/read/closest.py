"""The closest typefaces, as a section of the Read tab: five small pictures with the families' names.

`fontdemo.reading.nearest` searches.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from fontdemo.glyph.glyph import Glyph
from fontdemo.reading import nearest
from fontdemo.reading.nearest import Index, Neighbour
from fontdemo.reading.reader import Reading
from fontdemo.ui import images
from fontdemo.ui.context import NetworkStore, PageContext
from fontdemo.ui.html import render
from fontdemo.ui.read import folded


def closest(networks: NetworkStore, glyph: Glyph | None, network: str) -> str:
    """The section for `glyph`."""
    loaded = networks.get(network)
    if loaded.index is None:
        return _section("This network has no index of typefaces.", [])
    return section(loaded.index, loaded.read(glyph) if glyph is not None else None)


def build(context: PageContext) -> None:
    """Put the section into the Blocks context and connect it."""
    folded.section(context, "Closest typefaces", "closest", partial(closest, context.networks), "")


def section(index: Index | None, reading: Reading | None, named: str = "") -> str:
    """The section for what was read; empty frames without a reading, nothing at all without an index.

    named: the character that it is known to be, where it is known.
    """
    if index is None:
        return ""
    if reading is None:
        return _section("The training typefaces that draw it most like yours.", [{"uri": ""}] * nearest.COUNT)
    if not reading.answer.certain and not named:
        return _section("An uncertain answer has no closest typeface.", [{"uri": ""}] * nearest.COUNT)
    found = index.nearest(reading.outputs)
    return _section(_sentence(reading, found[0], named), [_card(neighbour) for neighbour in found])


def _sentence(reading: Reading, closest: Neighbour, named: str) -> str:
    """Which family is closest, and with which character where it is another one."""
    yours = [named] if named else list(reading.characters(reading.label))
    its = "" if closest.character in yours else f"the {closest.character} of "
    return f"{'This' if named else 'Your'} {' or '.join(yours)} is closest to {its}{closest.face.family}."


def _section(sentence: str, cards: Sequence[dict[str, str]]) -> str:
    return render("read/closest.html", sentence=sentence, cards=cards, side=nearest.PICTURE_SIDE)


def _card(neighbour: Neighbour) -> dict[str, str]:
    face = neighbour.face
    return {
        "uri": images.data_uri(images.ink_png(neighbour.picture)), "family": face.family,
        "name": f"{neighbour.character} in {face.family} {face.style}".strip(),
        "alike": f"{100 * neighbour.similarity:.0f}",
    }  # fmt: skip
