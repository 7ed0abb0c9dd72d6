"""Rules of the house that no single module can keep: layout, arrows, pins, what may lie in git."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def imports(file: Path) -> set[str]:
    """Top-level names of the modules that a file imports, wherever in the file it does."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def front_matter() -> dict[str, str]:
    _, head, _ = (ROOT / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    return dict(re.findall(r"^(\w+): *(.*)$", head, re.MULTILINE))


def test_the_space_runs_the_gradio_that_is_pinned() -> None:
    pin = re.search(r"^gradio>=(\d+\.\d+)(\.\d+)?,<(\d+\.\d+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert pin is not None, "gradio must be pinned to one minor version"
    major, minor = pin[1].split(".")
    assert pin[3] == f"{major}.{int(minor) + 1}"
    assert front_matter()["sdk"] == "gradio"
    assert front_matter()["sdk_version"].startswith(pin[1] + ".")
    assert (ROOT / front_matter()["app_file"]).is_file()


def test_fontdemo_never_imports_train() -> None:
    assert [f.name for f in (ROOT / "fontdemo").rglob("*.py") if "train" in imports(f)] == []


def test_no_tab_computes_with_tensors() -> None:
    assert [f.name for f in (ROOT / "fontdemo" / "tabs").rglob("*.py") if "torch" in imports(f)] == []


def test_the_entry_point_is_short_and_imports_no_torch() -> None:
    source = (ROOT / "app.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) < 40
    check = "import sys, app; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True)


def test_packages_are_one_a_line() -> None:
    lines = (ROOT / "packages.txt").read_text(encoding="utf-8").splitlines()
    assert lines and len(set(lines)) == len(lines)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", line) for line in lines)


def test_binary_files_lie_only_where_they_may() -> None:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    names = [name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]
    assert names
    binary = [name for name in names if b"\0" in (ROOT / name).read_bytes()[:8192]]
    sample = "train/sample/sample.fd"
    allowed = ("weights/", "tests/data/", sample)
    assert [name for name in binary if not name.startswith(allowed)] == []
    assert [name for name in names if (ROOT / name).stat().st_size > (10e6 if name == sample else 5e6)] == []
    assert [name for name in names if name.endswith((".ttf", ".otf", ".woff", ".woff2", ".pt", ".pth", ".bin"))] == []


def test_the_readmes_tables_are_what_the_commands_wrote() -> None:
    """Nobody types a figure in: both results tables are rendered from results/ by the code that wrote them."""
    from train import benchmark_tables, reproduced
    from train.benchmark import Fooled, Row, Scores

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    report = json.loads((ROOT / "results" / "report.json").read_text(encoding="utf-8"))
    assert reproduced.table(report) in readme
    for line in reproduced.findings(report):
        assert f"- {line}" in readme
    measured = json.loads((ROOT / "results" / "benchmark.json").read_text(encoding="utf-8"))
    rows = [Row(**(row | {"scores": Scores(**row["scores"])})) for row in measured["rows"]]
    assert benchmark_tables.overview(rows) in readme
    assert benchmark_tables.table(rows) in readme
    assert benchmark_tables.fooled_table([Fooled(**one) for one in measured["nonsense"]]) in readme


def test_the_readmes_tree_names_every_module() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tree = readme.split("## What is where")[1].split("```")[1]
    named = set(re.findall(r"^ +([\w.]+\.py) ", tree, re.MULTILINE))
    modules = {file.name for folder in ("fontdemo", "train") for file in (ROOT / folder).rglob("*.py")}
    assert modules - {"__init__.py"} == named


def test_every_shipped_network_says_how_it_was_made_and_the_best_comes_first() -> None:
    from fontdemo import pretrained
    from fontdemo.networks import PARAMETER_LIMIT

    assert pretrained.default_name() == "best52"
    assert set(pretrained.shipped()) >= {"best52", "best62", "budget52", "report-cnn", "report-crnn"}
    for name in pretrained.shipped():
        card = (pretrained.WEIGHTS / name / "README.md").read_text(encoding="utf-8")
        assert "## How well it reads" in card and "python -m train" in card, name
        assert pretrained.load(name).parameter_count <= PARAMETER_LIMIT
