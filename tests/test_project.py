"""Rules of the house that no single module can keep: layout, arrows, pins, what may lie in git."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.codemap import code_map

ROOT = Path(__file__).parent.parent


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
    sample = "train/data/sample/sample.fd"
    allowed = ("weights/", "tests/data/", sample)
    assert [name for name in binary if not name.startswith(allowed)] == []
    assert [name for name in names if (ROOT / name).stat().st_size > (10e6 if name == sample else 5e6)] == []
    assert [name for name in names if name.endswith((".ttf", ".otf", ".woff", ".woff2", ".pt", ".pth", ".bin"))] == []


def test_the_guide_to_the_code_is_what_the_files_say() -> None:
    assert (ROOT / "docs" / "code.md").read_text(encoding="utf-8") == code_map(), "python -m tests.support.codemap"


def test_every_file_in_the_guide_says_what_it_is() -> None:
    listed = [line for line in code_map().splitlines() if re.match(r" *\S+\.(py|js|css)\b", line)]
    assert {line.split()[0].rpartition(".")[2] for line in listed} == {"py", "js", "css"}
    assert [line for line in listed if len(line.split()) < 4] == []


@pytest.mark.parametrize("package", ["glyph", "network", "reading"])
def test_a_package_says_where_to_start_and_names_its_modules(package: str) -> None:
    folder = ROOT / "fontdemo" / package
    text = (folder / "__init__.py").read_text(encoding="utf-8")
    modules = [file.stem for file in folder.glob("*.py") if file.stem != "__init__"]
    assert modules and [name for name in modules if f"{name}." not in text] == []
    for name, entry in re.findall(r"`(\w+)\.(\w+)`", text):
        assert re.search(rf"^(class|def) {entry}\b", (folder / f"{name}.py").read_text(encoding="utf-8"), re.MULTILINE)
    check = f"import sys, fontdemo.{package}; sys.exit('torch' in sys.modules or 'PIL' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True)


def test_every_module_has_a_test_file_at_its_own_path() -> None:
    modules = [path.relative_to(ROOT) for name in ("fontdemo", "train") for path in (ROOT / name).rglob("*.py")]
    without = [
        module.as_posix() for module in modules
        if module.name != "__init__.py"
        and not (ROOT / "tests" / module.parent / f"test_{module.stem.strip('_')}.py").is_file()
    ]  # fmt: skip
    assert without == []


def test_the_readme_is_short() -> None:
    assert (ROOT / "README.md").stat().st_size < 9000


def test_every_shipped_network_says_how_it_was_made_and_the_best_comes_first() -> None:
    from fontdemo.network import pretrained
    from fontdemo.network.architectures import PARAMETER_LIMIT

    assert pretrained.default_name() == "best52"
    assert set(pretrained.shipped()) >= {"best52", "best62", "budget52", "report-cnn", "report-crnn"}
    for name in pretrained.shipped():
        card = (pretrained.WEIGHTS / name / "README.md").read_text(encoding="utf-8")
        assert "## How well it reads" in card and "python -m train" in card, name
        assert pretrained.load(name).parameter_count <= PARAMETER_LIMIT
