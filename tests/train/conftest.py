"""Fixtures of several tests of train: an empty root for runs, and a run that trained; a test may have its own."""

from __future__ import annotations

from tests.support.runs import root, trained

__all__ = ["root", "trained"]
