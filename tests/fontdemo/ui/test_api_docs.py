"""docs/api.md: what it shows is run, word by word, against a served page; and what it lists is all that is public."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import torch

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.letters import picture
from tests.support.servers.pageserver import ROOT, serving_by

TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    weights = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    pretrained.save(Network("report-cnn"), weights / "report-cnn", "# A card for tests only\n")
    runs = tmp_path_factory.mktemp("runs")
    with serving_by("tests.support.servers.train_server", weights, runs) as found:
        yield found.rstrip("/")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where an example is run: with letter.png in it."""
    picture("K").save(tmp_path / "letter.png")
    return tmp_path


def example(language: str, url: str, about: str = "read") -> str:
    """The one block of code in this language about reading, or training, with the page's address in it."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    [block] = [block for block in blocks if ("train" in block) is (about == "train")]
    assert ADDRESS in block
    return str(block).replace(ADDRESS, url)


def test_the_example_in_python_runs(url: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", example("python", url)], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if not line.startswith("Loaded as API")]
    assert len(lines) == 5
    assert 0 < float(lines[0].split()[1]) <= 1
    assert lines[1].split(" ", 1)[1] == "dark ink" and lines[1][0].isupper()
    assert lines[2][0].isalnum() and lines[3][0].isalnum()
    assert lines[4] == "(16, 48, 48) float32"


def test_the_example_with_curl_runs(url: str, folder: Path) -> None:
    for program in ("curl", "jq", "bash"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", example("sh", url)], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line[6:])[0] for line in done.stdout.splitlines() if line.startswith("data: [")]
    assert [("seen" in answer, answer["network"]) for answer in answers] == [
        (False, "report-cnn"), (True, "report-cnn")
    ]  # fmt: skip
    assert re.sub(r"\s", "", done.stdout).endswith("[16,48,48]")


def test_the_example_of_training_in_python_runs(url: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", example("python", url, "train")], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if not line.startswith("Loaded as API")]
    name, digits, state, epochs, accuracy = lines[0].split()
    assert (name, state, epochs) == ("quick", "running", "2") and len(digits) == 8 and 0 <= float(accuracy) <= 1
    assert lines[1:] == ["stopping"]


def test_the_example_of_training_with_curl_runs(url: str, folder: Path) -> None:
    for program in ("curl", "jq", "bash"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", example("sh", url, "train")],
        cwd=folder, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    begun, ended = (json.loads(line) for line in done.stdout.splitlines())
    assert begun["run"] == ended["run"] and begun["run"].startswith("quick ")
    assert begun["state"] in ("waiting", "preparing", "running", "new") and ended["state"] in ("stopping", "stopped")


def test_what_it_lists_is_all_that_is_public(url: str) -> None:
    info = httpx.get(f"{url}/gradio_api/info", timeout=60).json()
    assert not info["unnamed_endpoints"]
    takes = {name: {part["parameter_name"] for part in one["parameters"]} for name, one in
             info["named_endpoints"].items()}  # fmt: skip
    rows = re.findall(r"^\| `(/\w+)` \| (.*?) \|", TEXT, re.MULTILINE)
    assert takes == {name: set(re.findall(r"`(\w+)`", given)) for name, given in rows}
    for name, one in info["named_endpoints"].items():
        assert all(f"{part}:" in one["description"] for part in takes[name]) or "as for /read" in one["description"]
    named = set(re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", TEXT, re.MULTILINE))
    assert set().union(*takes.values()) <= named
