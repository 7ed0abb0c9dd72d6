"""The typefaces of this machine counted: how many can be used, and why the others cannot, by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fontdemo.alphabet import Alphabet
from train.fonts.face import Refusal, RefusalKind, printable
from train.fonts.find import find_faces, font_folders
from train.parallel import Progress


@dataclass(frozen=True)
class Refused:
    """A refused face: its name, its file's name without the folders, the reason, and its kind."""

    name: str
    file: str
    reason: str
    kind: RefusalKind


@dataclass(frozen=True)
class Survey:
    """faces, families: how many can be used (families that share glyphs count as one). categories: {category: faces}.

    refused: the others, in the order in which they were found.
    """

    faces: int
    families: int
    categories: dict[str, int]
    refused: tuple[Refused, ...]

    def reasons(self) -> dict[str, int]:
        """{kind of reason, in words: faces refused for it}, the commonest first."""
        return {kind.value: count for kind, count in Counter(face.kind for face in self.refused).most_common()}

    def find(self, text: str, kind: str) -> list[Refused]:
        """The refused faces that hold `text` in name, file or reason (any case), of this kind ("": of any)."""
        wanted = text.strip().casefold()
        return [
            face for face in self.refused
            if wanted in f"{face.name}\n{face.file}\n{face.reason}".casefold() and kind in ("", face.kind.value)
        ]  # fmt: skip


def survey(alphabet: Alphabet, progress: Progress) -> Survey:
    """Inspect every font of this machine; over a minute where there are thousands."""
    found = find_faces(font_folders(), alphabet, progress=progress)
    categories = Counter(face.category for face in found.faces)
    return Survey(
        len(found.faces), len({face.key for face in found.faces}), dict(categories.most_common()),
        redacted(found.refusals),
    )  # fmt: skip


def redacted(refusals: Sequence[Refusal]) -> tuple[Refused, ...]:
    """Refusals without the folders of their files, which a page need not tell."""
    return tuple(Refused(r.name, printable(r.path.name), r.reason, r.kind) for r in refusals)
