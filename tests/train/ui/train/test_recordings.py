"""Recordings: a quick try and those of the networks that ship, found by name and drawn to be played."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fontdemo.errors import FontdemoError
from fontdemo.network.pretrained import shipped
from train.ui.train import recordings


def test_a_recording_is_of_a_network_that_ships_and_is_played() -> None:
    known = recordings.recordings()
    assert [one.name for one in known[:2]] == ["quick", "report"] and {one.name for one in known[2:]} <= set(shipped())
    assert [recordings.follows(one) for one in known] == [True, True] + [False] * (len(known) - 2)
    assert f" {known[0].epochs} epochs, " in known[0].sentence() and " seconds on " in known[0].sentence()
    assert "earlier run" not in known[0].sentence()
    assert "“The report's CNN” came of an earlier run of this recipe" in known[1].sentence()
    one = recordings.find(known, known[-1].name)
    assert one is known[-1] and str(one.epochs) in one.sentence()
    row = recordings.row(known, one.name)
    assert row.count("<button") == len(known) + 1 and row.count('aria-pressed="true"') == 1
    assert ">Quick try</button>" in row and ">The report&#39;s run</button>" in row
    assert ">The report&#39;s CNN</button>" in row
    assert recordings.row([], "") == "" or "<button" not in recordings.row([], "")
    first, second = recordings.curves(one, 1, False), recordings.curves(one, 2, False)
    assert "data-play" in first and first != second


def test_what_went_on_from_weights_that_read_already_says_so_and_comes_last() -> None:
    known = recordings.recordings()
    on = [one.name for one in known if one.goes_on]
    assert {"best52", "best62"} <= set(on) and [one.name for one in known][-len(on) :] == on
    said = recordings.find(known, "best52").sentence()
    assert "trained: 1 epoch, 28 minutes on" in said and "1 epochs" not in said
    assert "the last of several trainings" in said and "what people wrote and scanned. So its curve begins high" in said
    assert all("several trainings" not in one.sentence() for one in known if not one.goes_on)


def test_half_a_recording_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("quick", "quick.new", "quick.old"):
        shutil.copytree(recordings.RECORDED / "quick", tmp_path / name)
    monkeypatch.setattr(recordings, "RECORDED", tmp_path)
    assert [one.name for one in recordings.recordings() if one.folder.parent == tmp_path] == ["quick"]


@pytest.mark.parametrize("name", ["", "nobody", None, 3, ["best52"]])
def test_another_name_is_refused(name: object) -> None:
    with pytest.raises(FontdemoError):
        recordings.find(recordings.recordings(), name)
