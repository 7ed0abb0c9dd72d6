"""docs/results.md: its tables, and what its sentences and the README's say of them, are what `results/` holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from train.benchmark import tables as benchmark_tables
from train.benchmark.score import FalseAccepts, stored_row
from train.reproduce import tables as reproduced
from train.teach import measure as lessons

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")


def stored(name: str) -> Any:
    return json.loads((ROOT / "results" / f"{name}.json").read_text(encoding="utf-8"))


def said(text: str) -> str:
    """The text as one line."""
    return re.sub(r"\s+", " ", text)


def test_the_tables_of_the_results_are_what_the_commands_wrote() -> None:
    """Nobody types a figure in: the results tables are rendered from results/ by the code that wrote them."""
    report = stored("report")
    assert reproduced.table(report) in TEXT
    for line in reproduced.findings(report):
        assert f"- {line}" in TEXT
    measured = stored("benchmark")
    rows = [stored_row(row) for row in measured["rows"]]
    assert benchmark_tables.overview(rows) in TEXT
    assert benchmark_tables.table(rows) in TEXT
    assert benchmark_tables.false_accepts_table([FalseAccepts(**one) for one in measured["false_accepts"]]) in TEXT
    made = stored("sets")
    assert benchmark_tables.table([stored_row(row) for row in made["rows"]]) in TEXT
    assert benchmark_tables.false_accepts_table([FalseAccepts(**one) for one in made["false_accepts"]]) in TEXT
    taught = stored("teach")
    assert lessons.table([lessons.Row(**row) for row in taught["rows"]]) in TEXT


def test_the_sentences_say_what_was_measured() -> None:
    scores = {(row["reader"], row["evalset"]): row["scores"] for row in stored("benchmark")["rows"]}
    strokes, printed, fit, course = (
        [f"{100 - 100 * scores[reader, evalset]['twins']:.1f} %" for reader in ("best52", "report-cnn", "budget52")]
        for evalset in ("strokes", "pictures, chars74k-fnt64-dev", "unseen families, fit", "unseen families, course")
    )
    taken = {one["kind"]: one["accepted"] for one in stored("benchmark")["false_accepts"] if one["reader"] == "best52"}
    drawn, glyphs = scores["best52", "strokes"], scores["best52", "unseen families, course"]
    made = {one["kind"]: one["accepted"] for one in stored("sets")["false_accepts"] if one["reader"] == "best52"}
    for sentence in (
        f"Of people's drawings `best52` misreads {strokes[0]} where the report's network misreads {strokes[1]}; of "
        f"printed pictures {printed[0]} instead of {printed[1]}; of cropped unseen glyphs {fit[0]} instead of "
        f"{fit[1]}; of unseen glyphs in the course's own layout {course[0]} instead of {course[1]}.",
        f"`budget52`, which knows that layout only, misreads {course[2]} there.",
        f"95.5 % of the drawings case-blind ({drawn['case_blind']:.1%})".replace("%)", " %)"),
        f"refuses {100 * glyphs['unsure']:.1f} % of the unseen glyphs and {100 * drawn['unsure']:.1f} % of the "
        f"drawings. It stops {100 - 100 * taken['scribbles']:.0f} % of scribbles and "
        f"{100 - 100 * taken['two characters']:.0f} % of pairs of characters",
        f"({100 * made['signs']:.0f} and {100 * made['other scripts']:.0f} % by `best52`; the aim was 2 %)",
    ):
        assert sentence in said(TEXT), sentence
    readme = said((ROOT / "README.md").read_text(encoding="utf-8"))
    assert f"One scribble in {1 / taken['scribbles']:.0f} is taken for a character" in readme


def test_the_sentences_about_lessons_say_what_was_measured() -> None:
    rows = {(row["reader"], row["name"]): row for row in stored("teach")["rows"]}
    ours, theirs = (rows[reader, "people, each digit twice"] for reader in ("best52", "report-cnn"))
    others = rows["best52", "people, each character once"]
    lost = [row["others_before"] / row["others"] - row["others_after"] / row["others"]
            for (_, name), row in rows.items() if name == "made-up hands"]  # fmt: skip
    assert ours["same_after"] == ours["same"]
    for sentence in (
        f"misread digits `best52` reads all {ours['same']} second drawings after a lesson "
        f"({100 * ours['same_before'] / ours['same']:.0f} % before), the report's network "
        f"{100 * theirs['same_after'] / theirs['same']:.0f} % ({100 * theirs['same_before'] / theirs['same']:.0f} % "
        "before)",
        f"Of the {others['others_before']} drawings of other characters that `best52` read rightly before a lesson, "
        f"{100 - 100 * others['others_after'] / others['others_before']:.1f} % are misread after it",
        f"lose {100 * min(lost):.1f} to {100 * max(lost):.1f} points",
    ):
        assert sentence in said(TEXT), sentence
