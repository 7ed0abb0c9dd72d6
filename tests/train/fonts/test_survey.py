"""train.fonts.survey: refusals counted by reason, searched, and without folders."""

from __future__ import annotations

from pathlib import Path

from train.fonts.face import Refusal, RefusalKind
from train.fonts.survey import Survey, redacted

REFUSALS = [
    Refusal(Path("/home/ann/Lato.ttf"), "Lato Bold", RefusalKind.LACKING, "lacks Q"),
    Refusal(Path("/usr/share/x.otf"), "x.otf", RefusalKind.UNREADABLE, "not parsable (ValueError)"),
    Refusal(Path("/usr/share/Inter.ttf"), "Inter", RefusalKind.LACKING, "lacks R"),
]


def test_reasons_are_counted_the_commonest_first() -> None:
    made = Survey(9, 3, {"Serif": 9}, redacted(REFUSALS))
    assert list(made.reasons().items()) == [("lack characters", 2), ("cannot be read", 1)]


def test_faces_are_found_by_name_file_reason_and_kind() -> None:
    made = Survey(9, 3, {"Serif": 9}, redacted(REFUSALS))
    assert [face.name for face in made.find("LATO", "")] == ["Lato Bold"]
    assert [face.name for face in made.find(".otf", "")] == ["x.otf"]
    assert [face.name for face in made.find("lacks", "")] == ["Lato Bold", "Inter"]
    assert [face.name for face in made.find("", "cannot be read")] == ["x.otf"]
    assert made.find("Lato", "cannot be read") == []


def test_no_folder_is_reported() -> None:
    assert "/" not in repr(redacted(REFUSALS)) and "home" not in repr(redacted(REFUSALS))
