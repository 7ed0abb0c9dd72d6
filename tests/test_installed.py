"""The wheel: what is in it, and that an installed copy can be imported anywhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from tests.support.servers.pageserver import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        new_enough = int(version("setuptools").split(".")[0]) >= 77
    except PackageNotFoundError:
        new_enough = False
    if not new_enough:
        pytest.skip("setuptools 77 or newer is not here to build with")
    # A copy, since building leaves its traces beside the sources.
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE", "requirements.txt"):
        shutil.copy(ROOT / name, source)
    for name in ("fontdemo", "train", "weights", "tests"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "metrics.jsonl"))
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "--no-index", "-q",
         "-w", str(made)], cwd=source, check=True,
    )  # fmt: skip
    return next(made.glob("*.whl"))


def test_the_wheel_holds_both_packages_with_their_assets_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = {
        file.relative_to(ROOT).as_posix()
        for package in ("fontdemo", "train")
        for file in (ROOT / package).rglob("*")
        if file.suffix in (".py", ".css", ".js", ".html", ".txt", ".json")
        or (file.parent.name == "sample" and file.is_file())
    }
    assert names == wanted
    assert {Path(name).suffix for name in names} >= {".py", ".css", ".js", ".txt"}


def test_an_installed_copy_reads_a_drawing(wheel: Path, tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(tmp_path), str(wheel)], check=True)
    program = """
import fontdemo, sys
assert "torch" not in sys.modules and "PIL" not in sys.modules
from fontdemo import Network, Reader, from_drawing, from_picture
reading = Reader(Network()).read(from_drawing([[[0.2, 0.2], [0.8, 0.8]]]))
print(fontdemo.__file__, len(reading.probabilities))
import train.__main__
print(train.__file__)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"{tmp_path}/fontdemo/__init__.py 52\n{tmp_path}/train/__init__.py\n"


def test_what_is_not_there_is_an_attribute_error() -> None:
    import fontdemo

    assert {"Network", "Reader", "from_drawing", "from_picture"} <= set(dir(fontdemo))
    with pytest.raises(AttributeError, match="no attribute 'Radar'"):
        fontdemo.Radar  # noqa: B018


def test_model_cards_name_an_import_that_works() -> None:
    from fontdemo.network.pretrained import shipped

    for name in shipped():
        text = (ROOT / "weights" / name / "README.md").read_text(encoding="utf-8")
        assert re.findall(r"^from fontdemo.*", text, re.MULTILINE) == ["from fontdemo import Network"], name
