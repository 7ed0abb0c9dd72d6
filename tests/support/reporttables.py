"""The report's tables, parsed from the fixture that quotes them, in the page's notation."""

from __future__ import annotations

from pathlib import Path

_FILE = Path(__file__).parents[1] / "data" / "report_tables.txt"


def quoted(section: str) -> list[str]:
    """The lines of a section of the fixture, as they stand there."""
    text = _FILE.read_text(encoding="utf-8").split(f"[{section}]\n")[1].split("\n[")[0]
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def plain(text: str) -> str:
    """The report's formulas as the page writes them: $32 \\times 6$ and "32 x 6" -> "32×6"."""
    arrow = text.replace("\\rightarrow", "→")
    for cross in (" \\times ", " x "):
        arrow = arrow.replace(cross, "×")
    return arrow.replace("$", "").replace(" + ", "+").replace(" = ", "=")


def layer_rows() -> list[tuple[str, str, str]]:
    """(layer, computation, size) of both tables; the size of a row of values is what its arrow points to."""
    rows = []
    for line in quoted("layers"):
        title, computation, size = map(plain, line.split("\t"))
        rows.append((title, computation, size))
    for line in quoted("classification"):
        title, computation = map(plain, line.split("\t"))
        rows.append((title, computation, computation.split(" → ")[1]))
    return rows


def summary() -> list[tuple[str, str, int]]:
    """(layer, output shape, parameters) of the summary."""
    rows = [line.split("\t") for line in quoted("summary")]
    return [(layer, shape, int(count.replace(",", ""))) for layer, shape, count in rows]


def totals() -> dict[str, str]:
    """What stands under the summary, by its name."""
    return dict(line.split(": ") for line in quoted("totals"))
