"""What a browser says happened on the page, in an event's data: fields may be missing, or hold anything.

Handlers take each field with one of these functions, so that what a stranger made up ends in a plain sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr
from gradio.utils import get_type_hints

from fontdemo.errors import FontdemoError

_LONGEST_TEXT = 1000


class IncompleteEventError(FontdemoError):
    """What the browser sent is not what this event brings."""

    def __init__(self) -> None:
        super().__init__("This request is incomplete. Reload the page and try again.")


def whole(event: gr.EventData, name: str, most: int) -> int:
    """The whole number from 0 to `most` in the event's field `name`; IncompleteEventError if there is none."""
    value = _field(event, name)
    # Compared first: a whole number may be too large to be told finite. NaN is in no range.
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= most:
        raise IncompleteEventError
    if value != int(value):
        raise IncompleteEventError
    return int(value)


def text(event: gr.EventData, name: str) -> str:
    """The text in the event's field `name`; IncompleteEventError if there is none, or a very long one."""
    value = _field(event, name)
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise IncompleteEventError
    return value


def check(handler: Any, data: object) -> None:
    """IncompleteEventError if `handler` takes what happened on the page, and no event of that kind has this `data`."""
    hints: dict[str, Any] = get_type_hints(handler) if handler else {}  # type: ignore[no-untyped-call]  # Gradio's
    for kind in hints.values():
        if not (isinstance(kind, type) and issubclass(kind, gr.EventData)):
            continue
        if not isinstance(data, dict):
            raise IncompleteEventError
        if issubclass(kind, gr.SelectData) and not {"index", "value"} <= data.keys():
            raise IncompleteEventError


def _field(event: gr.EventData, name: str) -> object:
    data = getattr(event, "_data", None)
    return data.get(name) if isinstance(data, Mapping) else None
