"""A typeface: where its file is, what it is called, and its category; and why one is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

#: Categories as Google Fonts has them.
CATEGORIES = ("Sans Serif", "Serif", "Monospace", "Display", "Handwriting")

#: The categories of text faces; the kind of all others is "other".
TEXT_CATEGORIES = CATEGORIES[:3]


def printable(text: str) -> str:
    """`text` without what cannot be shown, or sent: a file's name may hold line breaks, or be no text at all."""
    return "".join(c for c in text if c.isprintable())


@dataclass(frozen=True)
class Face:
    """One typeface in one style, as it lies on this machine.

    path, index: the file and the index in its collection. axes: the point on a variable font's axes, else empty.
    family, style: as the font names itself. key: faces of one key are one family. category: one of CATEGORIES.
    """

    path: Path
    index: int
    axes: tuple[float, ...]
    family: str
    style: str
    key: str
    category: str = "Display"

    @property
    def kind(self) -> str:
        """"text" or "other"."""
        return "text" if self.category in TEXT_CATEGORIES else "other"

    @property
    def file(self) -> str:
        """The file's name, as far as it can be shown."""
        return printable(self.path.name)

    @property
    def name(self) -> str:
        """Family and style, for people."""
        return f"{self.family} {self.style}".strip()


class RefusalKind(Enum):
    """Why faces are refused; the value ends a sentence that begins with "faces that"."""

    LACKING = "lack characters"
    BLANK = "draw characters blank"
    SAME_GLYPHS = "have the same glyphs as another face"
    CAPITALS_ONLY = "draw small letters as capitals"
    ALL_ALIKE = "draw every glyph alike"
    OVERSIZED = "are far larger than their em"
    UNREADABLE = "cannot be read"
    CRASHING = "bring the font engine down"


@dataclass(frozen=True)
class Refusal:
    """A face, or a whole file, that cannot be used, and why: the kind of reason, and the reason for people."""

    path: Path
    name: str
    kind: RefusalKind
    reason: str
