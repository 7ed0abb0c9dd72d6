"""A folded section: nothing is worked out for it until it is opened, nor after it is closed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from fontdemo.errors import FontdemoError
from fontdemo.ui.read import folded
from tests.support.unserved import unserved


def events(make: Any) -> list[Any]:
    """The section's handlers: on opening, on closing, and when something else is read."""
    with unserved(), gr.Blocks() as demo:
        context: Any = SimpleNamespace(chooser=gr.Dropdown(["a", "b"]), glyph=gr.State())
        folded.section(context, "Section", "section", make, "closed")
    opened, closed, changed = demo.fns.values()
    assert [target for target, _ in changed.targets] and len(changed.targets) == 2
    return [fn.fn for fn in (opened, closed, changed)]


def test_it_is_made_on_opening_and_of_whatever_is_read_while_it_is_open() -> None:
    asked = []

    def make(glyph: Any, network: str) -> str:
        asked.append((glyph, network))
        return f"{glyph} by {network}"

    opened, closed, changed = events(make)
    assert changed(False, "A", "a") == gr.skip() and asked == []
    assert opened("A", "a") == (True, "A by a")
    assert changed(True, "B", "b") == "B by b"
    assert closed() is False and asked == [("A", "a"), ("B", "b")]


def test_what_cant_be_made_is_said_in_a_sentence() -> None:
    def make(glyph: Any, network: str) -> str:
        raise FontdemoError("Choose another network.")

    opened, _, changed = events(make)
    for asked in (lambda: opened(None, "a"), lambda: changed(True, None, "a")):
        with pytest.raises(gr.Error, match="Choose another network"):
            asked()
