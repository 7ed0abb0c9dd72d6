"""The process that stands by: the sample is read once, beforehand, and the run that comes is trained on it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.support.training import packed, small_recipe
from train.cli import standby
from train.cli.standby import main
from train.data.glyphset import GlyphSet
from train.files import PROJECT
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
    monkeypatch.setattr(standby.memory, "keep", lambda: found.append("keep memory"))
    monkeypatch.setattr(standby.memory, "give_back", lambda: found.append("give memory back"))
    monkeypatch.setattr(GlyphSet, "load", staticmethod(loaded))
    return found


def waits(done: list[str], monkeypatch: pytest.MonkeyPatch, folder: Path | None) -> None:
    """Have the command wait for this folder."""

    def wait(recipes: Iterable[str], idle: float | None, measured: Callable[[], object]) -> Path | None:
        done.append(f"measure {' '.join(recipes)}, wait {idle}")
        measured()
        return folder

    monkeypatch.setattr(standby, "wait_for_run", wait)


def test_a_run_on_the_sample_is_trained_without_reading_it_again(
    tmp_path: Path, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder.create(tmp_path / "a", small_recipe(epochs=1), tmp_path / "small.npz", device="cpu")
    waits(done, monkeypatch, run.path)
    assert main(["quick", "report"]) == 0
    assert done == ["keep memory", "read small.npz", "measure quick report, wait 600.0", "give memory back"]
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
    assert main([]) == 0
    assert done[-1] == "read other.npz" and run.plan().fingerprint == fingerprint


def test_where_no_run_comes_nothing_is_trained(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    waits(done, monkeypatch, None)
    monkeypatch.setattr(standby, "execute", None)
    assert main(["quick", "--kept"]) == 0
    assert "measure quick, wait None" in done  # until the page is gone


def test_only_recipes_that_there_are_can_be_measured(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["no-such-recipe"])
    assert "no-such-recipe" in capsys.readouterr().err


def test_it_loads_no_more_than_training_needs() -> None:
    """Whoever presses Start early waits for what it loads."""
    code = "import sys, train.cli.standby; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert "torch" in loaded.stdout.split()
    assert not {"gradio", "scipy", "matplotlib", "optuna", "skimage", "pandas"} & set(loaded.stdout.split())
