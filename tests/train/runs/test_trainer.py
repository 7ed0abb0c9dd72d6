"""train.runs.trainer: what a run leaves in its folder; resumed, stopped and refused."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from tests.support.training import SMALL, packed
from tests.train.runs.test_folder import _after, _new, _numbers
from train.loop import checkpoint
from train.loop.device import part_of
from train.loop.evaluate import evaluate
from train.loop.fit import Fit
from train.runs import trainer
from train.runs.folder import RunFolder
from train.runs.summary import summarize
from train.runs.trainer import load_data


def test_a_whole_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _new(tmp_path)
    assert RunFolder(folder).state() == {"status": "new"}
    assert trainer.execute(folder).reason == "finished"
    state = RunFolder(folder).state()
    assert state["status"] == "finished" and state["message"] == ""

    log = (folder / "log.txt").read_text(encoding="utf-8")
    assert log == capsys.readouterr().out
    lines = log.splitlines()
    assert re.fullmatch(r"Training on the CPU \(\d+ threads?\): 52 images, [\d,]+ parameters, recipe small, seed 0",
                        lines[0])  # fmt: skip
    assert re.fullmatch(r"Validation loss decreased \(inf → \d+\.\d{6}\)\. Saving model \.\.\.", lines[1])
    share = r"\d+\.\d\d%"
    epochs = [line for line in lines if line.startswith("Epoch")]
    assert len(epochs) == 3
    for number, line in enumerate(epochs, 1):
        assert re.fullmatch(
            rf"Epoch: {number}\tTrain Error: \d+\.\d{{6}}\tTrain Accuracy: {share}\t"
            rf"Validation Error: \d+\.\d{{6}}\tValidation Accuracy: {share}",
            line,
        )
    assert re.fullmatch(r"Training takes \d+\.\d\dminutes", lines[-1])

    rows = RunFolder(folder).metrics()
    assert [row["at"] for row in rows if row["kind"] == "epoch"] == [1, 2, 3]
    assert all(row["device"].startswith("the CPU") and row["memory"] > 50e6 for row in rows)
    assert rows[0]["kind"] == "step" and rows[0]["at"] == pytest.approx(1 / 7)

    # best/ is the network of the lowest validation error, loadable as any weights are.
    best = min((row for row in rows if row["kind"] == "epoch"), key=lambda row: row["valid_error"])
    assert f"after {best['epoch']} of 3 epochs" in (folder / "best" / "README.md").read_text(encoding="utf-8")
    assert pretrained.load(folder / "best").options == SMALL
    assert RunFolder(folder).plan().fingerprint  # looked into
    assert not list(folder.rglob("*.new*")) and not (folder / "stop").exists()


@pytest.mark.parametrize("steps", [3, 7])
def test_a_resumed_run_leaves_the_rows_of_an_unbroken_one(tmp_path: Path, steps: int) -> None:
    settings: dict[str, Any] = {"options": SMALL | {"dropout": 0.3}, "augmentation": "affine"}
    whole, broken = _new(tmp_path, "whole", **settings), _new(tmp_path, "broken", **settings)
    trainer.execute(whole)
    assert trainer.execute(broken, should_stop=_after(steps)).reason == "stopped"
    assert RunFolder(broken).state()["status"] == "stopped"
    assert (broken / "best" / "model.safetensors").is_file() and (broken / trainer.STATE_FILE).is_file()
    # A process killed after its last save had written rows beyond it.
    with open(broken / "metrics.jsonl", "a", encoding="utf-8") as rows:
        rows.write('{"kind": "step", "at": 2.9}\n{"kind": "ep')
    assert trainer.execute(broken).reason == "finished"
    assert _numbers(broken) == _numbers(whole)
    weights = Path("best") / "model.safetensors"
    assert (broken / weights).read_bytes() == (whole / weights).read_bytes()
    ours, theirs = checkpoint.load(broken / trainer.STATE_FILE), checkpoint.load(whole / trainer.STATE_FILE)
    assert all(torch.equal(ours[0][name], theirs[0][name]) for name in theirs[0])


def test_a_run_at_its_limit_inside_the_first_epoch_keeps_what_it_has_and_goes_on_with_more_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the numbers and weights of an unbroken one."""
    whole, limited = _new(tmp_path, "whole"), _new(tmp_path, "limited")
    trainer.execute(whole)
    with monkeypatch.context() as patched:
        patched.setattr(Fit, "_out_of_time", lambda fit: fit.step == 4 and fit.recipe.minutes < 20)
        done = trainer.execute(limited)
    assert done.reason == "time limit"
    found = summarize(limited)
    data = load_data(Path(RunFolder(limited).plan().data)).data
    kept = evaluate(pretrained.load(limited / "best"), *part_of(data, "valid"))
    assert found.kept == (pytest.approx(4 / 7), kept.accuracy) and found.has_best
    (end,) = [row for row in found.rows if row.get("valid_error") is not None]
    assert end["valid_error"] == pytest.approx(kept.error) and 0 < end["train_error"] < 10
    assert found.seconds == end["seconds"] == done.seconds  # one clock, before and after the end
    assert "after 0.5714 of 3 epochs" in (limited / "best" / "README.md").read_text(encoding="utf-8")

    plan = RunFolder(limited).plan()
    RunFolder(limited).write_plan(replace(plan, recipe=plan.recipe.changed(minutes=20.0)))
    assert trainer.execute(limited).reason == "finished"
    assert _numbers(limited) == _numbers(whole)
    weights = Path("best") / "model.safetensors"
    assert (limited / weights).read_bytes() == (whole / weights).read_bytes()


def test_what_is_kept_of_the_first_epoch_is_the_newest(tmp_path: Path) -> None:
    folder = _new(tmp_path)
    for steps, at in ((2, 2), (3, 5)):
        trainer.execute(folder, should_stop=_after(steps))
        assert summarize(folder).kept[0] == pytest.approx(at / 7)  # type: ignore[index]
        kept, last = pretrained.load(folder / "best"), checkpoint.load(folder / trainer.STATE_FILE)[0]
        assert all(torch.equal(value, last[f"network.{name}"]) for name, value in kept.state_dict().items())


def test_a_request_to_stop_counts_for_its_process_only(tmp_path: Path) -> None:
    RunFolder(tmp_path).ask_to_stop(12)
    assert RunFolder(tmp_path).asked_to_stop(12) and not RunFolder(tmp_path).asked_to_stop(13)
    RunFolder(tmp_path).ask_to_stop()  # as `touch stop` does
    assert RunFolder(tmp_path).asked_to_stop(13)
    folder = _new(tmp_path)
    RunFolder(folder).ask_to_stop()
    assert trainer.execute(folder).reason == "stopped"
    assert not (folder / "stop").exists()
    # Inside the first epoch there is no best network yet: what there is beats nothing.
    assert pretrained.load(folder / "best")


def test_other_data_than_it_was_made_for_is_refused_and_recorded(tmp_path: Path) -> None:
    folder = _new(tmp_path)
    trainer.execute(folder, should_stop=_after(1))
    packed(tmp_path, seed=1)
    with pytest.raises(FontdemoError, match="not the data"):
        trainer.execute(folder)
    state = RunFolder(folder).state()
    assert state["status"] == "failed" and "not the data" in state["message"]
    packed(tmp_path)
    assert trainer.execute(folder).reason == "finished"


def test_missing_data_and_another_alphabet_are_reported(tmp_path: Path) -> None:
    folder = _new(tmp_path, alphabet="alnum62")
    with pytest.raises(FontdemoError, match="the recipe's alphabet is alnum62, the data's course52"):
        trainer.execute(folder)
    (tmp_path / "small.npz").unlink()
    with pytest.raises(FontdemoError, match="small.npz"):
        trainer.execute(folder)


def test_an_output_that_has_not_every_sign_ends_no_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a Latin-1 locale: the first epoch's line has an arrow, and the run ended there."""
    run = _new(tmp_path)
    output = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", output)
    assert trainer.execute(run).reason == "finished"
    output.flush()
    assert b" ? " in output.buffer.getvalue()  # type: ignore[attr-defined]
    assert " → " in (run / "log.txt").read_text(encoding="utf-8")
