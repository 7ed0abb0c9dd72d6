"""Fixtures of several tests of train: an empty root for runs, and a run that trained; a test may have its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.support.runs import root, trained

__all__ = ["root", "trained"]


@pytest.fixture
def signals_put_back() -> Iterator[None]:
    """What a Ctrl-C does is put back after a command that takes it over."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)
