"""The characters a model tells apart, their order, their twins, and how they are named on disk.

Three alphabets: `course52` (the classes of the report's course), `letters52` (A-Z a-z), `alnum62` (all of them).
"""

from __future__ import annotations

import string
from dataclasses import dataclass

#: Every character that this project knows: ten digits, then capitals, then small letters.
CHARACTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase

# The course leaves these out because they look like the character beside them; one that turns up belongs to its twin.
_COURSE_TWINS = {"c": "C", "k": "K", "l": "I", "O": "o", "p": "P", "s": "S", "v": "V", "w": "W", "x": "X", "z": "Z"}


@dataclass(frozen=True)
class Alphabet:
    """An ordered set of classes; a class is one character, and may stand for a second one that looks alike.

    name: how the alphabet is called on the command line and in config.json.
    classes: one character a class; a class's label is its index in this string.
    twins: {left-out character: the class that it belongs to}.
    """

    name: str
    classes: str
    twins: dict[str, str]

    def __len__(self) -> int:
        return len(self.classes)

    def label(self, character: str) -> int | None:
        """The label (0 .. len-1) of `character`, by way of its twin if need be; None if it is in no class."""
        home = self.twins.get(character, character)
        found = self.classes.find(home) if len(home) == 1 else -1
        return None if found < 0 else found

    def twin(self, character: str) -> str | None:
        """The left-out character that the class `character` also stands for, or None."""
        return next((other for other, home in self.twins.items() if home == character), None)

    def characters(self, label: int) -> tuple[str, ...]:
        """The one or two characters that class `label` stands for, the class's own first."""
        character = self.classes[label]
        other = self.twin(character)
        return (character,) if other is None else (character, other)

    def title(self, label: int) -> str:
        """How class `label` is written for people: "A", or "C c" where the class has two characters."""
        return " ".join(self.characters(label))


ALPHABETS = {
    "course52": Alphabet("course52", "".join(c for c in CHARACTERS if c not in _COURSE_TWINS), _COURSE_TWINS),
    "letters52": Alphabet("letters52", string.ascii_letters[26:] + string.ascii_letters[:26], {}),
    "alnum62": Alphabet("alnum62", CHARACTERS, {}),
}


def get_alphabet(name: str) -> Alphabet:
    """The alphabet called `name`; ValueError, naming the ones there are, if there is none."""
    try:
        return ALPHABETS[name]
    except KeyError:
        raise ValueError(f"no alphabet {name!r}; there are {', '.join(ALPHABETS)}") from None


def to_hex(character: str) -> str:
    """The folder name of a character: its ASCII code in two hexadecimal digits ("Z" -> "5a")."""
    return f"{ord(character):02x}"


def from_hex(folder: str) -> str | None:
    """The character that a folder name stands for ("5a" -> "Z"), or None if it is none of ours."""
    return _FOLDERS.get(folder.lower())


_FOLDERS = {to_hex(character): character for character in CHARACTERS}
