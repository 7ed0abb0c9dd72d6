"""A handler that refuses, and the plain sentence that it does so with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
import pytest


def refused(endpoint: Callable[..., Any], *given: Any, **named: Any) -> str:
    """The sentence with which `endpoint` refuses what is given; it must be one, and leave no trace in the log."""
    with pytest.raises(gr.Error) as caught:
        endpoint(*given, **named)
    assert not caught.value.print_exception and str(caught.value.message).endswith(".")
    return str(caught.value.message)
