"""The short form of what tests/load/ does by hand: a few hundred cases of everything cheap, and a few damaged runs."""

from __future__ import annotations

import random
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.load.cases.targets import TARGETS
from tests.load.damage import damaged
from tests.load.fuzz import fuzz
from tests.support.servers.pageserver import ROOT

CHEAP = sorted(set(TARGETS) - {"fonts", "readings"})


@pytest.fixture(autouse=True)
def _decoders_may_warn() -> Iterator[None]:
    """Pillow warns of what is odd in a file, as it should."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("name", CHEAP)
def test_spoilt_data_ends_in_our_own_errors(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert fuzz(name, 200, seed=0) == 0, capfd.readouterr().out


def test_a_few_whole_pictures_are_read_whatever_they_show(capfd: pytest.CaptureFixture[str]) -> None:
    assert fuzz("readings", 25, seed=0) == 0, capfd.readouterr().out


def test_the_page_shows_what_is_left_of_a_damaged_run(tmp_path: Path) -> None:
    assert damaged(tmp_path, 6, random.Random(0)).startswith("damage: 6 cases")


def test_odd_values_in_every_event_end_in_an_answer_or_a_sentence() -> None:
    """In a process of its own: the page that is built there is never served."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.load.fuzz_events", "--cases", "180", "--seed", "0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
