"""A packed data set and the fonts of this machine as HTML, beside the report's figures. Pure functions.

The HTML is in train/ui/templates/data, its style in data.css.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from fontdemo.errors import without_paths
from fontdemo.ui.html import render
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
    "given": "as given",
}


def heading(title: str, text: str) -> str:
    """A part's heading, with a sentence below it."""
    return render("data/heading.html", title=title, text=text)


def nothing(building: bool) -> str:
    """What is said while no data set is here. building: whether the page offers to make one."""
    more = "Build a small one here, or a larger one in the Train tab." if building else "The host has not made one yet."
    return render("data/message.html", text=f"There is no packed data set on this page yet. {more}", alert=False)


def opening() -> str:
    """What is said before it is known which data sets are here."""
    return render("data/message.html", text="Opening the data set ...", alert=False)


def trouble(error: Exception) -> str:
    """What is wrong, in the place of what was to be shown."""
    return render("data/message.html", text=without_paths(str(error)), alert=True)


def facts(data: PackedSet, batch: tuple[tuple[int, ...], tuple[int, ...]]) -> str:
    """How many images there are in each part, and the shapes of a batch, beside the report's."""
    lines = [
        {"code": f"print(len({part}_data))", "value": f"{data.count(part):,}", "report": f"{report:,}"}
        for part, report in REPORT_COUNTS.items()
    ]
    lines += [
        {"code": f"print({name}.shape)", "value": _size(shape), "report": _size(report)}
        for name, shape, report in zip(("image", "label"), batch, REPORT_BATCH, strict=True)
    ]
    about = data.about
    made = ", ".join(f"{name} {version}" for name, version in about.versions.items())
    details = [
        ("Alphabet", f"{about.alphabet.name}: {len(about.alphabet)} classes"), ("Layout", about.layout),
        ("Split", _SPLITS.get(about.split_rule, about.split_rule)), ("Seed", str(about.seed)),
        ("Packed file", f"{data.bytes / 1e6:.1f} MB"), ("Made with", made or "unknown"),
    ]  # fmt: skip
    if about.notice:
        details.append(("Notice", about.notice))
    return render("data/facts.html", lines=lines, parts=_parts(data), details=details)


def sheet(data: PackedSet, label: int | None, indices: Sequence[int], page: int) -> str:
    """A page (from 0) of the glyphs at `indices`, each with its family, and the buttons to the other pages."""
    pages = max(1, -(-len(indices) // PAGE))
    page = min(max(page, 0), pages - 1)
    shown = [int(index) for index in indices[page * PAGE : (page + 1) * PAGE]]
    what = "images" if label is None else f"images of “{data.about.alphabet.title(label)}”"
    tiles = [_tile(data, index, image) for index, image in zip(shown, data.images(shown), strict=True)] if shown else []
    return render("data/sheet.html", images=len(indices), what=what, page=page, pages=pages, tiles=tiles)


def families(data: PackedSet, search: str) -> str:
    """The families of each part whose name holds `search`; whether any is on both sides."""
    wanted = search.strip().casefold()
    parts = []
    for part in PARTS:
        all_of_it = data.families(part)
        if all_of_it:
            found = {name: count for name, count in all_of_it.items() if wanted in name.casefold()}
            counted = f"{len(found):,} of {len(all_of_it):,}" if wanted else f"{len(all_of_it):,}"
            parts.append({"title": TITLES[part], "counted": counted, "found": found})
    both = data.keys("train") & (data.keys("valid") | data.keys("test"))
    return render("data/families.html", both=len(both), parts=parts)


def bar(fraction: float | None, sentence: str, error: str = "") -> str:
    """The progress of a piece of work, or its error; "" where none is running and none failed."""
    if error:
        return render("data/error.html", error=error)
    return "" if fraction is None else render("data/bar.html", fraction=fraction, sentence=sentence)


def survey(found: Survey | None, search: str, kind: str) -> str:
    """The faces of this machine: the usable by category, the refused by reason, and a list of those that are sought."""
    if found is None:
        return ""
    listed = found.find(search, kind)
    return render("data/survey.html", found=found, listed=listed, most=LISTED, kind=kind, search=search.strip())


def _size(shape: Sequence[int]) -> str:
    return f"torch.Size([{', '.join(map(str, shape))}])"


def _parts(data: PackedSet) -> list[dict[str, Any]]:
    """The rows of the table of parts."""
    rows = []
    for number, part in enumerate(PARTS):
        faces = [data.about.faces[face] for face in np.unique(data.face[data.split == number]).tolist()]
        if faces:
            categories = Counter(face.category or "unknown" for face in faces).most_common()
            rows.append({
                "title": TITLES[part], "images": data.count(part), "faces": len(faces),
                "families": len(data.keys(part)),
                "categories": ", ".join(f"{count} {category}" for category, count in categories),
            })  # fmt: skip
    return rows


def _tile(data: PackedSet, index: int, image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> dict[str, Any]:
    face = data.about.faces[int(data.face[index])]
    part = PARTS[int(data.split[index])]
    label = int(data.labels[index])
    name = f"{face.family} {face.style}".strip()
    picture = ink_image(np.divide(image, 255, dtype=np.float32), f"{data.about.alphabet.title(label)} in {name}")
    return {"label": label, "part": part, "face": name, "side": TITLES[part].lower(), "family": face.family,
            "picture": Markup(picture)}  # fmt: skip
