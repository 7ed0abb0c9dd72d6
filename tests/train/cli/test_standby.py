"""The command `standby`: the sample is read once, beforehand, and the run that comes is trained on it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.training import packed, small_recipe
from train.__main__ import main
from train.cli import standby
from train.data.glyphset import GlyphSet
from train.run_state import RunState
from train.runs.folder import RunFolder

pytestmark = pytest.mark.usefixtures("signals_put_back")


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the command does, in order; the sample is a small one."""
    file, found = packed(tmp_path), list[str]()
    load = GlyphSet.load

    def loaded(path: Path) -> GlyphSet:
        found.append(f"read {path.name}")
        return load(path)

    monkeypatch.setattr(standby, "sample_file", lambda: file)
    monkeypatch.setattr(standby, "keep_memory", lambda: found.append("keep memory"))
    monkeypatch.setattr(GlyphSet, "load", staticmethod(loaded))
    return found


def waits(done: list[str], monkeypatch: pytest.MonkeyPatch, folder: Path | None) -> None:
    """Have the command wait for this folder."""

    def wait(recipes: Iterable[str], idle: float) -> Path | None:
        done.append(f"wait {idle:g} s, measure {' '.join(recipes)}")
        return folder

    monkeypatch.setattr(standby, "wait_for_run", wait)


def test_a_run_on_the_sample_is_trained_without_reading_it_again(
    tmp_path: Path, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder.create(tmp_path / "a", small_recipe(epochs=1), tmp_path / "small.npz", device="cpu")
    waits(done, monkeypatch, run.path)
    assert main(["standby", "quick", "report", "--idle", "7"]) == 0
    assert done == ["keep memory", "read small.npz", "wait 7 s, measure quick report"]
    assert run.state()["status"] == RunState.FINISHED and run.plan().fingerprint


def test_a_run_on_other_data_is_trained_on_that(
    tmp_path: Path, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    other = packed(tmp_path / "other", seed=4).rename(tmp_path / "other.npz")
    fingerprint = GlyphSet.load(other).fingerprint()
    done.clear()
    run = RunFolder.create(tmp_path / "a", small_recipe(epochs=1), other, device="cpu")
    waits(done, monkeypatch, run.path)
    assert main(["standby"]) == 0
    assert done[-1] == "read other.npz" and run.plan().fingerprint == fingerprint


def test_where_no_run_comes_nothing_is_trained(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    waits(done, monkeypatch, None)
    monkeypatch.setattr(standby, "execute", None)
    assert main(["standby"]) == 0


def test_only_recipes_that_there_are_can_be_measured(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["standby", "no-such-recipe"])
    assert "no-such-recipe" in capsys.readouterr().err
