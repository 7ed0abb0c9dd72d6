"""A data set and the survey of fonts as HTML."""

from __future__ import annotations

import re

from tests.support.outline import Outline
from train.fonts.face import RefusalKind
from train.fonts.survey import Refused, Survey
from train.ui.data import view


def test_the_survey_is_shown_escaped_and_cut() -> None:
    refused = tuple(Refused(f"<i>Face {n}", "f.ttf", "lacks Q", RefusalKind.LACKING) for n in range(400))
    shown = view.survey(Survey(3, 2, {"Serif": 3}, refused), "face", "")
    assert shown.count("<tr>") == 1 + view.LISTED and "<i>Face" not in shown
    text = Outline(shown).text
    assert "3 faces of 2 families can be used" in text and "400 are refused" in text and "search for the others" in text
    assert view.survey(None, "", "") == ""


def test_progress_and_trouble_in_words() -> None:
    shown = view.bar(0.256, "Looking.")
    assert "Looking. 26 %" in shown and 'aria-valuenow="26"' in shown
    assert view.bar(None, "Looking.") == ""
    assert "&lt;b&gt;" in view.bar(None, "Looking.", "<b>")
    assert re.search("Build a small one", view.nothing(True)) and "host" in view.nothing(False)
