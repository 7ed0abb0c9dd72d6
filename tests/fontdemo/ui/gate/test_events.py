"""fontdemo.ui.gate.events: what an event brings is checked field by field."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from fontdemo.ui.gate.events import IncompleteEventError, text, whole


def event(**fields: Any) -> gr.EventData:
    return cast(gr.EventData, gr.EventData(None, fields) if fields else SimpleNamespace(_data=None))


@pytest.mark.parametrize("value", [0, 7, 9])
def test_whole_numbers_within_the_limit_come_through(value: int) -> None:
    assert whole(event(index=value), "index", 9) == value


@pytest.mark.parametrize("value", [-1, 10, 2.5, "3", None, True, [1], {}, float("nan"), float("inf"), 10**40, 10**400])
def test_other_numbers_do_not(value: Any) -> None:
    with pytest.raises(IncompleteEventError):
        whole(event(index=value), "index", 9)


@pytest.mark.parametrize("value", [None, 3, ["a"], "a" * 100_000])
def test_other_texts_do_not(value: Any) -> None:
    assert text(event(name="best52"), "name") == "best52"
    with pytest.raises(IncompleteEventError):
        text(event(name=value), "name")
    with pytest.raises(IncompleteEventError):
        text(event(other="x"), "name")
