"""train.runs.start.room: which runs go for a new one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.train.test_access import ANN, BOB, HOST, OPEN
from tests.train.ui.train.test_tab import make_run
from train.access import Access, NotAllowedError
from train.runs import jobs
from train.runs.start import room


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def aged(root: Path, name: str, age: int, rights: Access, status: str = "stopped") -> Path:
    folder = make_run(root, name, status=status)
    rights.claim(folder)
    plan = json.loads((folder / "recipe.json").read_text())
    (folder / "recipe.json").write_text(json.dumps(plan | {"created": 1e9 - age}))
    return folder


def test_the_oldest_visitors_runs_that_ended_make_room(root: Path) -> None:
    aged(root, "host's oldest", 9, OPEN.of(HOST))
    aged(root, "running", 8, OPEN.of(ANN), "running")
    aged(root, "old", 7, OPEN.of(ANN))
    aged(root, "less old", 6, OPEN.of(BOB), "finished")
    aged(root, "new", 5, OPEN.of(ANN))
    room.make_room(root, 6)
    assert len(jobs.all_runs(root)) == 5
    room.check_room(root, 4)
    assert len(jobs.all_runs(root)) == 5
    room.make_room(root, 4)
    assert [found.name for found in jobs.all_runs(root)] == ["new", "running", "host's oldest"]
    with pytest.raises(NotAllowedError, match="keeps at most"):
        room.make_room(root, 2)
    with pytest.raises(NotAllowedError, match="keeps at most"):
        room.check_room(root, 2)
    assert len(jobs.all_runs(root)) == 3


def test_who_starts_and_stops_again_and_again_drives_out_no_ones_network(root: Path) -> None:
    folder = aged(root, "oldest", 9, OPEN.of(ANN))
    pretrained.save(Network(), folder / "best", "")
    for age in (3, 2, 1):
        aged(root, f"stopped at once {age}", age, OPEN.of(BOB))
    room.make_room(root, 3)
    assert {found.name for found in jobs.all_runs(root)} == {"oldest", "stopped at once 1"}


def test_who_trains_again_and_again_drives_out_their_own_runs(root: Path) -> None:
    for age, name, whose in ((9, "oldest", ANN), (4, "one", BOB), (3, "two", BOB), (2, "three", BOB)):
        pretrained.save(Network(), aged(root, name, age, OPEN.of(whose), "finished") / "best", "")
    room.make_room(root, 3)
    assert {found.name for found in jobs.all_runs(root)} == {"oldest", "three"}
    room.make_room(root, 2)  # of visitors who have as many, the oldest
    assert {found.name for found in jobs.all_runs(root)} == {"three"}
