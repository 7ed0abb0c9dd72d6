"""fontdemo.ui.gate.events: what a browser says has happened is taken only where it can have."""

from __future__ import annotations

import math
from typing import Any

import gradio as gr
import pytest

from fontdemo.ui.gate.events import IncompleteEventError, text, whole


@pytest.mark.parametrize("value", [0, 7, 7.0, 1000])
def test_a_whole_number_in_its_range_is_taken(value: float) -> None:
    assert whole(gr.EventData(None, {"index": value}), "index", 1000) == value


@pytest.mark.parametrize(
    "value", [-1, 1001, 0.5, 10**400, -(10**400), 1e308, math.nan, math.inf, True, None, "3", [3], {}], ids=repr
)
def test_nothing_else_is_one(value: Any) -> None:
    with pytest.raises(IncompleteEventError):
        whole(gr.EventData(None, {"index": value}), "index", 1000)


@pytest.mark.parametrize("data", [None, [], "index", 3, {}, {"name": 3}, {"name": "a" * 1001}])
def test_neither_is_a_field_that_is_not_there_or_a_text_without_end(data: Any) -> None:
    with pytest.raises(IncompleteEventError):
        text(gr.EventData(None, data), "name")
    with pytest.raises(IncompleteEventError):
        whole(gr.EventData(None, data), "index", 9)
