"""Spoilt files in a run's folder, whatever holds them: the page shows the rest."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fontdemo.errors import FontdemoError
from fontdemo.ui.context import NetworkStore
from tests.train.runs.test_metrics import EPOCH, HUGE, NAN, STEP, make_run, parts
from train.runs import jobs
from train.runs.datasets import Shelf
from train.runs.folder import RunFolder
from train.ui.train import live, pinned_view


def _npz(**arrays: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def _npy(array: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("probabilities.npy", bytes(64 << 20))
    return file.getvalue()


PLAN = {"data": "/x.npz", "fingerprint": "", "device": "cpu", "created": 1.0}


def _plan(recipe: dict[str, Any] | None = None, **changes: Any) -> bytes:
    return json.dumps(PLAN | {"recipe": recipe or {}} | changes).encode()


GARBAGE = [b"", bytes(100), b"\xff\xfe\xfd", b"[" * 200_000, b"{" * 5000, b"[]", b"7", b'"x"', b"null", b"{}", b"NaN"]
SPOILT: list[tuple[str, bytes]] = [
    *(("recipe.json", text) for text in GARBAGE),
    *(("state.json", text) for text in GARBAGE),
    *(("launch.json", text) for text in GARBAGE),
    ("recipe.json", _plan(created=NAN)), ("recipe.json", _plan(created=HUGE)), ("recipe.json", _plan(created=True)),
    ("recipe.json", _plan(data="x" * 3000)), ("recipe.json", _plan(data="\0")),
    ("recipe.json", _plan({"options": {"channels": "many"}})), ("recipe.json", _plan({"options": {"kernels": [NAN]}})),
    ("recipe.json", _plan({"options": {"channels": [[1]]}})), ("recipe.json", _plan({"options": {"oops": 1}})),
    ("recipe.json", _plan({"alphabet": "klingon"})), ("recipe.json", _plan({"architecture": "__init__"})),
    ("recipe.json", _plan({"epochs": "15"})), ("recipe.json", _plan({"name": ["a"]})),
    ("recipe.json", _plan({"learning_rate": NAN})), ("recipe.json", b" " * (2 << 20) + _plan()),
    ("state.json", b'{"status": "flying"}'), ("state.json", b'{"status": ["running"]}'),
    ("state.json", b'{"status": "running"}'), ("state.json", b'{"status": "running", "pid": 1e99, "started": 1}'),
    ("state.json", b'{"status": "running", "pid": -1, "started": "x"}'),
    ("state.json", b'{"status": "running", "pid": true, "started": "x"}'),
    ("state.json", b'{"status": "running", "pid": ' + b"9" * 300 + b', "started": "x"}'),
    ("state.json", b'{"status": "failed", "message": {"a": [1]}}'),
    ("launch.json", b'{"status": "flying", "pid": 1}'), ("launch.json", b'{"status": "running", "pid": "1"}'),
    ("log.txt", b"\x00\xff" * 50_000), ("stop", b"\xff\x00"),
    ("pinned.npy", b""), ("pinned.npy", b"\x93NUMPY"), ("pinned.npy", _npz(a=np.zeros(3))),
    ("pinned.npy", _npy(np.zeros((100, 100), np.float32))[:300]), ("pinned.npy", _npy(np.full((100, 100), NAN, "f4"))),
    ("pinned.npy", _npy(np.zeros((1, 1), np.float32)).replace(b"(1, 1)", b"(9999999999, 9999)")),
    ("pinned/001.npz", b""), ("pinned/001.npz", b"PK\x03\x04" + bytes(50)), ("pinned/001.npz", _bomb()),
    ("pinned/001.npz", _npz(probabilities=np.zeros(52, "f4"))[:200]),
    ("pinned/001.npz", _npz(probabilities=np.zeros((2, 2), "f4"))), ("pinned/001.npz", _npz(other=np.zeros(52, "f4"))),
    ("pinned/001.npz", _npz(probabilities=np.zeros(3, "f4"))), ("pinned/001.npz", _npz(probabilities=np.array("a"))),
    ("pinned/001.npz", _npz(probabilities=np.full(52, NAN, "f4"))),
    ("pinned/" + "9" * 30 + ".npz", b""), ("pinned/٣.npz", b""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content"), SPOILT, ids=[f"{at} {name}" for at, (name, _) in enumerate(SPOILT)])
def test_no_other_file_of_a_run_breaks_the_tab(root: Path, name: str, content: bytes) -> None:
    make_run(root, "good", STEP, EPOCH)
    bad = make_run(root, "bad", STEP, EPOCH)
    drawing = np.zeros((100, 100), np.float32)
    RunFolder(bad).pin(drawing)
    RunFolder(bad).write_followed(1, {"probabilities": np.full(52, 1 / 52, np.float32)})
    (bad / name).write_bytes(content)
    for shown in ("good", "bad"):
        made = parts(root, shown)
        assert "good" in made["table"] and "85.00 %" in made["table"]
    for epoch in RunFolder(bad).followed_epochs():
        pinned_view.followed_strip(bad, epoch)
        pinned_view.followed_stages(bad, epoch)
    assert isinstance(Shelf(root.parent / "data", root).names(), dict)
    jobs.active(root)
    live.trained_networks(root)


@pytest.mark.parametrize("name", ["recipe.json", "state.json", "launch.json", "metrics.jsonl", "pinned.npy", "log.txt"])
@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_plain_file_is_no_file(root: Path, name: str, kind: str) -> None:
    """A pipe without a writer would hold up its reader for ever."""
    make_run(root, "good", STEP, EPOCH)
    bad = make_run(root, "bad", STEP, EPOCH)
    (bad / name).unlink(missing_ok=True)
    (bad / name).mkdir() if kind == "folder" else os.mkfifo(bad / name)
    assert "good" in parts(root)["table"]
    RunFolder(bad).pinned()


def test_a_plan_that_makes_no_network_is_reported(root: Path) -> None:
    folder = make_run(root, "a", EPOCH)
    (folder / "recipe.json").write_bytes(_plan({"options": {"channels": "many"}}))
    with pytest.raises(FontdemoError, match="no network can be made from"):
        pinned_view._network(folder)


@pytest.mark.parametrize("where", ["name", "recipe", "message", "device"])
def test_a_text_that_no_page_can_be_sent_is_no_other_runs_trouble(tmp_path: Path, where: str) -> None:
    """Half a surrogate pair in a JSON file, or a folder's name in Latin-1: the page did not even start with one."""
    root, half = tmp_path / "runs", "\ud800"
    make_run(root, "good")
    bad = make_run(root, "bad")
    if where == "name":
        os.rename(bad, os.fsencode(root) + b"/caf\xe9")
    elif where == "recipe":
        plan = json.loads((bad / "recipe.json").read_text())
        (bad / "recipe.json").write_text(json.dumps({**plan, "recipe": {**plan["recipe"], "name": half}}))
    elif where == "message":
        (bad / "state.json").write_text(json.dumps({"status": "failed", "message": half}))
    else:
        (bad / "metrics.jsonl").write_text(json.dumps({**EPOCH, "device": half}) + "\n")
    for folder in root.iterdir():
        (folder / "best").mkdir(exist_ok=True)
        (folder / "best" / "model.safetensors").touch()
    shown = {**parts(root), "networks": NetworkStore(lambda: live.trained_networks(root)).choices()}
    sent = json.dumps(shown, ensure_ascii=False).encode("utf-8")
    assert b"good" in sent and (b"bad" in sent) == (where in ("message", "device"))


def test_data_with_a_name_that_no_page_can_be_sent_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in (b"/good.npz", b"/caf\xe9.npz"):
        Path(os.fsdecode(os.fsencode(tmp_path / "data") + name)).touch()
    assert list(Shelf(tmp_path / "data", tmp_path / "runs").names()) == ["good"]
