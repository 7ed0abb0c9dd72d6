"""The catalogue of the page's texts: each English one with its Korean, as in gettext; and where a browser gets it.

The texts come from templates, Python, Gradio's components and plain scripts, and the browser translates all of them in
one way: `translate.js` looks up what stands on the page. Gradio has a way of its own, gr.I18n, but it knows only the
texts of its own components, a tenth of ours, follows the browser's language and can't be switched by the visitor; two
mechanisms for one page would be one too many. In English nothing is loaded and nothing watches the page.

A key may have places for what changes: {0} for any text, which stays as it is; {0:n} for a number; {0:w} for one word;
{0:c} for a class's title, "T" or "C c"; {0:t} for a text that is looked up itself, and must be found. The Korean has
the same places, without their kinds, in its own order: {0}. Where a text means something else, the element it stands
in has a data-context, and the key is "context|text". The keys of the tabs about training are in train/ui/i18n,
since they belong to them.
"""

from __future__ import annotations

import json
from pathlib import Path

_HERE = Path(__file__).parent

#: What chooses the language, in the page's head.
SCRIPT = _HERE / "language.js"

#: The files of the catalogue; those of train, where it is there, too.
FILES = (_HERE / "ko.json", _HERE.parents[2] / "train" / "ui" / "i18n" / "ko.json")


def load() -> dict[str, str]:
    """The whole catalogue: English -> Korean."""
    texts: dict[str, str] = {}
    for file in FILES:
        if file.is_file():
            texts |= json.loads(file.read_text(encoding="utf-8"))
    return texts
