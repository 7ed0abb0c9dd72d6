"""The annotated tree of docs/code.md, made from what each file says of itself: python -m tests.support.codemap

It writes docs/code.md; `tests/test_project.py` fails where that file is not what this would write.
"""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

ROOT = Path(__file__).parents[2]

_HEAD = """# Guide to the code

How to guess where something is: the subject is the folder; how it looks is `ui/<tab>/`, with its script and style sheet
beside it and its HTML in `ui/templates/<tab>/`; its command is `train/cli/<command>.py`; its test has the same path
under `tests/`.

What may import what: `app` uses `train.ui`, that uses the rest of `train`, and all use `fontdemo`, which never imports
`train`. In `fontdemo`: glyph <- network <- reading <- ui. In `train`: fonts <- handwriting <- data <- loop <- runs <-
benchmark, reproduce, release, teach, tune <- cli, ui. Gradio is imported only below a folder named `ui`, torch never in
`glyph` nor below a `ui`. The contracts in `pyproject.toml` and `tests/test_imports.py` hold this.

This page is written by `python -m tests.support.codemap` from the first sentence of every file: of a
module's docstring, or of the comment at the head of a script or a style sheet.

"""


#: What is listed of each folder, in this order.
_KINDS = (".py", ".js", ".css")


def summary(file: Path) -> str:
    """The first sentence of a module's docstring, or of a script's or a style sheet's head comment; no full stop."""
    source = file.read_text(encoding="utf-8")
    text = ast.get_docstring(ast.parse(source)) or "" if file.suffix == ".py" else _head_comment(source)
    line = " ".join(text.split("\n\n")[0].split())
    return line.split(". ")[0].removesuffix(".")


def _head_comment(source: str) -> str:
    """The comment that `source` begins with, in lines of // or within /* and */; "" where there is none."""
    if source.startswith("//"):
        lines = itertools.takewhile(lambda line: line.startswith("//"), source.splitlines())
        return "\n".join(line.removeprefix("//").strip() for line in lines)
    if source.startswith("/*"):
        return "\n".join(line.strip(" *") for line in source[2:].partition("*/")[0].splitlines())
    return ""


def _lines(folder: Path, depth: int) -> list[str]:
    lines = []
    files = [file for file in folder.iterdir() if file.suffix in _KINDS and file.name != "__init__.py"]
    for file in sorted(files, key=lambda file: (_KINDS.index(file.suffix), file.name)):
        lines.append(f"{'  ' * depth + file.name:<28} {summary(file)}")
    for inner in sorted(path for path in folder.iterdir() if (path / "__init__.py").is_file()):
        about = summary(inner / "__init__.py")
        lines.append(f"{'  ' * depth + inner.name + '/':<28} {about}".rstrip())
        lines += _lines(inner, depth + 1)
    return lines


def code_map() -> str:
    """The whole text of docs/code.md."""
    tree = [f"{'app.py':<28} {summary(ROOT / 'app.py')}"]
    for name in ("fontdemo", "train"):
        tree += [f"{name + '/':<28} {summary(ROOT / name / '__init__.py')}", *_lines(ROOT / name, 1)]
    return f"{_HEAD}```\n" + "\n".join(tree) + "\n```\n"


if __name__ == "__main__":
    (ROOT / "docs" / "code.md").write_text(code_map(), encoding="utf-8")
