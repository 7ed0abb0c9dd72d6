"""A packed data set and the fonts of this machine as HTML, as the report tells of its data. Pure functions.

All that comes from fonts and files is escaped here. The looks are in data.css.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from fontdemo.errors import without_paths
from fontdemo.ui.read.view import ink_image
from train.data.glyphset import PARTS
from train.data.packed import PackedSet
from train.fonts.survey import Survey

#: What the report prints of its data: training and validation images, and the shapes of a batch.
REPORT_COUNTS = {"train": 41_600, "valid": 15_600}
REPORT_BATCH = ((50, 1, 100, 100), (50,))

#: Glyphs on a page of the sheet, and refused faces on a list.
PAGE = 60
LISTED = 300

TITLES = {"train": "Training", "valid": "Validation", "test": "Test"}

#: How a split came about.
_SPLITS = {
    "families": "by families: no family is in two parts",
    "random": "at random, image by image, as the report's",
    "given": "as it was given",
}


def nothing(building: bool) -> str:
    """What is said while no data set is here. building: whether the page offers to make one."""
    more = "Build a small one here, or a larger one in the Train tab." if building else "The host has not made one yet."
    return f'<p class="data-none">There is no packed data set on this page yet. {more}</p>'


def trouble(error: Exception) -> str:
    """What is wrong, in the place of what was to be shown."""
    return f'<p class="data-none" role="alert">{escape(without_paths(str(error)))}</p>'


def facts(data: PackedSet, batch: tuple[tuple[int, ...], tuple[int, ...]]) -> str:
    """How many images there are in each part, and the shapes of a batch, beside the report's."""
    counts = [
        _line(f"print(len({part}_data))", f"{data.count(part):,}", data.count(part) == told, f"{told:,}")
        for part, told in REPORT_COUNTS.items()
    ]
    shapes = [
        _line(f"print({name}.shape)", _size(shape), shape == told, _size(told))
        for name, shape, told in zip(("image", "label"), batch, REPORT_BATCH, strict=True)
    ]
    about = data.about
    made = ", ".join(f"{name} {version}" for name, version in about.versions.items())
    details = [
        ("Alphabet", f"{about.alphabet.name}: {len(about.alphabet)} classes"), ("Layout", about.layout),
        ("Split", _SPLITS.get(about.split_rule, about.split_rule)), ("Seed", str(about.seed)),
        ("Packed file", f"{data.bytes / 1e6:.1f} MB"), ("Made with", made or "not told"),
    ]  # fmt: skip
    if about.notice:
        details.append(("Notice", about.notice))
    listed = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in details)
    return (
        f'<div class="data-facts"><ol class="data-code">{"".join(counts + shapes)}</ol>'
        f'<div><div class="data-scroll">{_parts(data)}</div><dl class="data-about">{listed}</dl></div></div>'
    )


def sheet(data: PackedSet, label: int | None, indices: Sequence[int], page: int) -> str:
    """A page (from 0) of the glyphs at `indices`, each with its family, and the buttons to the other pages."""
    pages = max(1, -(-len(indices) // PAGE))
    page = min(max(page, 0), pages - 1)
    shown = [int(index) for index in indices[page * PAGE : (page + 1) * PAGE]]
    what = "images" if label is None else f"images of “{escape(data.about.alphabet.title(label))}”"
    buttons = "".join(
        f'<button type="button" data-page="{to}"{"" if 0 <= to < pages else " disabled"} aria-label="{name}">{sign}'
        "</button>"
        for to, name, sign in ((page - 1, "Page before", "←"), (page + 1, "Next page", "→"))
    )
    head = (
        f'<header class="data-pages"><p role="status"><b>{len(indices):,}</b> {what}, page {page + 1} of {pages:,}</p>'
        f"{buttons}</header>"
    )
    if not shown:
        return f'{head}<p class="data-none">No face of this data set fits that search.</p>'
    tiles = "".join(
        _tile(data, index, image) for index, image in zip(shown, data.images(shown), strict=True)
    )
    return f'{head}<ol class="data-sheet">{tiles}</ol>'


def families(data: PackedSet, search: str) -> str:
    """The families of each part whose name holds `search`; whether any is on both sides."""
    wanted = search.strip().casefold()
    columns = []
    for part in PARTS:
        all_of_it = data.families(part)
        if not all_of_it:
            continue
        found = {name: count for name, count in all_of_it.items() if wanted in name.casefold()}
        names = "".join(
            f"<li>{escape(name)}{f' <i>{count}</i>' if count > 1 else ''}</li>" for name, count in found.items()
        )
        told = f"{len(found):,} of {len(all_of_it):,}" if wanted else f"{len(all_of_it):,}"
        columns.append(
            f'<section><h3>{TITLES[part]}: {told} families</h3><ul tabindex="0" aria-label="{TITLES[part]}">'
            f"{names or '<li>None.</li>'}</ul></section>"
        )
    both = data.keys("train") & (data.keys("valid") | data.keys("test"))
    told = (
        "No family is on both sides, nor two that share their glyphs: what is measured is how unseen faces are read."
        if not both
        else f"{len(both):,} families are on both sides: what is measured is in part how seen faces are read."
    )
    return f'<p class="data-note">{told}</p><div class="data-families">{"".join(columns)}</div>'


def bar(fraction: float | None, sentence: str, error: str = "") -> str:
    """How far a piece of work is; "" where none is under way and none came to nothing."""
    if error:
        return f'<p class="data-note data-wrong" role="alert">{escape(error)}</p>'
    if fraction is None:
        return ""
    return (
        f'<div class="data-work" role="progressbar" aria-valuenow="{100 * fraction:.0f}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-label="{escape(sentence)}"><p>{escape(sentence)} {100 * fraction:.0f} %</p>'
        f'<span class="bar"><i style="width:{100 * fraction:.1f}%"></i></span></div>'
    )


def survey(found: Survey | None, search: str, kind: str) -> str:
    """The faces of this machine: the usable by category, the refused by reason, and a list of those that are sought."""
    if found is None:
        return ""
    listed = found.find(search, kind)
    rows = "".join(
        f"<tr><td>{escape(face.name)}</td><td>{escape(face.file)}</td><td>{escape(face.reason)}</td></tr>"
        for face in listed[:LISTED]
    )
    more = f"<p>The first {LISTED:,} are listed; search for the others.</p>" if len(listed) > LISTED else ""
    return (
        f'<div class="data-survey"><section><h3>{found.faces:,} faces of {found.families:,} families can be used</h3>'
        f"{_bars(found.categories)}</section>"
        f"<section><h3>{len(found.refused):,} are refused, because they</h3>{_bars(found.reasons())}</section></div>"
        f'<p class="data-note" role="status">{len(listed):,} refused faces'
        f"{f' that {escape(kind)}' if kind else ''}{f' with “{escape(search.strip())}”' if search.strip() else ''}</p>"
        '<div class="data-scroll data-refused" tabindex="0" aria-label="Refused faces"><table><thead><tr><th>Face</th>'
        f"<th>File</th><th>Why</th></tr></thead><tbody>{rows}</tbody></table></div>{more}"
    )


def _line(code: str, value: str, same: bool, report: str) -> str:
    told = "as in the report" if same else f"the report: {report}"
    return f'<li><code>{code}</code><b>{value}</b><span class="{"data-same" if same else ""}">{told}</span></li>'


def _size(shape: Sequence[int]) -> str:
    return f"torch.Size([{', '.join(map(str, shape))}])"


def _parts(data: PackedSet) -> str:
    rows = []
    for number, part in enumerate(PARTS):
        faces = [data.about.faces[face] for face in np.unique(data.face[data.split == number]).tolist()]
        if faces:
            kinds = Counter(face.category or "unknown" for face in faces).most_common()
            rows.append(
                f"<tr><th>{TITLES[part]}</th><td>{data.count(part):,}</td><td>{len(faces):,}</td>"
                f"<td>{len(data.keys(part)):,}</td>"
                f"<td>{escape(', '.join(f'{count} {category}' for category, count in kinds))}</td></tr>"
            )
    return (
        '<table class="data-parts"><thead><tr><th>Part</th><th>Images</th><th>Faces</th><th>Families</th><th>Kinds</th>'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _tile(data: PackedSet, index: int, image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> str:
    face = data.about.faces[int(data.face[index])]
    part = PARTS[int(data.split[index])]
    title = data.about.alphabet.title(int(data.labels[index]))
    name = f"{face.family} {face.style}".strip()
    picture = ink_image(np.divide(image, 255, dtype=np.float32), f"{title} in {name}")
    return (
        f'<li data-label="{int(data.labels[index])}" data-part="{part}" title="{escape(name)}, {TITLES[part].lower()}">'
        f"{picture}<span>{escape(face.family)}</span></li>"
    )


def _bars(counts: Mapping[str, int]) -> str:
    most = max(counts.values(), default=1)
    rows = "".join(
        f"<li><span>{escape(name)}</span>"
        f'<span class="bar"><i style="width:{100 * count / most:.1f}%"></i></span><b>{count:,}</b></li>'
        for name, count in counts.items()
    )
    return f'<ol class="data-bars">{rows}</ol>'
