"""train.fonts.face: names and kinds for people."""

from __future__ import annotations

from pathlib import Path

import pytest

from train.fonts.face import CATEGORIES, Face, RefusalKind


@pytest.mark.parametrize(("family", "style"), [("Lato", "Bold"), ("Lato", ""), ("", "Bold")])
def test_a_face_is_called_by_family_and_style(family: str, style: str) -> None:
    assert Face(Path("x"), 0, (), family, style, "lato").name == " ".join(filter(None, [family, style]))


def test_sans_serif_and_monospace_are_text() -> None:
    text = [category for category in CATEGORIES if Face(Path("x"), 0, (), "A", "", "a", category).kind == "text"]
    assert text == ["Sans Serif", "Serif", "Monospace"]


def test_every_kind_of_refusal_has_words_of_its_own() -> None:
    assert len({kind.value for kind in RefusalKind}) == len(RefusalKind) == 8
