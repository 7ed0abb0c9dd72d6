"""The closest typefaces as HTML: five small pictures with the families' names and how much they are alike."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from fontdemo.reading import nearest
from fontdemo.reading.nearest import Index, Neighbour
from fontdemo.reading.reader import Reading
from fontdemo.ui import images


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
