"""Pictures of words: a glyph of each character, what is read in them, and single characters left as they are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFont

from fontdemo.__main__ import main
from fontdemo.glyph.glyph import from_picture
from fontdemo.network import pretrained
from fontdemo.reading import words
from fontdemo.reading.reader import Reader
from tests.support.letters import FONTS, picture
from tests.support.words import word_picture

pytestmark = pytest.mark.skipif(not pretrained.shipped(), reason="no weights ship here")


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load(None)


def word(text: str, size: int = 80) -> Image.Image:
    return word_picture(text, ImageFont.truetype(str(FONTS / "DejaVuSans.ttf"), size))


@pytest.mark.parametrize("character", ["A", "i", "g", "8"])
def test_a_picture_of_one_character_gives_what_it_always_gave(reader: Reader, character: str) -> None:
    page = words.read_page(reader, words.split(picture(character)))
    assert page.letters == () and words.as_json(page).keys() == {"seen", "rejected"}
    np.testing.assert_array_equal(page.picture.glyph.image, from_picture(picture(character)).image)


def test_each_glyph_of_a_word_is_that_of_its_character_alone(reader: Reader) -> None:
    parted = words.split(word("jig4"))[0]
    letters = words.read_letters(reader, parted)
    for index, (character, letter) in enumerate(zip("jig4", letters, strict=True)):
        alone = from_picture(word(character)).image
        assert np.abs(letter.glyph.image - alone).mean() < 0.01
        shown = words.letter_glyph(parted, index)
        np.testing.assert_array_equal(shown.image, letter.glyph.image)
        assert f"character {index + 1} of 4" in shown.steps[3].sentence


def test_a_word_is_read_with_its_spaces(reader: Reader) -> None:
    letters = words.read_letters(reader, words.split(word("big jet 47"))[0])
    found = words.text(letters)
    assert [len(part) for part in found.split(" ")] == [3, 3, 2]
    assert sum(a == b for a, b in zip(found.lower(), "big jet 47", strict=True)) >= 9
    assert not any(letter.touching for letter in letters)


def test_letters_that_touch_are_said_to_be_so(reader: Reader) -> None:
    parted = words.split(_bridged("Than"))[0]
    letters = words.read_letters(reader, parted)
    assert len(letters) < 4 and any(letter.touching for letter in letters)


def test_the_command_line_prints_what_a_word_says(
    reader: Reader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "word.png"
    word("hat").save(file)
    letters = words.read_letters(reader, words.split(file)[0])
    assert main(["read", str(file)]) == 0
    assert capsys.readouterr().out.startswith(f"{file}: {words.text(letters)}   (")
    assert main(["read", "--json", str(file)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["text"] == words.text(letters) and len(answer["line"]) == 3
    assert list(answer["line"][0]) == ["character", "label", "twin", "probability", "touching", "changed"]
    picture("A").save(file)
    assert main(["read", "--json", str(file)]) == 0
    assert not {"text", "line"} & set(json.loads(capsys.readouterr().out))


def _bridged(text: str) -> Image.Image:
    """A word whose last three letters are joined by a bar."""
    plane = np.asarray(word(text)).copy()
    dark = np.flatnonzero((plane < 128).any(axis=0))
    base = int(np.flatnonzero((plane < 128).any(axis=1))[-1])
    plane[base - 8 : base - 3, int(dark[0] + 0.4 * np.ptp(dark)) : dark[-1]] = 30
    return Image.fromarray(plane)


def test_a_word_on_a_sheet_on_a_desk_is_read_there(reader: Reader) -> None:
    sheet = word("Rex 47")
    scene = Image.new("L", (sheet.width + 160, sheet.height + 200), 80)
    scene.paste(sheet, (70, 110))
    page = words.read_page(reader, words.split(scene))
    assert page.split.interpretation.name == "on the light sheet"
    assert words.text(page.letters) == "Rex 47"
    assert words.as_json(page)["text"] == "Rex 47" and words.as_json(page)["rejected"]


@pytest.mark.parametrize(("ink", "ground"), [("#f0f0f0", "#14509c"), ("#202020", "#e0a020")])
def test_a_word_on_a_coloured_plate_is_read_there(reader: Reader, ink: str, ground: str) -> None:
    cover = word_picture("Exit 12", ImageFont.truetype(str(FONTS / "DejaVuSans.ttf"), 60), ink=255, paper=0)
    for around in ("#ffffff", "#101014"):
        scene = Image.new("RGB", (cover.width + 90, cover.height + 90), around)
        scene.paste(ground, (45, 45, cover.width + 45, cover.height + 45))
        scene.paste(ink, (45, 45), cover)
        assert words.text(words.read_page(reader, words.split(scene)).letters) == "Exit 12"


def test_what_it_is_holds_for_every_character_of_a_line(reader: Reader) -> None:
    found = words.read_page(reader, words.split(word("1 0 5")), among="letter")
    assert words.text(found.letters).replace(" ", "").isalpha()


@pytest.mark.parametrize("text", ["it", "If", "Hello7", "Room101", "paper cup"])
def test_a_word_is_read_letter_by_letter(reader: Reader, text: str) -> None:
    """None of its letters is left out as a stroke of a neighbour; digits, letters and cases fit together."""
    for file in ("DejaVuSans-Bold.ttf", "DejaVuSans.ttf"):
        picture = word_picture(text, ImageFont.truetype(str(FONTS / file), 56), seed=1)
        assert words.text(words.read_page(reader, words.split(picture)).letters) == text, file


@pytest.mark.parametrize("text", ["911", "i11", "945 mil"])
def test_type_of_one_width_has_spaces_where_a_step_is_left_out(reader: Reader, text: str) -> None:
    picture = word_picture(text, ImageFont.truetype(str(FONTS / "DejaVuSansMono.ttf"), 72))
    found = words.text(words.read_letters(reader, words.split(picture)[0]))
    assert [len(word) for word in found.split(" ")] == [len(word) for word in text.split(" ")]
