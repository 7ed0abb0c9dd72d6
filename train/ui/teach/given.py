"""What a visitor sends to be learned, all of it checked: JSON, [{"label": character, "strokes": drawing}, ...]."""

from __future__ import annotations

import json
from typing import Any

from fontdemo.alphabet import CHARACTERS
from fontdemo.errors import FontdemoError, GlyphError
from fontdemo.glyph.glyph import from_drawing
from fontdemo.glyph.strokes import MAX_TEXT
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.gate.events import IncompleteEventError
from fontdemo.ui.network.names import OWN
from train.teach.lesson import MOST, Drawing

#: A visitor's own networks that the chooser shows.
MOST_OWN = 8


class HandError(FontdemoError):
    """These drawings cannot be learned; says what can."""


def drawings(text: Any) -> list[Drawing]:
    """The drawings in `text`, drawn as the pad's are read.

    HandError for none or more than MOST, for a drawing that is blank or none, or a label that is no one character that
    some network knows; IncompleteEventError for anything else.
    """
    if not isinstance(text, str):
        raise IncompleteEventError
    if len(text) > MAX_TEXT:
        raise HandError("These are too many lines to learn at once. Remove a few drawings.")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise IncompleteEventError from None
    if not isinstance(given, list):
        raise IncompleteEventError
    if not given:
        raise HandError("There is nothing to learn yet. Draw a character and say what it is.")
    if len(given) > MOST:
        raise HandError(f"At most {MOST} drawings can be learned at once. Remove a few.")
    return [_drawing(number, one) for number, one in enumerate(given, 1)]


def _drawing(number: int, given: object) -> Drawing:
    if not isinstance(given, dict) or not given.keys() >= {"label", "strokes"}:
        raise IncompleteEventError
    label = given["label"]
    if not isinstance(label, str) or len(label) != 1 or label not in CHARACTERS:
        raise HandError(f"Drawing {number} has no label that can be learned. Use one digit or letter from A to Z.")
    try:
        return Drawing(from_drawing(given["strokes"]).image, label)
    except GlyphError as error:
        raise HandError(f"Drawing {number}, of {label}, can't be learned: {error}") from None


def own_networks(readers: NetworkStore, text: Any) -> list[tuple[str, str]]:
    """What a chooser shows of a visitor's own networks, and their names. text: JSON, the networks they go on from.

    IncompleteEventError if it is none; what is not a network of `readers` is left out.
    """
    try:
        origins = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        raise IncompleteEventError from None
    if not isinstance(origins, list) or len(origins) > MOST_OWN or not all(isinstance(one, str) for one in origins):
        raise IncompleteEventError
    known = readers.names()
    return [(f"{readers.title(name)}, your hand", OWN + name) for name in known if name in origins]
