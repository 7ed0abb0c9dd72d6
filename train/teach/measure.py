"""How much lessons help, measured as on the page: `train.teach.lesson` on hands that a network misreads.

- Made-up hands: the forms in `unusual.txt`, which no network was trained on, by made-up writers. Of each character that
  a network mostly misreads three drawings are taught, and ten more by the same hand are read.
- People who drew each character twice: the first drawings that are misread are taught, the second ones are read.
- People who drew each character once: the misread drawings are taught, the others are read, which must not fall.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import from_drawing
from fontdemo.network.network import Network
from train.handwriting.collections import Sample, read_json
from train.handwriting.letterforms import letterforms
from train.handwriting.writers import write_forms
from train.teach.lesson import MOST, Drawing, Lesson, teach

#: Drawings of a character that a made-up hand teaches, and that are read after.
TAUGHT, READ = 3, 10

UNUSUAL = Path(__file__).with_name("unusual.txt")


@dataclass(frozen=True, eq=False)
class Hand:
    """One person's or made-up writer's drawings: to be taught, and to be read after, none of which is taught."""

    first: tuple[Drawing, ...]
    second: tuple[Drawing, ...]


@dataclass(frozen=True)
class Row:
    """What lessons gave to one network on one set of hands; a lesson that is not kept leaves what was before.

    hands: all of them; lessons: those in which something is misread, kept: of these. taught: drawings in all lessons.
    same_before, same_after: right among `same` second drawings of characters that were taught to that hand.
    others_before, others_after: right among `others` second drawings of all other characters, of all hands.
    printed_before, printed_after: fraction of printed characters in unseen fonts, the mean over the lessons.
    lowest: the lowest of it after a lesson that is kept. seconds: of the median lesson.
    """

    reader: str
    name: str
    hands: int
    lessons: int
    kept: int
    taught: int
    same: int
    same_before: int
    same_after: int
    others: int
    others_before: int
    others_after: int
    printed_before: float
    printed_after: float
    lowest: float
    seconds: float


def made_up_hands(count: int, seed: int) -> list[Hand]:
    """So many hands that write the unusual forms, each TAUGHT + READ times, and the same seed gives the same."""
    forms = [(character, form) for character, found in letterforms(UNUSUAL).items() for form in found]
    hands = []
    for number in range(count):
        drawn = write_forms(forms, "course", seed, number, TAUGHT + READ)
        parts: tuple[list[Drawing], list[Drawing]] = ([], [])
        for (character, _), images in zip(forms, drawn, strict=True):
            for at, image in enumerate(images):
                parts[at >= TAUGHT].append(Drawing(_ink(image), character))
        hands.append(Hand(tuple(parts[0]), tuple(parts[1])))
    return hands


def twice_drawn(file: Path) -> dict[str, Hand]:
    """The people who drew each character twice in a row, by name; FontdemoError as `collections.read_json`."""
    return {name: Hand(tuple(map(_drawing, samples[::2])), tuple(map(_drawing, samples[1::2])))
            for name, samples in _by_writer(read_json(file, 2))}  # fmt: skip


def once_drawn(file: Path) -> dict[str, Hand]:
    """The people who drew each character once: all of it may be taught, and what is not is read after."""
    drawn = {name: tuple(map(_drawing, samples)) for name, samples in _by_writer(read_json(file))}
    return {name: Hand(drawings, drawings) for name, drawings in drawn.items()}


def measure(
    reader: str, network: Network, name: str, hands: Sequence[Hand], *, seed: int = 0,
    progress: Callable[[], object] = lambda: None,
) -> Row:  # fmt: skip
    """A lesson for each hand of which the network misreads something. progress: called after each."""
    lessons: list[Lesson] = []
    counts = np.zeros((2, 3), int)  # of the taught characters and the others: images, right before, right after
    taught = 0
    for hand in hands:
        known = [d for d in hand.first if network.alphabet.label(d.label) is not None]
        misread = mostly_misread(network, known)
        chosen = [d for d in known if network.alphabet.label(d.label) in misread]
        # Where each character is drawn once, what is taught is not read.
        second = [d for d in hand.second if network.alphabet.label(d.label) is not None]
        if hand.second is hand.first:
            good = right(network, known)
            chosen, second = ([d for d, g in zip(known, good, strict=True) if g == which] for which in (False, True))
        after = network
        if chosen:
            *_, lesson = teach(network, chosen[:MOST], seed=seed)
            assert isinstance(lesson, Lesson)
            lessons.append(lesson)
            taught += len(chosen[:MOST])
            after = lesson.network or network
        again = [hand.second is not hand.first and network.alphabet.label(d.label) in misread for d in second]
        where = np.array(again, bool)
        found = np.array([np.ones(len(second), bool), right(network, second), right(after, second)])
        counts += np.stack([found[:, where].sum(1), found[:, ~where].sum(1)])
        progress()
    if not lessons:
        raise FontdemoError(f"{reader} misreads nothing of {name}, so there is nothing to teach.")
    fonts = [lesson.printed_after if lesson.kept else lesson.printed_before for lesson in lessons]
    (same, same_before, same_after), (others, others_before, others_after) = counts.tolist()
    return Row(
        reader, name, len(hands), len(lessons), sum(lesson.kept for lesson in lessons), taught,
        same, same_before, same_after, others, others_before, others_after,
        lessons[0].printed_before, statistics.fmean(fonts), min(fonts),
        statistics.median(lesson.seconds for lesson in lessons),
    )  # fmt: skip


def mostly_misread(network: Network, drawings: Sequence[Drawing]) -> set[int | None]:
    """The classes of which the network misreads more than half of these drawings."""
    found = right(network, drawings)
    by_class: dict[int | None, list[bool]] = {}
    for drawing, good in zip(drawings, found.tolist(), strict=True):
        by_class.setdefault(network.alphabet.label(drawing.label), []).append(good)
    return {label for label, good in by_class.items() if 2 * sum(good) < len(good)}


@torch.no_grad()
def right(network: Network, drawings: Sequence[Drawing]) -> NDArray[np.bool_]:
    """Which of the drawings the network reads rightly."""
    if not drawings:
        return np.zeros(0, bool)
    images = torch.from_numpy(np.stack([drawing.image for drawing in drawings])[:, None])
    found = torch.cat([network(images[at : at + 100]).argmax(1) for at in range(0, len(images), 100)]).tolist()
    pairs = zip(found, drawings, strict=True)
    return np.array([label == network.alphabet.label(drawing.label) for label, drawing in pairs], bool)


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table, for `docs/results.md`."""
    head = ("Hands", "Network", "Lessons (kept)", "Drawings taught", "Same characters, other drawings",
            "Other characters", "Unseen fonts", "Lowest", "Seconds")  # fmt: skip
    lines = [_line(head), _line(["---", "---", *["---:"] * (len(head) - 2)])]
    for row in rows:
        lines.append(_line((
            f"{row.name}, {row.hands}", row.reader, f"{row.lessons} ({row.kept})", str(row.taught),
            _change(row.same_before, row.same_after, row.same),
            _change(row.others_before, row.others_after, row.others),
            f"{100 * row.printed_before:.2f} → {100 * row.printed_after:.2f} %", f"{100 * row.lowest:.2f} %",
            f"{row.seconds:.0f}",
        )))  # fmt: skip
    return "\n".join(lines) + "\n"


def _change(before: int, after: int, count: int) -> str:
    return f"{100 * before / count:.1f} → {100 * after / count:.1f} % of {count:,}" if count else "–"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _by_writer(samples: Sequence[Sample]) -> Iterator[tuple[str, list[Sample]]]:
    for name in dict.fromkeys(sample.writer for sample in samples):
        yield name, [sample for sample in samples if sample.writer == name and sample.known]


def _drawing(sample: Sample) -> Drawing:
    return Drawing(from_drawing(sample.drawing, fit=True).image, sample.character)


def _ink(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.divide(image, 255, dtype=np.float32)
