"""What `train.benchmark.score` measured, as Markdown tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from train.benchmark.score import FalseAccepts, Row, interval


def overview(rows: Sequence[Row]) -> str:
    """The fractions read rightly: a row a reader, a column a set, a table for all sets that the same readers read.

    With twins folded and, in brackets, case-blind: the two figures in which readers of any alphabet can be compared.
    """
    right = {(row.reader, row.evalset): f"{100 * row.scores.twins:.1f} ({100 * row.scores.case_blind:.1f}) %"
             for row in rows}  # fmt: skip
    every = dict.fromkeys(row.reader for row in rows)
    readers_of = {name: tuple(reader for reader in every if (reader, name) in right)
                  for name in dict.fromkeys(row.evalset for row in rows)}  # fmt: skip
    tables = []
    for readers in dict.fromkeys(readers_of.values()):
        sets = [name for name, others in readers_of.items() if others == readers]
        lines = [_line(["Read correctly", *sets]), _line(["---", *["---:"] * len(sets)])]
        lines += [_line([reader, *(right[reader, name] for name in sets)]) for reader in readers]
        tables.append("\n".join(lines) + "\n")
    return "\n".join(tables)


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table, set by set; a dash stands for what a reader does not say."""
    head = ("Set", "Reader", "Images", "Alphabet", "Twins folded", "95 % interval", "Case-blind", "Top 5",
            "Calibration error", "Can't tell", "ms")  # fmt: skip
    lines = [_line(head), _line(["---", "---", *["---:"] * (len(head) - 2)])]
    sets = list(dict.fromkeys(row.evalset for row in rows))
    for row in sorted(rows, key=lambda row: sets.index(row.evalset)):
        lines.append(_line((row.evalset, row.reader, *cells(row))))
    return "\n".join(lines) + "\n"


def false_accepts_table(found: Sequence[FalseAccepts]) -> str:
    """How much of what is no character was taken for one, as a Markdown table: a row a reader, a column a kind."""
    kinds = list(dict.fromkeys(one.kind for one in found))
    readers = list(dict.fromkeys(one.reader for one in found))
    accepted = {(one.reader, one.kind): f"{100 * one.accepted:.1f} %" for one in found}
    lines = [_line(["Taken for a character", *kinds]), _line(["---", *["---:"] * len(kinds)])]
    lines += [_line([reader, *(accepted.get((reader, kind), "–") for kind in kinds)]) for reader in readers]
    return "\n".join(lines) + "\n"


def cells(row: Row) -> tuple[str, ...]:
    """A row's figures as text: images, alphabet, twins folded with Wilson's interval of 95 %, case-blind, top 5,
    calibration error, can't tell, ms.
    """
    scores = row.scores
    low, high = interval(scores.twins, scores.images)
    fractions = (scores.case_blind, scores.top5, scores.calibration, scores.unsure)
    timed = "–" if row.milliseconds is None else f"{row.milliseconds:.1f}"
    images = f"{scores.images:,}" + (f" ({scores.refused:,} without a glyph)" if scores.refused else "")
    first = (f"{100 * scores.alphabet:.1f} %", f"{100 * scores.twins:.1f} %", f"{100 * low:.1f} to {100 * high:.1f} %")
    further = ("–" if fraction is None else f"{100 * fraction:.1f} %" for fraction in fractions)
    return (images, *first, *further, timed)


def _line(parts: Iterable[str]) -> str:
    return f"| {' | '.join(parts)} |"
