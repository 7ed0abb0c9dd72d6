"""What may import what, where an import-linter contract does not fit: third parties by the room they are allowed in."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(file for package in ("fontdemo", "train") for file in (ROOT / package).rglob("*.py"))


def imports(file: Path) -> set[str]:
    """Top-level names of the modules that a file imports, wherever in the file it does."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def using(package: str) -> Iterator[Path]:
    """The modules that import `package`, as paths below the project."""
    return (file.relative_to(ROOT) for file in MODULES if package in imports(file))


def test_gradio_is_imported_only_below_a_ui() -> None:
    users = list(using("gradio"))
    assert users and [str(file) for file in users if "ui" not in file.parts] == []


def test_torch_is_never_imported_below_a_ui() -> None:
    assert [str(file) for file in using("torch") if "ui" in file.parts] == []


def test_arguments_are_parsed_only_by_commands() -> None:
    allowed = {"cli", "__main__.py"}
    assert [str(file) for file in using("argparse") if not allowed & set(file.parts)] == []


def test_no_folder_and_no_file_holds_two_subjects() -> None:
    files = [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))]
    folders: dict[Path, int] = {}
    for file in files:
        folders[file.parent] = folders.get(file.parent, 0) + 1
    assert {str(folder): count for folder, count in folders.items() if count > 12} == {}
    lengths = {str(file): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert {file: lines for file, lines in lengths.items() if lines > 280} == {}


def test_the_contracts_hold() -> None:
    pytest.importorskip("importlinter")
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
