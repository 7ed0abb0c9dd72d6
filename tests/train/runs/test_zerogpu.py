"""train.runs.zerogpu: the loop in slices of a stand-in for `spaces`, which forks for each call as ZeroGPU does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from fontdemo.errors import FontdemoError
from tests.support.training import SMALL, packed, small_recipe
from train.files import PROJECT
from train.loop.recipe import get_recipe
from train.run_state import RunState
from train.runs import jobs, trainer, zerogpu
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
                notes.write(f"{duration(*arguments)} {child.pid} {answer[0]}\\n")
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
    assert zerogpu.slices() is not None
    monkeypatch.setenv("SPACES_ZERO_GPU", "")
    assert not zerogpu.needed("auto")
    monkeypatch.delenv("SPACES_ZERO_GPU")
    assert not zerogpu.needed("cuda") and zerogpu.slices() is None


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
        "import itertools, sys, types\nfrom pathlib import Path\nfrom train.runs import jobs, zerogpu\n"
        "folder, mine = Path(sys.argv[1]), lambda folder: True\n"
        "slices = zerogpu.slices()\nassert slices.take_over(folder) and jobs.status(folder).alive\n"
        # A clock that moves on by one at each step, so that a slice is nine steps on any machine.
        "zerogpu.time = types.SimpleNamespace(monotonic=itertools.count().__next__)\n"
        "zerogpu.LEAST, zerogpu.MARGIN = zerogpu.MOST, zerogpu.MOST - 8.5\n"
        "while wanted := slices.wanted(mine): slices.train(wanted, mine)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "sliced")], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    calls = [line.split() for line in zero_gpu.read_text().splitlines()]
    assert len(calls) == 4 and len({pid for _, pid, _ in calls}) == 4
    assert [state for _, _, state in calls] == ["running"] * 3 + ["finished"]
    assert RunFolder(tmp_path / "sliced").state()["status"] == "finished"
    assert (tmp_path / "sliced" / "log.txt").read_text().count("Training takes") == 1
    trainer.execute(tmp_path / "whole")
    assert _numbers(tmp_path / "sliced") == _numbers(tmp_path / "whole")


class Card:
    """Answers the calls of a `Slices` one after the other; an answer that is an exception is raised."""

    def __init__(self, *answers: zerogpu.Answer | Exception) -> None:
        self.answers, self.now = list(answers), 0.0
        self.slices = zerogpu.Slices(self, lambda: self.now)

    def __call__(self, folder: str, pid: int) -> zerogpu.Answer:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def everyone(folder: Path) -> bool:
    return True


def no_one(folder: Path) -> bool:
    return False


@pytest.fixture
def run(tmp_path: Path) -> Path:
    RunFolder.create(tmp_path / "a", small_recipe(), packed(tmp_path))
    return tmp_path / "a"


def test_a_run_waits_between_its_slices_and_each_is_trained_once(run: Path) -> None:
    card = Card((RunState.RUNNING, 40.0, ""), (RunState.FINISHED, 80.0, ""))
    assert card.slices.take_over(run) and jobs.status(run).status == RunState.RUNNING
    first = card.slices.wanted(everyone)
    card.slices.train(first, no_one)
    card.slices.train("7 a", everyone)
    assert len(card.answers) == 2
    card.slices.train(first, everyone)
    card.slices.train(first, everyone)  # a second tab of the same browser
    assert len(card.answers) == 1 and jobs.active(run.parent) is not None
    second = card.slices.wanted(everyone)
    assert second not in ("", first) and card.slices.wanted(no_one) == ""
    card.slices.train(second, everyone)
    assert jobs.status(run).status == RunState.FINISHED and card.slices.wanted(everyone) == ""


def test_a_run_whose_browser_has_gone_stops_and_can_be_resumed(run: Path) -> None:
    card = Card((RunState.RUNNING, 40.0, ""))
    card.slices.take_over(run)
    for card.now in (50.0, 100.0):
        assert card.slices.wanted(everyone)
        card.slices.drop_gone()
    assert jobs.status(run).status == RunState.RUNNING
    card.now = 100.0 + zerogpu.GONE + 1
    card.slices.drop_gone()
    assert jobs.status(run).status == RunState.STOPPED and card.slices.wanted(everyone) == ""
    jobs.resume(run, card.slices.take_over)
    assert card.slices.wanted(everyone)


def test_a_stop_between_slices_ends_the_run(run: Path) -> None:
    for end in (zerogpu.Slices.drop_gone, lambda slices: slices.train(slices.wanted(everyone), everyone)):
        card = Card()
        jobs.resume(run, card.slices.take_over)
        jobs.stop(run)
        end(card.slices)
        assert jobs.status(run).status == RunState.STOPPED and not (run / "stop").exists()


def test_where_no_card_is_lent_the_run_stops_and_says_why(run: Path) -> None:
    card = Card(ValueError("You have exceeded your quota (60s requested vs. 3s left)."))
    card.slices.take_over(run)
    with pytest.raises(ValueError, match="quota"):
        card.slices.train(card.slices.wanted(everyone), everyone)
    status = jobs.status(run)
    assert status.status == RunState.STOPPED and status.resumable and "60s requested" in status.log_tail


def test_what_goes_wrong_in_a_slice_is_reported(run: Path, tmp_path: Path) -> None:
    card = Card((RunState.FAILED, 0.0, "the disk is full"))
    card.slices.take_over(run)
    with pytest.raises(FontdemoError, match="the disk is full"):
        card.slices.train(card.slices.wanted(everyone), everyone)
    assert jobs.status(run).status == RunState.CRASHED and jobs.status(run).message == "the disk is full"
    state, _, trouble = zerogpu.one_slice(str(tmp_path), 1)
    assert state == RunState.FAILED and "no training run" in trouble


def test_a_run_that_another_process_trains_is_left_to_it(run: Path) -> None:
    card = Card()
    card.slices.take_over(run)
    with FileLock(run / "lock"), pytest.raises(FontdemoError, match="by another process"):
        card.slices.train(card.slices.wanted(everyone), everyone)


def test_a_run_for_the_cpu_is_not_taken_over(tmp_path: Path) -> None:
    RunFolder.create(tmp_path / "a", small_recipe(), packed(tmp_path), device="cpu")
    assert not Card().slices.take_over(tmp_path / "a")


def test_a_stop_asked_for_inside_a_slice_is_no_slice_end(tmp_path: Path) -> None:
    RunFolder.create(tmp_path / "a", small_recipe(), packed(tmp_path), device="cpu")
    RunFolder(tmp_path / "a").ask_to_stop(77)
    assert zerogpu.one_slice(str(tmp_path / "a"), 77)[0] == "stopped"
    assert zerogpu.one_slice(str(tmp_path / "a"), 78)[0] == "finished"


def test_it_asks_for_what_is_left_and_no_more_than_a_slice(run: Path) -> None:
    long = small_recipe(epochs=1000, minutes=60.0)
    assert zerogpu.duration(str(run), 1) == zerogpu.LEAST
    RunFolder.create(run.parent / "b", long, run.parent / "small.npz")
    rows = run.parent / "b" / "metrics.jsonl"

    def at(epochs: int, seconds: float) -> None:
        row = {"kind": "epoch", "epoch": epochs, "at": epochs, "train_error": 1.0, "train_accuracy": 0.5,
               "valid_error": 1.0, "valid_accuracy": 0.5, "previous_best": None, "improved": True, "seconds": seconds,
               "device": "a card", "memory": 1}  # fmt: skip
        rows.write_text(json.dumps(row) + "\n")

    at(500, 500.0)
    assert zerogpu.duration(str(run.parent / "b"), 1) == zerogpu.MOST
    at(990, 990.0)  # ten seconds left
    assert zerogpu.duration(str(run.parent / "b"), 1) == 10 + zerogpu.MARGIN
    at(500, 3595.0)  # five, by its time limit
    assert zerogpu.duration(str(run.parent / "b"), 1) == 5 + zerogpu.MARGIN


def test_a_quick_try_fits_one_slice_and_the_reports_run_two() -> None:
    quick, report = get_recipe("quick"), get_recipe("report")
    assert zerogpu.asks(quick, 10_400) == (zerogpu.LEAST, 1)
    assert zerogpu.asks(report, 41_600) == (zerogpu.MOST, 2)
    said = zerogpu.sentence(quick, 10_400)
    assert "25 seconds of your own quota, once." in said
    assert "2 minutes without an account, 5 with a free one, 40 with PRO" in said
    assert "about 2 times" in zerogpu.sentence(report, 41_600)
    assert "one slice after another" in zerogpu.sentence(report, None)
