"""The command `invariance`: a line for each change of each network, and the sets that it refuses."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from fontdemo.alphabet import get_alphabet
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.training import CHARACTERS, SMALL, letter_set
from train.__main__ import main
from train.benchmark.invariance import CHANGES


def test_each_change_of_each_network_gets_a_line_and_all_together_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replace(letter_set(1), alphabet=get_alphabet("alnum62")).save(tmp_path / "letters.fd")
    for name in ("one", "two"):
        pretrained.save(Network("report-cnn", "course52", SMALL), tmp_path / name, "")
    words = ["--weights", str(tmp_path / "one"), str(tmp_path / "two"), "--faces", "1"]
    assert main(["invariance", "--data", str(tmp_path / "letters.fd"), *words]) == 0
    lines = [line.removeprefix(f"{tmp_path}/") for line in capsys.readouterr().out.splitlines()]
    found = [re.fullmatch(r"(.+): [\d.]+% of (\d+) get the same answer .+", line) for line in lines]
    wanted = [(change, len(CHARACTERS)) for change in CHANGES] + [("all of them", len(CHANGES) * len(CHARACTERS))]
    assert [(line[1], int(line[2])) for line in found if line] == [
        (f"{name}, {what}", count) for name in ("one", "two") for what, count in wanted
    ]


def test_a_set_without_all_characters_and_no_faces_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter_set().save(tmp_path / "few.fd")
    assert main(["invariance", "--data", str(tmp_path / "few.fd")]) == 1
    assert "alnum62" in capsys.readouterr().err
    assert main(["invariance", "--data", str(tmp_path / "few.fd"), "--faces", "0"]) == 1
    assert "--faces" in capsys.readouterr().err
