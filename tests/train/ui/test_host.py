"""train.ui.host: the secret makes this browser the host's, anything else does not, and who may train sees how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from fontdemo.ui.context import PageContext
from tests.support.unserved import unserved
from train.access import access
from train.ui import host

SECRET = "the host's own secret"
CLOSED = access({"SPACE_ID": "a/b", "FONTDEMO_HOST_SECRET": SECRET, "FONTDEMO_TRAINING": "off"})
ANN = {"browser": "ann's secret, quite random", "host": ""}


@pytest.fixture
def handlers() -> Iterator[dict[str, Callable[..., Any]]]:
    """The functions behind the field, by their names; two parts are there for those who may train."""
    with unserved(), gr.Blocks(analytics_enabled=False) as demo:
        shared = cast(PageContext, SimpleNamespace(visitor=gr.BrowserState({}, secret="s"), demo=demo))
        host.build(shared, CLOSED, [gr.Button(), gr.Column()])
        yield {fn.name: fn.fn for fn in demo.fns.values() if fn.fn is not None}


def test_the_secret_is_kept_by_the_browser_and_the_field_emptied(handlers: dict[str, Callable[..., Any]]) -> None:
    typed, record, said = handlers["known"](SECRET, ANN)
    assert typed == "" and record == ANN | {"host": SECRET} and "host's" in said
    assert CLOSED.of(record).manage
    assert handlers["known"](SECRET, None)[1] == {"host": SECRET}  # a browser that keeps nothing yet


@pytest.mark.parametrize("typed", ["", "another secret, as long", SECRET[:-1], None, [SECRET], {"host": SECRET}])
def test_anything_else_is_refused(handlers: dict[str, Callable[..., Any]], typed: Any) -> None:
    with pytest.raises(gr.Error, match="not the host's secret"):
        handlers["known"](typed, ANN)


def test_parts_for_those_who_may_train_are_shown_to_the_host_alone(handlers: dict[str, Callable[..., Any]]) -> None:
    for sent, visible in ((ANN | {"host": SECRET}, True), (ANN, False), (None, False), ("x", False)):
        assert [part["visible"] for part in handlers["shown_to"](sent)] == [visible] * 2
