"""train.benchmark.tables: the tables word by word."""

from __future__ import annotations

from train.benchmark import tables
from train.benchmark.score import FalseAccepts, Row, Scores


def test_the_table_goes_set_by_set_with_dashes_for_what_is_not_said() -> None:
    whole = Scores(1234, 2, 0, 0.5, 0.75, 1.0, 0.9, 0.012, 0.034)
    bare = Scores(1234, 0, 0, 0.25, 0.25, 0.25, None, None)
    lines = tables.table(
        [Row("ours", "a", whole, 1.25), Row("ours", "b", whole, 1.25), Row("baseline", "a", bare)]
    ).splitlines()
    assert lines[0].count("|") == lines[1].count("|") == lines[2].count("|") == 12
    figures = "50.0 % | 75.0 % | 72.6 to 77.4 % | 100.0 % | 90.0 % | 1.2 % | 3.4 % | 1.2"
    assert lines[2] == f"| a | ours | 1,234 (2 without a glyph) | {figures} |"
    assert lines[3] == "| a | baseline | 1,234 | 25.0 % | 25.0 % | 22.6 to 27.4 % | 25.0 % | – | – | – | – |"
    assert lines[4].startswith("| b | ours |")


def test_the_overview_has_a_table_for_sets_that_the_same_readers_read() -> None:
    def row(reader: str, drawn: str, twins: float) -> Row:
        return Row(reader, drawn, Scores(9, 0, 0, 0.1, twins, 1.0, None, None))

    rows = [row("ours", "a", 0.5), row("theirs", "a", 0.25), row("ours", "b", 0.75), row("theirs", "c", 0.0),
            row("ours", "c", 0.125)]  # fmt: skip
    assert tables.overview(rows).splitlines() == [
        "| Read correctly | a | c |", "| --- | ---: | ---: |",
        "| ours | 50.0 (100.0) % | 12.5 (100.0) % |", "| theirs | 25.0 (100.0) % | 0.0 (100.0) % |",
        "",
        "| Read correctly | b |", "| --- | ---: |", "| ours | 75.0 (100.0) % |",
    ]  # fmt: skip


def test_what_is_taken_for_a_character() -> None:
    found = [FalseAccepts("a", "x", 9, 0, 0.5), FalseAccepts("a", "y", 9, 0, 0.25), FalseAccepts("b", "y", 9, 0, 1.0)]
    assert tables.false_accepts_table(found).splitlines() == [
        "| Taken for a character | x | y |", "| --- | ---: | ---: |", "| a | 50.0 % | 25.0 % |", "| b | – | 100.0 % |"
    ]  # fmt: skip
