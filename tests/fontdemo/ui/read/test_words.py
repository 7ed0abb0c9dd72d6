"""The row of a line's characters: which one is pressed, what is said of each; and which one of a picture is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ImageFont

from fontdemo.glyph.glyph import Glyph, from_drawing
from fontdemo.glyph.segment import Spot
from fontdemo.network.network import Network
from fontdemo.reading.reader import Reading
from fontdemo.reading.words import Letter
from fontdemo.ui.context import NetworkStore
from fontdemo.ui.read import words
from tests.support.letters import FONTS, STROKES, picture
from tests.support.outline import Outline
from tests.support.words import word_picture


def letter(read: str, probability: float = 1.0, shown: str = "", space: bool = False, touching: bool = False) -> Letter:
    network = Network(alphabet="alnum62")
    values = np.zeros(62, np.float32)
    values[network.alphabet.classes.index(read)] = probability
    spot = Spot(np.ones((2, 2), bool), (0, 0, 2, 2), space, 0, 0.5)
    reading = Reading(network.alphabet, values, {}, threshold=0.5)
    return Letter(spot, from_drawing(STROKES), reading, touching, shown or read)


def test_each_character_is_a_button_and_the_chosen_one_is_pressed() -> None:
    letters = [letter("T"), letter("h"), letter("e", probability=0.2, space=True)]
    row = Outline(words.tiles(letters, 1))
    buttons = [attributes for tag, attributes in row.tags if tag == "button"]
    assert [button["data-index"] for button in buttons] == ["0", "1", "2"]
    assert [button["aria-pressed"] for button in buttons] == ["false", "true", "false"]
    assert [button["class"] for button in buttons] == ["letter", "letter", "letter letter-gap"]
    assert buttons[0]["title"] == "Character 1: T" and (buttons[2]["title"] or "").startswith("Character 3: ?")
    assert "3 characters, read one by one." in row.text and row.text.endswith("Th?")
    assert "changed" not in row.text and "touch" not in row.text


def test_what_the_word_changed_and_what_touches_is_said() -> None:
    letters = [letter("l"), letter("0", shown="O"), letter("w", touching=True), letter("0", shown="O")]
    row = Outline(words.tiles(letters, 0))
    assert "The rest of the word changed 0 to O." in row.text and "Leave a gap between them." in row.text
    assert [tag for tag, _ in row.tags].count("mark") == 2
    assert [(a["title"] or "").endswith(", may be several") for tag, a in row.tags if tag == "button"] == [0, 0, 1, 0]


def test_without_characters_there_is_no_row() -> None:
    assert words.tiles([], 0) == words.NONE[0] == ""


@pytest.fixture
def upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    font = ImageFont.truetype(str(FONTS / "DejaVuSans.ttf"), 80)
    word_picture("big 47", font).save(tmp_path / "line.png")
    picture("K").save(tmp_path / "one.png")
    return {name: {"path": str(tmp_path / f"{name}.png")} for name in ("line", "one")}


def test_of_a_line_one_character_is_shown_and_its_number_is_brought_within_bounds(
    networks: NetworkStore, upload: dict[str, Any]
) -> None:
    def image(glyph: Glyph) -> bytes:
        return glyph.image.tobytes()

    found = [words.read(networks, upload["line"], "report-cnn", index) for index in (-3, 0, 4, 99)]
    assert [one.chosen for one in found] == [0, 0, 4, 4]
    assert image(found[0].glyph) == image(found[1].glyph) != image(found[2].glyph)
    assert Outline(found[0].row).text.count("characters, read one by one") == 1
    alone = words.read(networks, upload["one"], "report-cnn", 3)
    assert (alone.row, alone.chosen) == words.NONE


def test_another_network_reads_the_row_again_only_where_there_is_one(
    networks: NetworkStore, upload: dict[str, Any]
) -> None:
    row = words.read(networks, upload["line"], "report-crnn", 2).row
    assert row and words.again(networks, upload["line"], "report-crnn", 2) == row
    assert words.again(networks, upload["line"], "report-crnn", None) == ""
    assert words.again(networks, None, "report-crnn", 2) == ""
