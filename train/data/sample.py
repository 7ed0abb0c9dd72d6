"""The data set that ships: 260 text faces of 52 classes, so that training works on any machine, with or without fonts.

It is made of fetched families only (`train.fonts.fontsource`), whose licences are known, so one command makes it again
anywhere. Its card, README.md beside it, says which, and lists every face with its licence.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np

from fontdemo.alphabet import get_alphabet
from fontdemo.errors import FontdemoError
from train.data.build import build
from train.data.glyphset import PARTS, GlyphSet
from train.fonts.category import LIST
from train.fonts.find import find_faces
from train.fonts.fontsource import LICENCES
from train.parallel import Progress

#: The set's name for people.
NAME = "Sample: 260 text faces"

#: Faces for training and for validation; no family is on both sides.
TRAIN, VALID = 200, 60

#: Greys kept of 256: the file is a third smaller (5.3 MB for 7.6).
LEVELS = 16

_CARD = """# The sample data set

{images:,} images of the {classes} classes of the alphabet `{alphabet}`, drawn from {faces} text faces, one size for all
(layout `{layout}`). No family is in both parts. Greys are rounded to {levels} levels.

- Training: {train}.
- Validation: {valid}.

Made by these two commands, the first of which fetches the fonts (`train/fonts/fontsource.txt` has their versions):

```
python -m train fonts --fetch
python -m train data sample -o train/data/sample/sample.fd --seed {seed}
```

Fingerprint `{fingerprint}`,
made with {versions}.
Another version of FreeType may round a grey otherwise.

## Faces

All are under licences that allow their use, change and passing on:
{licences}. The text of each licence is in the npm package named as source. The fonts are not part of this repository.

| Family | Style | Part | Licence | Source |
| --- | --- | --- | --- | --- |
{rows}
"""


def sample_file() -> Path:
    """Where the set lies."""
    return Path(__file__).with_name("sample") / "sample.fd"


def shipped() -> dict[str, Path]:
    """{name for people: file} of the data sets that ship."""
    return {NAME: sample_file()}


def sample_set() -> GlyphSet:
    """The set; FontdemoError if its file is missing or damaged."""
    return GlyphSet.load(sample_file())


def make(folder: Path, seed: int, progress: Progress | None = None, *, train: int = TRAIN, valid: int = VALID) -> (
    tuple[GlyphSet, str]
):  # fmt: skip
    """The set and its card, of the fetched fonts in `folder`; FontdemoError if there are too few.

    progress(done, all) counts font files.
    """
    sources = _sources(folder)
    alphabet = get_alphabet("course52")
    found = find_faces([folder], alphabet, progress=progress).faces
    allowed = [face for face in found if sources.get(face.path.name, ("",))[0] in LICENCES]
    drawn = build(allowed, alphabet, train=train, valid=valid, seed=seed)
    if drawn.notice:
        raise FontdemoError(f"There are too few fetched fonts. Run python -m train fonts --fetch first. {drawn.notice}")
    step = 255 // (LEVELS - 1)
    images = ((drawn.images.astype(np.uint16) + step // 2) // step * step).astype(np.uint8)
    glyphs = drawn.about().with_images(images, drawn.labels, drawn.face, drawn.split)
    return glyphs, _card(glyphs, sources)


def _sources(folder: Path) -> dict[str, tuple[str, str]]:
    """{font file: (licence, package and version)} of the list beside the fetched fonts."""
    try:
        with (folder / LIST).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        return {Path(r["file"]).name: (r["licence"], f"{r['package']} {r['version']}") for r in rows}
    except (OSError, KeyError):
        raise FontdemoError("There are no fetched fonts. Run python -m train fonts --fetch first.") from None


def _card(glyphs: GlyphSet, sources: dict[str, tuple[str, str]]) -> str:
    part_of = dict(zip(glyphs.face.tolist(), glyphs.split.tolist(), strict=True))
    rows, sides = [], {}
    for number, face in enumerate(glyphs.faces):
        licence, source = sources[face.file]
        rows.append(f"| {face.family} | {face.style} | {PARTS[part_of[number]]} | {licence} | {source} |")
    for number, part in enumerate(PARTS):
        faces = [face for at, face in enumerate(glyphs.faces) if part_of[at] == number]
        counts = Counter(f.category for f in faces).most_common()
        categories = ", ".join(f"{count} {category}" for category, count in counts)
        sides[part] = f"{len(faces)} faces of {len({f.key for f in faces})} families ({categories})"
    used = Counter(sources[face.file][0] for face in glyphs.faces).most_common()
    return _CARD.format(
        images=len(glyphs), classes=len(glyphs.alphabet), alphabet=glyphs.alphabet.name, faces=len(glyphs.faces),
        layout=glyphs.layout, train=sides["train"], valid=sides["valid"], levels=LEVELS, seed=glyphs.seed,
        fingerprint=glyphs.fingerprint(), versions=", ".join(f"{n} {v}" for n, v in glyphs.versions.items()),
        licences=", ".join(f"{name} ({count} faces)" for name, count in used), rows="\n".join(sorted(rows)),
    )  # fmt: skip
