"""Mistakes as HTML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from markupsafe import escape

from tests.support.runs import EVIL
from train.runs import mistakes
from train.ui.train import mistakes_view


def test_mistakes_show_their_faces_escaped(trained: Path) -> None:
    found = mistakes.of_run(trained)
    evil = replace(found, worst=(replace(found.worst[0], face=EVIL),))
    shown = mistakes_view.mistakes(evil)
    assert "<img src=x" not in shown and str(escape(EVIL)) in shown
    assert mistakes_view.mistakes(found).count("data:image/png") == len(found.worst)
