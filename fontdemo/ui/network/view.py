"""The Network tab as HTML: the verdict on the limit, the layer table with its bars, the summary, the report's argument.

Pure functions from designs to text. The HTML is in fontdemo/ui/templates/network, its style in network.css.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fontdemo.network.architectures import PARAMETER_LIMIT
from fontdemo.network.report_claims import CLAIMS, around_the_limit, tried
from fontdemo.network.what_if import Design, Row
from fontdemo.ui.html import count, percent, render


def verdict(design: Design, name: str) -> str:
    """The network's parameters against the limit, or why there is no network. name: of the network, as a heading."""
    total, rows = (0, ()) if design.problem else (design.total, design.rows)
    scale = max(total, PARAMETER_LIMIT)
    most = max((row.parameters for row in rows), default=0)
    pieces = [
        {"most": row.parameters == most, "width": 100 * row.parameters / scale,
         "title": f"{row.short}: {count(row.parameters)}"}
        for row in rows if row.parameters
    ]  # fmt: skip
    left = PARAMETER_LIMIT - total
    return render(
        "network/verdict.html", design=design, name=name, fraction=_fraction(design),
        limit=PARAMETER_LIMIT, total=total,
        kind="verdict-wrong" if design.problem else "" if design.fits else "verdict-over",
        room=f"{count(left)} below" if left >= 0 else f"{count(-left)} over",
        pieces=pieces, mark=100 * PARAMETER_LIMIT / scale,
    )  # fmt: skip


def tables(design: Design) -> str:
    """The layer table, and the summary: its frame stays, empty, where there is no network."""
    sizes = design.sizes
    below = [("No network, no summary", "")]
    if sizes is not None:
        below = [
            ("Total params", count(design.total + design.fixed)),
            ("Trainable params", count(design.total)),
            ("Non-trainable params", count(design.fixed)),
            ("Input size (MB)", f"{sizes.input:.2f}"),
            ("Forward/backward pass size (MB)", f"{sizes.passes:.2f}"),
            ("Params size (MB)", f"{sizes.parameters:.2f}"),
            ("Estimated Total Size (MB)", f"{sizes.total:.2f}"),
        ]
    return render("network/tables.html", design=design, fraction=_fraction(design), below=below)


def claims(alphabet: str) -> str:
    """The report's argument as a row of buttons with what each comes to; its index in CLAIMS is its data-index."""
    fitting, larger = map(_sized, around_the_limit(alphabet))
    listed = [
        _sized(found) | {"title": claim.title, "says": claim.says}
        for claim, found in zip(CLAIMS, tried(alphabet), strict=True)
    ]
    return render("network/claims.html", claims=listed, fitting=fitting, larger=larger, limit=PARAMETER_LIMIT)


def kernels(alphabet: str) -> str:
    """The note on the report's listing and its tables, which disagree on the first kernel, with both computed."""
    designs = dict(zip((claim.title for claim in CLAIMS), tried(alphabet), strict=True))
    listing, table = designs[CLAIMS[-1].title], designs[CLAIMS[0].title]
    rows = [
        {"where": where, "size": found.rows[1].computation, "parameters": _first_term(found), "total": found.total}
        for where, found in (("Listing: 9", listing), ("Tables: 10", table))
    ]
    return render("network/kernels.html", rows=rows, counted=_first_term(table).rpartition("=")[2])


def _first_term(design: Design) -> str:
    return design.rows[1].formula.split("; ")[0]


def _sized(design: Design) -> dict[str, Any]:
    """A design's total, and where the argument turns: the maps that are flattened, and FC1's width."""
    flattened = next(row for row in design.rows if row.short == "Flatten")
    fc1 = next(row for row in design.rows if row.short == "FC1")
    sizes = f"{flattened.computation.split(' → ')[0]} into {fc1.size}"
    return {"fits": design.fits, "total": design.total, "sizes": sizes}


def _fraction(design: Design) -> Callable[[Row], str]:
    """How the part of a layer in all parameters is written."""

    def text(row: Row) -> str:
        fraction = design.fraction(row)
        return percent(fraction, 0 if fraction >= 0.0995 else 1)

    return text
