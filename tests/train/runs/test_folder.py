"""Folder, trainer and checkpoint: what lies in a run's folder, and that nothing there is ever half."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import SafetensorError

from fontdemo.errors import FontdemoError
from fontdemo.network import pretrained
from fontdemo.network.network import Network
from tests.support.training import SMALL, packed, small_recipe
from train.loop import checkpoint
from train.runs import trainer
from train.runs.folder import RunFolder, runs_in


def _new(tmp_path: Path, name: str = "a run", **changes: Any) -> Path:
    folder = tmp_path / name
    data = tmp_path / "small.npz"
    RunFolder.create(folder, small_recipe(**changes), data if data.exists() else packed(tmp_path), device="cpu")
    return folder


def _after(count: int) -> Callable[[], bool]:
    """A stop request after so many steps."""
    left = [count]

    def stop() -> bool:
        left[0] -= 1
        return left[0] <= 0

    return stop


def _numbers(folder: Path) -> list[dict[str, Any]]:
    clocks = ("seconds", "images_per_second", "memory")
    return [{k: v for k, v in row.items() if k not in clocks} for row in RunFolder(folder).metrics()]


def test_one_process_at_a_time_in_a_folder(tmp_path: Path) -> None:
    folder = _new(tmp_path)
    with open(folder / "lock", "w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(FontdemoError, match="another process"):
            trainer.execute(folder)
    assert RunFolder(folder).state() == {"status": "new"}


def test_a_fault_of_ours_is_recorded_by_its_kind(tmp_path: Path) -> None:
    folder = _new(tmp_path)

    def broken(_folder: Path, _stop: object) -> Any:
        raise ZeroDivisionError("by zero")

    with pytest.raises(ZeroDivisionError):
        trainer.execute(folder, trainer=broken)
    assert RunFolder(folder).state()["message"] == "ZeroDivisionError: by zero"


def _half_a_file(_tensors: object, file: Path, **_: object) -> None:
    Path(file).write_bytes(b"half of it")
    raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")


def test_a_full_disk_leaves_the_old_checkpoint_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _new(tmp_path)
    trainer.execute(folder, should_stop=_after(8))
    before = (folder / trainer.STATE_FILE).read_bytes()
    with monkeypatch.context() as full:
        full.setattr(checkpoint, "save_file", _half_a_file)
        with pytest.raises(OSError, match="No space left"):
            trainer.execute(folder)
    assert (folder / trainer.STATE_FILE).read_bytes() == before
    assert sorted(file.name for file in (folder / "last").iterdir()) == ["previous.safetensors", "state.safetensors"]
    assert "No space left" in RunFolder(folder).state()["message"]
    best = (folder / "best" / "model.safetensors").read_bytes()
    with monkeypatch.context() as full:
        full.setattr(Network, "save_pretrained", lambda _self, into: _half_a_file({}, into / "model.safetensors"))
        with pytest.raises(OSError, match="best/ cannot be written"):
            trainer.execute(folder)
    assert pretrained.load(folder / "best")
    assert (folder / "best" / "model.safetensors").read_bytes() == best and not (folder / "best.new").exists()
    assert trainer.execute(folder).reason == "finished"


@pytest.mark.parametrize("harm", ["cut", "flipped", "gone", "empty"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before_it(tmp_path: Path, harm: str) -> None:
    settings: dict[str, Any] = {"options": SMALL | {"dropout": 0.3}, "augmentation": "affine"}
    whole, broken = _new(tmp_path, "whole", **settings), _new(tmp_path, "broken", **settings)
    trainer.execute(whole)
    trainer.execute(broken, should_stop=_after(17))  # saved after epochs 1 and 2, and at step 17
    state = broken / trainer.STATE_FILE
    content = bytearray(state.read_bytes())
    content[-10] ^= 1
    if harm == "gone":  # killed between two renames
        state.unlink()
    else:
        state.write_bytes({"cut": content[: len(content) // 2], "flipped": bytes(content), "empty": b""}[harm])
    assert trainer.execute(broken, should_stop=_after(1)).reason == "stopped"
    log = (broken / "log.txt").read_text(encoding="utf-8")
    assert harm == "gone" or "The last saved state is damaged: going on from the one before it" in log
    assert checkpoint.load(state)  # the damaged one is never kept as the one before
    assert trainer.execute(broken).reason == "finished"
    assert _numbers(broken) == _numbers(whole)
    weights = Path("best") / "model.safetensors"
    assert (broken / weights).read_bytes() == (whole / weights).read_bytes()
    ours, theirs = checkpoint.load(state), checkpoint.load(whole / trainer.STATE_FILE)
    assert all(torch.equal(ours[0][name], theirs[0][name]) for name in theirs[0])


def test_where_no_checkpoint_is_whole_training_begins_anew(tmp_path: Path) -> None:
    whole, broken = _new(tmp_path, "whole"), _new(tmp_path, "broken")
    trainer.execute(whole)
    trainer.execute(broken, should_stop=_after(8))
    for file in (broken / "last").iterdir():
        file.write_bytes(b"nothing")
    assert trainer.execute(broken).reason == "finished"
    assert "No saved state is intact: training starts over" in (broken / "log.txt").read_text(encoding="utf-8")
    assert _numbers(broken) == _numbers(whole)


def test_best_is_put_back_after_a_kill_between_two_renames(tmp_path: Path) -> None:
    folder = _new(tmp_path)
    trainer.execute(folder, should_stop=_after(8))
    (folder / "best").rename(folder / "best.old")
    trainer.execute(folder, should_stop=_after(1))
    assert pretrained.load(folder / "best")


def test_a_checkpoint_holds_tensors_and_numbers_and_nothing_else_is_taken_for_one(tmp_path: Path) -> None:
    file = tmp_path / "last" / "state.safetensors"
    tensors = {"a": torch.arange(3), "b": torch.tensor(0.5)}
    checkpoint.save(file, tensors, {"best": float("inf"), "step": 3})
    loaded, numbers = checkpoint.load(file)
    assert numbers == {"best": float("inf"), "step": 3}
    assert all(torch.equal(loaded[name], tensors[name]) for name in tensors)
    for content in (b"", b"\x80\x04K\x01.", file.read_bytes()[:-4], b"\xff" * 100):
        file.write_bytes(content)
        with pytest.raises(FontdemoError, match="no training state"):
            checkpoint.load(file)
    with pytest.raises(FontdemoError, match="no training state"):
        checkpoint.load(tmp_path / "none")


def test_what_is_spoilt_in_a_folder_does_not_raise(tmp_path: Path) -> None:
    folder = _new(tmp_path)
    for text in ("", "[]", "{}", '{"status": 3}', "\xff"):
        (folder / "state.json").write_bytes(text.encode("latin-1"))
        assert RunFolder(folder).state() == {"status": "new"}
    one, two = ({"kind": "step", "at": at, "epoch": 1, "step": 1, "steps": 2, "train_error": 1.0, "seconds": 1.0,
                 "train_accuracy": 0.5, "images_per_second": 9.0} for at in (1, 2))  # fmt: skip
    lines = [json.dumps(one).encode(), b"nonsense", b"[1]", b"\xff", json.dumps(two).encode(), b'{"at": 3']
    (folder / "metrics.jsonl").write_bytes(b"\n".join(lines))
    assert RunFolder(folder).metrics() == [one, two]
    assert RunFolder(tmp_path).metrics() == []
    plan = json.loads((folder / "recipe.json").read_text())
    for spoilt in ("{", "[]", "[" * 100_000, json.dumps(plan | {"data": 3}), json.dumps(plan | {"more": 1}),
                   json.dumps(plan | {"created": "now"}), json.dumps(plan | {"recipe": {"epochs": -1}})):  # fmt: skip
        (folder / "recipe.json").write_text(spoilt)
        with pytest.raises(FontdemoError, match="no training run"):
            RunFolder(folder).plan()
    assert list(runs_in(tmp_path)) == []  # passed over


def test_a_folder_is_no_home_for_two_runs(tmp_path: Path) -> None:
    _new(tmp_path)
    with pytest.raises(FontdemoError, match="already"):
        _new(tmp_path)


def test_the_pinned_drawing_is_followed_through_the_epochs(tmp_path: Path) -> None:
    folder = _new(tmp_path)
    drawing = np.zeros((100, 100), np.float32)
    drawing[20:80, 40:60] = 1
    RunFolder(folder).pin(drawing)
    trainer.execute(folder)
    assert RunFolder(folder).followed_epochs() == [0, 1, 2, 3]
    best = min((r for r in RunFolder(folder).metrics() if r["kind"] == "epoch"), key=lambda r: r["valid_error"])
    record = RunFolder(folder).followed(best["epoch"])
    network = pretrained.load(folder / "best")
    stages = network.trace(torch.from_numpy(drawing).view(1, 1, 100, 100))
    assert list(record) == ["probabilities", *stages]
    for name, output in stages.items():
        assert record[name].dtype == np.float16
        assert np.allclose(record[name], output[0].numpy(), atol=2e-2)
    assert np.allclose(record["probabilities"], network.probabilities(output)[0].detach().numpy(), atol=1e-5)
    with pytest.raises(FontdemoError):
        RunFolder(folder).followed(9)
    with pytest.raises(FontdemoError, match="100 x 100"):
        RunFolder(folder).pin(drawing[:50])
    (folder / "pinned.npy").write_bytes(b"nonsense")
    assert RunFolder(folder).pinned() is None
