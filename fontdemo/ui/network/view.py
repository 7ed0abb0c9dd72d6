"""The Network tab as HTML: the verdict on the limit, the layer table with its bars, the summary, the report's argument.

Pure functions from designs to text. The looks are in network.css.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from fontdemo.network.architectures import PARAMETER_LIMIT
from fontdemo.network.report_claims import CLAIMS, around_the_limit, tried
from fontdemo.network.what_if import Design, Row


def verdict(design: Design, name: str) -> str:
    """The network's parameters against the limit, or why there is no network. name: of the network, as a heading."""
    head = f"<h2>{escape(name)}</h2>"
    if design.problem:
        return (
            f'<section class="verdict verdict-wrong">{head}<p role="status">{escape(design.problem)}</p>'
            f"{_limit_bar([], 0)}</section>"
        )
    left = PARAMETER_LIMIT - design.total
    room = f"{left:,} below" if left >= 0 else f"{-left:,} over"
    most = design.largest
    return (
        f'<section class="verdict {"" if design.fits else "verdict-over"}">{head}'
        f'<p role="status"><b>{design.total:,} parameters</b>, {room} the limit of {PARAMETER_LIMIT:,}. '
        f"{escape(most.short)} holds {_percent(design.fraction(most))} of them.</p>"
        f"{_limit_bar(design.rows, design.total)}</section>"
    )


def tables(design: Design) -> str:
    """The layer table and the summary."""
    return f"{_layers(design)}{_summary(design)}"


def claims(alphabet: str) -> str:
    """The report's argument as a row of buttons with what each comes to; its place in CLAIMS is its data-index."""
    buttons = []
    for index, (claim, found) in enumerate(zip(CLAIMS, tried(alphabet), strict=True)):
        verdict = "fits" if found.fits else "too many"
        buttons.append(
            f'<button type="button" class="claim claim-{"fits" if found.fits else "over"}" data-index="{index}">'
            f"<b>{escape(claim.title)}</b><span>{_sizes(found)}</span>"
            f'<span class="claim-total">{found.total:,}<em>{verdict}</em></span>'
            f"<small>Report: {escape(claim.says)}</small></button>"
        )
    return (
        """<section class="claims"><h2>The report's argument</h2>"""
        f'<div class="claim-row">{"".join(buttons)}</div>{_finding(alphabet)}</section>'
    )


def kernels(alphabet: str) -> str:
    """The note on the report's listing and its tables, which disagree on the first kernel, with both computed."""
    designs = dict(zip((claim.title for claim in CLAIMS), tried(alphabet), strict=True))
    listing, table = designs[CLAIMS[-1].title], designs[CLAIMS[0].title]
    rows = "".join(
        f"<tr><th>{where}</th><td>{escape(found.rows[1].computation)}</td>"
        f"<td>{escape(found.rows[1].formula.split('; ')[0])}</td><td>{found.total:,}</td></tr>"
        for where, found in (("Listing: 9", listing), ("Tables: 10", table))
    )
    counted = table.rows[1].formula.split("; ")[0].rpartition("=")[2]
    return (
        '<section class="kernels"><h2>9 or 10?</h2>'
        "<p>The report's listing gives the first convolution a kernel of 9, its tables one of 10. Both give "
        "maps of the same size, so both run; only the parameter count tells them apart. "
        f"The report's summary says {counted} for this layer, which only 10 gives. So this network has 10.</p>"
        '<div class="design-scroll"><table><thead><tr><th>Kernel</th><th>Size</th><th>Parameters of Conv1</th>'
        f"<th>In all</th></tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _limit_bar(rows: Sequence[Row], total: int) -> str:
    """All parameters in one bar, a piece a layer, on a scale that the limit's mark stands on."""
    scale = max(total, PARAMETER_LIMIT)
    most = max((row.parameters for row in rows), default=0)
    pieces = "".join(
        f'<i class="{"most" if row.parameters == most else ""}" style="width:{100 * row.parameters / scale:.3f}%" '
        f'title="{escape(row.short)}: {row.parameters:,}"></i>'
        for row in rows
        if row.parameters
    )
    position = 100 * PARAMETER_LIMIT / scale
    return (
        f'<div class="limit"><div class="limit-bar" role="img" aria-label="{total:,} of {PARAMETER_LIMIT:,}">{pieces}'
        f'<u style="left:{position:.3f}%"></u></div><div class="limit-mark"><span style="right:{100 - position:.3f}%">'
        f"limit {PARAMETER_LIMIT:,}</span></div></div>"
    )


def _layers(design: Design) -> str:
    """The report's layer table, with the parameters of each layer and its share of them all."""
    body = "".join(_layer(design, row) for row in design.rows)
    total = "" if design.problem else f"{design.total:,}"
    return (
        '<table class="layers"><thead><tr><th>Layer</th><th>Computation</th><th>Size</th><th>Parameters</th>'
        f"<th>Share</th></tr></thead><tbody>{body}</tbody><tfoot><tr><th>All layers</th><td></td><td></td>"
        f"<td><b>{total}</b></td><td></td></tr></tfoot></table>"
    )


def _layer(design: Design, row: Row) -> str:
    if row.wrong:
        return f'<tr class="layer-wrong"><th>{escape(row.title)}</th><td colspan="4">{escape(row.wrong)}</td></tr>'
    if not row.size:
        return f'<tr class="layer-none"><th>{escape(row.title)}</th><td></td><td></td><td></td><td></td></tr>'
    count = fraction = ""
    if row.parameters:
        terms = "".join(f"<small>{escape(term)}</small>" for term in row.formula.split("; "))
        count = f"<b>{row.parameters:,}</b>{terms}"
        fraction = (
            f'<div class="share"><span class="bar"><i style="width:{100 * design.fraction(row):.2f}%"></i></span>'
            f"<span>{_percent(design.fraction(row))}</span></div>"
        )
    most = ' class="layer-most"' if row.parameters and row == design.largest else ""
    return (
        f"<tr{most}><th>{escape(row.title)}</th><td>{escape(row.computation)}</td>"
        f"<td>{escape(row.size)}</td><td>{count}</td><td>{fraction}</td></tr>"
    )


def _summary(design: Design) -> str:
    """The summary as the report's tool prints it; the frame stays, empty, where there is no network."""
    rows = "".join(
        f"<tr><td>{escape(row.layer)}</td><td>{list(row.out_shape)}</td><td>{row.parameters:,}</td></tr>"
        for row in design.summary
    )
    sizes = design.sizes
    below = [("Total params", f"{design.total + design.fixed:,}"), ("Trainable params", f"{design.total:,}")]
    below.append(("Non-trainable params", f"{design.fixed:,}"))
    if sizes is None:
        below = [("No network, no summary", "")]
    else:
        below += [
            ("Input size (MB)", f"{sizes.input:.2f}"),
            ("Forward/backward pass size (MB)", f"{sizes.passes:.2f}"),
            ("Params size (MB)", f"{sizes.parameters:.2f}"),
            ("Estimated Total Size (MB)", f"{sizes.total:.2f}"),
        ]
    listed = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in below)
    return (
        '<details class="summary"><summary>Summary, as torchsummary prints it</summary>'
        '<div class="design-scroll"><table>'
        "<thead><tr><th>Layer (type)</th><th>Output Shape</th><th>Param #</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div><dl>{listed}</dl></details>"
    )


def _sizes(design: Design) -> str:
    """Where the argument turns: the maps that are flattened, and FC1's width."""
    flattened = next(row for row in design.rows if row.short == "Flatten")
    fc1 = next(row for row in design.rows if row.short == "FC1")
    return f"{escape(flattened.computation.split(' → ')[0])} into {escape(fc1.size)}"


def _finding(alphabet: str) -> str:
    """Where our numbers and the report's last sentence on the limit part."""
    fitting, larger = around_the_limit(alphabet)
    return (
        f"<p>The report stops at 32×7×7. In fact {_sizes(fitting)} has {fitting.total:,} parameters, "
        f"{PARAMETER_LIMIT - fitting.total:,} below the limit; {_sizes(larger)}, with {larger.total:,}, is the first "
        "above it.</p>"
    )


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.0f} %" if fraction >= 0.0995 else f"{100 * fraction:.1f} %"
