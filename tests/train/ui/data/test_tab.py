"""The Data tab without a browser: what its handlers show, the fonts counted, what comes from outside escaped."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from fontdemo.alphabet import get_alphabet
from fontdemo.font_files import matplotlib_fonts
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.page import build
from tests.support.outline import Outline
from tests.support.training import small_set
from tests.support.unserved import unserved
from tests.train.ui.train.test_tab import HOME
from train.data.glyphset import FaceNote
from train.fonts import survey
from train.fonts.face import Refusal, RefusalKind
from train.fonts.find import find_faces
from train.fonts.survey import Refused
from train.runs.datasets import Shelf
from train.ui.data import view
from train.ui.data.tab import TITLE, show_facts, show_families, show_sheet, tab


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """A set of 104 faces, two of each family, the last quarter for validation; one name is no friend of HTML."""
    data = small_set(train=52 * 78, valid=52 * 26)
    faces = tuple(
        FaceNote(f"Kind <b>{n // 2}", ("Regular", "Bold")[n % 2], "Serif", "text", f"{n}.ttf", f"kind{n // 2}")
        for n in range(104)
    )
    face = np.repeat(np.arange(104), 52)
    data = dataclasses.replace(data, faces=faces, face=face, split_rule="families")
    folder = tmp_path_factory.mktemp("data")
    data.save(folder / "set.npz")
    return Shelf(folder, folder / "runs")


def test_the_figures_beside_the_reports(shelf: Shelf) -> None:
    text = Outline(show_facts(shelf, "set")).text
    assert "print(len(train_data))4,056the report: 41,600" in text
    assert "print(image.shape)torch.Size([50, 1, 100, 100])as in the report" in text
    assert "print(label.shape)torch.Size([50])as in the report" in text
    assert "Training4,0567839" in text and "Validation1,3522613" in text


def test_one_character_in_many_fonts_in_pages(shelf: Shelf) -> None:
    label = get_alphabet("course52").label("T")
    first = Outline(show_sheet(shelf, "set", "T", "", "", 0))
    tiles = [attributes for tag, attributes in first.tags if tag == "li"]
    assert len(tiles) == view.PAGE and {tile["data-label"] for tile in tiles} == {str(label)}
    assert "104 images of “T”, page 1 of 2" in first.text
    second = Outline(show_sheet(shelf, "set", "T", "", "", 1))
    assert len([tag for tag, _ in second.tags if tag == "li"]) == 104 - view.PAGE
    # A page too far is the last one, and a family's name is searched for without regard to case.
    assert show_sheet(shelf, "set", "T", "", "", 99) == show_sheet(shelf, "set", "T", "", "", 1)
    found = show_sheet(shelf, "set", "T", "kind <B>3 bold", "", 0)
    assert "<b>1</b> images" in found and "<b>3" not in found.replace("&lt;b&gt;3", "")
    valid = Outline(show_sheet(shelf, "set", "", "", "valid", 0))
    assert "1,352 images," in valid.text and {a.get("data-part") for tag, a in valid.tags if tag == "li"} == {"valid"}
    assert "No face" in show_sheet(shelf, "set", "T", "nobody", "", 0)


def test_a_twin_is_its_class_and_strangers_are_reported(shelf: Shelf) -> None:
    assert "of “C c”" in show_sheet(shelf, "set", "c", "", "", 0)
    assert "“&lt;” is not a character of the alphabet course52." in show_sheet(shelf, "set", "<", "", "", 0)
    for shown in (show_sheet(shelf, "../set", "T", "", "", 0), show_facts(shelf, ""), show_families(shelf, "/etc", "")):
        assert "Choose one from the list" in shown


def test_families_on_each_side(shelf: Shelf, tmp_path: Path) -> None:
    shown = show_families(shelf, "set", "")
    text = Outline(shown).text
    assert "Training: 39 families" in text and "Validation: 13 families" in text
    assert "No family is in both parts" in text
    assert "Training: 1 of 39 families" in Outline(show_families(shelf, "set", "<b>38")).text
    assert "<b>" not in shown
    small_set().save(tmp_path / "random.npz")
    assert "3 families are in both parts" in show_families(Shelf(tmp_path, tmp_path / "runs"), "random", "")


# The fonts of this machine


def test_the_survey_is_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "font_folders", lambda: [matplotlib_fonts()])
    alphabet = get_alphabet("course52")
    seen: list[float] = []
    made = survey.survey(alphabet, lambda done, of: seen.append(done / of))
    found = find_faces([matplotlib_fonts()], alphabet, workers=1)
    assert (made.faces, len(made.refused)) == (len(found.faces), len(found.refusals))
    assert sum(made.categories.values()) == made.faces and sum(made.reasons().values()) == len(made.refused)
    assert [r.reason for r in made.refused] == [r.reason for r in found.refusals]
    assert seen[-1] == 1
    assert not any("/" in face.file for face in made.refused)
    lacking = made.find("", "lack characters")
    assert lacking and all(face.reason.startswith("lacks") for face in lacking)
    name = lacking[0].name
    assert lacking[0] in made.find(name.upper(), "") and made.find(name, "cannot be read") == []


def test_nothing_is_said_to_be_missing_before_it_is_known(tmp_path: Path) -> None:
    pretrained.save(Network(), tmp_path / "net", "")
    readers = NetworkStore(lambda: {"net": tmp_path / "net"})
    with unserved():
        demo = build(readers, [(TITLE, tab(tmp_path / "runs", HOME))])
    facts = next(part for part in demo.blocks.values() if part.elem_id == "data-facts")
    assert facts.value == view.opening() and "no packed data set" not in facts.value


def test_a_page_is_told_no_folders() -> None:
    refusal = Refusal(Path("/a/b.ttf"), "B", RefusalKind.BLANK, "blank: Q")
    assert survey.redacted([refusal]) == (Refused("B", "b.ttf", "blank: Q", RefusalKind.BLANK),)
