"""The Space's front matter and the Dockerfile, as far as they can be checked without a Hub and without Docker."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.load.image import ignored, instructions, steps

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
HOSTING = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")

#: What the Hub takes as a colour, and how long a short description may be.
COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
LONGEST = 60


def front_matter() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(README.split("---\n", 2)[1])
    return found


def test_the_front_matter_is_what_the_hub_takes() -> None:
    head = front_matter()
    known = {"title", "emoji", "colorFrom", "colorTo", "sdk", "sdk_version", "python_version", "app_file", "license",
             "short_description", "tags", "header", "hf_oauth", "hf_oauth_scopes"}  # fmt: skip
    assert set(head) == known
    assert head["header"] in ("mini", "default")
    # The least that lets a visitor push a network: to make repositories, and to write to those alone.
    assert head["hf_oauth"] is True and head["hf_oauth_scopes"] == ["contribute-repos"]
    assert {head["colorFrom"], head["colorTo"]} <= set(COLOURS)
    assert head["python_version"] in ("3.10.13", "3.12.12")  # the two that ZeroGPU documents
    assert len(head["short_description"]) <= LONGEST
    assert all(re.fullmatch(r"[a-z0-9-]+", tag) for tag in head["tags"]) and len(set(head["tags"])) == len(head["tags"])


def test_each_step_of_the_dockerfile_finds_what_it_needs() -> None:
    assert {word for word, _ in steps()} <= {
        "FROM", "WORKDIR", "RUN", "COPY", "ARG", "USER", "ENV", "VOLUME", "EXPOSE", "CMD"
    }  # fmt: skip
    assert len((ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()) <= 25
    there: set[str] = set()
    for word, rest in steps():
        if word == "COPY":
            *sources, target = shlex.split(rest)
            assert target in (".", "./") and all((ROOT / source).exists() for source in sources)
            assert not any(ignored(source) for source in sources if source != ".")
            there |= set(sources)
        for needed in re.findall(r"\b\w+\.(?:txt|lock)\b", rest if word == "RUN" else ""):
            assert needed in there, f"{needed} is used before it is copied"
    command = json.loads(instructions("CMD")[0])
    assert (ROOT / command[-1]).is_file() and "." in there


def test_its_commands_are_those_of_the_readme() -> None:
    [line] = re.findall(r"^(python3 -m venv .*) && (.venv/bin/python app\.py)$", README, re.MULTILINE)
    install, serve = line
    assert install in instructions("RUN")
    assert shlex.join(json.loads(instructions("CMD")[0])) == serve
    assert any("xargs apt-get install" in run and "packages.txt" in run for run in instructions("RUN"))


def test_it_serves_what_the_guide_to_hosting_says() -> None:
    settings = dict(pair.split("=") for pair in instructions("ENV")[0].split())
    assert settings["GRADIO_SERVER_NAME"] == "0.0.0.0" and instructions("EXPOSE") == ["7860"]
    assert settings["FONTDEMO_RUNS"].startswith(instructions("VOLUME")[0] + "/")
    assert instructions("USER") == ["page"]
    [command] = re.findall(r"^# .*?: (docker build .*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert command in HOSTING
    for name in settings:
        assert f"| `{name}` |" in HOSTING


def test_the_image_holds_the_program_and_nothing_private() -> None:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    needed = [name for name in listed.split("\0") if name.startswith(("fontdemo/", "train/", "weights/"))]
    assert len(needed) > 100
    assert [name for name in [*needed, "app.py", "requirements.txt", "packages.txt"] if ignored(name)] == []
    for name in (".git/config", ".venv/bin/python", "runs/one/recipe.json", "data/a.fd", ".env", "tests/conftest.py",
                 "fontdemo/__pycache__/errors.cpython-311.pyc", ".mypy_cache/x", ".gradio/x"):  # fmt: skip
        assert ignored(name), name


def test_the_page_starts_without_what_only_some_of_it_needs() -> None:
    """A cold start is what the first visitor waits for. (Pandas is Gradio's own doing.)"""
    slow = ("optuna", "matplotlib", "fontTools", "scipy", "skimage", "sklearn", "sympy", "torch._dynamo", "sqlalchemy")
    code = (
        "import gc, sys\ncollected = []\ngc.callbacks.append(lambda *what: collected.append(what))\n"
        "import gradio\ngradio.Blocks.launch = lambda *_, **__: print(len(collected) - loaded, gc.isenabled())\n"
        "import app\nloaded = len(collected)\nassert app.main() == 0\n"
        f"print([name for name in {slow} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    collections, needless = done.stdout.splitlines()[-2:]
    count, collects_again = collections.split()
    assert int(count) < 10 and collects_again == "True"  # hundreds while the page is made took a quarter of the time
    assert needless == "[]"


def variables() -> set[str]:
    """The variables of the page's own that its code asks for."""
    found: set[str] = set()
    for file in [ROOT / "app.py", *(ROOT / "fontdemo").rglob("*.py"), *(ROOT / "train").rglob("*.py")]:
        found |= set(re.findall(r"""["'](FONTDEMO_[A-Z_]+)["']""", file.read_text(encoding="utf-8")))
    return found


def test_the_table_of_settings_is_true() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$", HOSTING, re.MULTILINE)
    names = [name for name, _, _ in rows]
    assert len(set(names)) == len(names)
    assert {name for name in names if name.startswith("FONTDEMO_")} == variables()
    assert all(re.fullmatch(r"[^|]{4,}", cell) or cell == "off" for _, *cells in rows for cell in cells)
    # Nothing else is said of a variable that there is not.
    texts = [HOSTING, README, *(file.read_text(encoding="utf-8") for file in (ROOT / "docs").glob("*.md"))]
    told_of = {name for text in texts for name in re.findall(r"\bFONTDEMO_[A-Z_]+\b", text)}
    assert told_of <= variables() | {"FONTDEMO_CLOCK", "FONTDEMO_ALL_DRAWINGS"}


def pins(lock: str) -> dict[str, list[tuple[str, int]]]:
    """{library: its versions, each with how many hashes it has} of a lock file."""
    found: dict[str, list[tuple[str, int]]] = {}
    for block in re.split(r"\n(?=\S)", (ROOT / lock).read_text(encoding="utf-8")):
        if not block.startswith("#"):
            [(name, version)] = re.findall(r"^([\w.-]+)==([\w.]+)", block)
            found.setdefault(name, []).append((version, block.count("--hash=sha256:")))
    return found


@pytest.mark.parametrize(("lock", "ranges"), [
    ("requirements.lock", ["requirements.txt"]), ("requirements-dev.lock", ["requirements.txt", "requirements-dev.txt"])
])  # fmt: skip
def test_the_locked_versions_are_within_the_ranges_and_have_hashes(lock: str, ranges: list[str]) -> None:
    locked = pins(lock)
    assert all(hashes for versions in locked.values() for _, hashes in versions)
    lines = [line for file in ranges for line in (ROOT / file).read_text(encoding="utf-8").splitlines()]
    for wanted in map(Requirement, (line for line in lines if line and not line.startswith(("-r", "#")))):
        versions = locked.get(canonicalize_name(wanted.name), [])
        # Which build of torch is right depends on the machine, and each has hashes of its own.
        assert bool(versions) == (wanted.name != "torch"), wanted.name
        assert all(wanted.specifier.contains(version) for version, _ in versions), wanted.name
    assert not any(name.startswith(("nvidia-", "cuda-", "triton")) for name in locked)


def test_the_image_takes_all_but_torch_from_the_lock() -> None:
    runs = instructions("RUN")
    assert any("--require-hashes -r requirements.lock" in run for run in runs)
    [torch] = [number for number, run in enumerate(runs) if "grep ^torch requirements.txt" in run]
    [lock] = [number for number, run in enumerate(runs) if "requirements.lock" in run]
    [rest] = [number for number, run in enumerate(runs) if run.endswith("-r requirements.txt")]
    assert torch < lock < rest
