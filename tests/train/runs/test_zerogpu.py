"""train.runs.zerogpu: the loop in slices of a stand-in for `spaces`, which forks for each call as ZeroGPU does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fontdemo.errors import FontdemoError
from tests.support.training import SMALL, packed, small_recipe
from train.files import PROJECT
from train.loop.fit import Done
from train.runs import trainer, zerogpu
from train.runs.folder import RunFolder

STAND_IN = '''
import multiprocessing, os

def GPU(duration):
    """Runs each call in a forked process, as ZeroGPU does; notes what it was asked for."""
    def decorate(task):
        def call(*arguments):
            fork = multiprocessing.get_context("fork")
            answers = fork.SimpleQueue()
            child = fork.Process(target=lambda: answers.put(task(*arguments)))
            child.start()
            answer = answers.get()
            child.join()
            with open(os.environ["SLICE_NOTES"], "a") as notes:
                notes.write(f"{duration} {child.pid} {answer[0]}\\n")
            return answer
        return call
    return decorate
'''


@pytest.fixture
def zero_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment that says ZeroGPU, with the stand-in on the path; where the stand-in notes its calls."""
    home = tmp_path / "site"
    home.mkdir()
    (home / "spaces.py").write_text(STAND_IN)
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setenv("SLICE_NOTES", str(tmp_path / "notes"))
    monkeypatch.setenv("PYTHONPATH", f"{home}{os.pathsep}{PROJECT}")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.syspath_prepend(str(home))
    monkeypatch.delitem(sys.modules, "spaces", raising=False)
    return tmp_path / "notes"


def _numbers(folder: Path) -> list[dict[str, Any]]:
    clocks = ("seconds", "images_per_second", "memory")
    return [{k: v for k, v in row.items() if k not in clocks} for row in RunFolder(folder).metrics()]


def test_the_environment_decides(zero_gpu: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert zerogpu.needed("auto") and zerogpu.needed("cuda") and not zerogpu.needed("cpu")
    with pytest.raises(FontdemoError, match="ZeroGPU"):
        zerogpu.check_measurable("auto")
    monkeypatch.setenv("SPACES_ZERO_GPU", "")
    assert not zerogpu.needed("auto")
    monkeypatch.delenv("SPACES_ZERO_GPU")
    assert not zerogpu.needed("cuda")


def test_without_the_module_there_are_no_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "1")
    monkeypatch.setattr(zerogpu.importlib.util, "find_spec", lambda name: None)
    assert not zerogpu.needed("auto")


def test_a_run_in_slices_ends_with_the_numbers_of_an_unbroken_one(zero_gpu: Path, tmp_path: Path) -> None:
    recipe = small_recipe(options=SMALL | {"dropout": 0.3}, augmentation="affine", epochs=4)
    data = packed(tmp_path)
    for name in ("sliced", "whole"):
        RunFolder.create(tmp_path / name, recipe, data)
    program = (
        "import itertools, sys, types\nfrom train.runs import zerogpu\nfrom train.__main__ import main\n"
        # A clock that moves on by one at each step, so that a slice is nine steps on any machine.
        "zerogpu.time, zerogpu.WORK_SECONDS = types.SimpleNamespace(monotonic=itertools.count().__next__), 8.5\n"
        "sys.exit(main(['run', '--run', sys.argv[1], '--resume']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "sliced")], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    calls = [line.split() for line in zero_gpu.read_text().splitlines()]
    assert len(calls) == 4 and len({pid for _, pid, _ in calls}) == 4
    assert {seconds for seconds, _, _ in calls} == {"60"}
    assert [reason for _, _, reason in calls] == ["slice"] * 3 + ["finished"]
    assert RunFolder(tmp_path / "sliced").state()["status"] == "finished"
    assert done.stdout.count("Training takes") == 1
    trainer.execute(tmp_path / "whole")
    assert _numbers(tmp_path / "sliced") == _numbers(tmp_path / "whole")


def _answers(monkeypatch: pytest.MonkeyPatch, *answers: tuple[str, float, str]) -> None:
    left = iter(answers)
    monkeypatch.setattr(zerogpu, "decorated", lambda: lambda folder, pid: next(left))


def test_a_stop_between_slices_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _answers(monkeypatch, ("slice", 40.0, ""), ("slice", 80.0, ""))
    asked = iter([False, True])
    assert zerogpu.train_in_slices(tmp_path, lambda: next(asked)) == Done("stopped", 80.0)


def test_what_goes_wrong_in_a_slice_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _answers(monkeypatch, ("", 0.0, "the disk is full"))
    with pytest.raises(FontdemoError, match="the disk is full"):
        zerogpu.train_in_slices(tmp_path, lambda: False)
    reason, _, trouble = zerogpu.one_slice(str(tmp_path), 1)
    assert not reason and "no training run" in trouble


def test_a_stop_asked_for_inside_a_slice_is_no_slice_end(tmp_path: Path) -> None:
    RunFolder.create(tmp_path / "a", small_recipe(), packed(tmp_path), device="cpu")
    RunFolder(tmp_path / "a").ask_to_stop(77)
    assert zerogpu.one_slice(str(tmp_path / "a"), 77)[0] == "stopped"
    assert zerogpu.one_slice(str(tmp_path / "a"), 78)[0] == "finished"
