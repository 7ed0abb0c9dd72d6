"""The classes and their order against the course's list, spelt out."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fontdemo.alphabet import ALPHABETS, CHARACTERS, from_hex, get_alphabet, to_hex

# The labels 0..51 as the course's specification gives them.
COURSE = "0123456789" + "ABCDEFGHIJKLMNPQRSTUVWXYZ" + "abdefghijmnoqrtuy"
TWINS = {"C": "c", "K": "k", "I": "l", "o": "O", "P": "p", "S": "s", "V": "v", "W": "w", "X": "x", "Z": "z"}


def test_the_course_has_its_52_classes_in_its_order() -> None:
    alphabet = get_alphabet("course52")
    assert alphabet.classes == COURSE and len(alphabet) == 52
    assert [alphabet.label(character) for character in "09AZay"] == [0, 9, 10, 34, 35, 51]
    assert {character: alphabet.twin(character) for character in COURSE} == {c: TWINS.get(c) for c in COURSE}


def test_the_other_alphabets_tell_all_cases_apart() -> None:
    assert get_alphabet("letters52").classes == string.ascii_uppercase + string.ascii_lowercase
    assert get_alphabet("alnum62").classes == string.digits + string.ascii_uppercase + string.ascii_lowercase
    assert all(get_alphabet(name).twin(c) is None for name in ("letters52", "alnum62") for c in CHARACTERS)


@pytest.mark.parametrize("name", ALPHABETS)
def test_every_character_has_one_class_or_none(name: str) -> None:
    alphabet = get_alphabet(name)
    assert len(set(alphabet.classes)) == len(alphabet)
    assert [alphabet.label(character) for character in alphabet.classes] == list(range(len(alphabet)))
    for character in CHARACTERS:
        label = alphabet.label(character)
        if label is None:
            assert name == "letters52" and character.isdigit()
        else:
            assert character in (alphabet.classes[label], alphabet.twin(alphabet.classes[label]))
            assert alphabet.title(label).split()[0] == alphabet.classes[label]
            assert character in alphabet.title(label).split()


def test_a_class_of_two_is_written_with_both() -> None:
    alphabet = get_alphabet("course52")
    assert [alphabet.title(alphabet.label(c) or 0) for c in "cOlA7"] == ["C c", "o O", "I l", "A", "7"]


@pytest.mark.parametrize("character", ["", "AB", "ä", " ", "\0", "０"])
def test_what_is_no_character_of_ours_has_no_label(character: str) -> None:
    assert all(alphabet.label(character) is None for alphabet in ALPHABETS.values())


def test_an_unknown_alphabet_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'greek'.*course52, letters52, alnum62"):
        get_alphabet("greek")


def test_folders_are_named_by_the_ascii_code() -> None:
    assert (to_hex("Z"), to_hex("0"), to_hex("a")) == ("5a", "30", "61")
    assert {from_hex(to_hex(character)) for character in CHARACTERS} == set(CHARACTERS)


@given(st.text(max_size=4))
def test_other_folders_are_none_of_ours(folder: str) -> None:
    character = from_hex(folder)
    assert character is None or (character in CHARACTERS and int(folder, 16) == ord(character))


@pytest.mark.parametrize("folder", ["", "5", "+5", "_5", "5_", " 5", "٣٠", "7f", "00", "5a5a", "zz"])
def test_folders_that_only_look_like_codes_are_none(folder: str) -> None:
    assert from_hex(folder) is None
