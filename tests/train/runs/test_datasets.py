"""train.runs.datasets: which packed sets are listed, and that no other file is opened."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from fontdemo.errors import FontdemoError
from tests.support.training import small_set
from tests.support.waiting import until
from train.data.packed import PackedSet
from train.loop.recipe import Recipe
from train.runs.datasets import Shelf, drop_unused
from train.runs.folder import RunFolder, _read_plan, runs_in


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "data" / "small.npz"
    small_set().save(file)
    return file


def test_the_list_holds_the_cache_and_what_runs_are_trained_on(tmp_path: Path, file: Path) -> None:
    other = tmp_path / "elsewhere" / "small.fd"
    small_set(seed=1).save(other)
    os.utime(other, (1, 1))
    runs = tmp_path / "runs"
    RunFolder.create(runs / "first", Recipe(), other)
    RunFolder.create(runs / "second", Recipe(), tmp_path / "gone.npz")
    (file.parent / ".small.npz.123").write_bytes(b"half written")
    (file.parent / "notes.txt").write_text("no data")
    shelf = Shelf(file.parent, runs)
    assert shelf.names() == {"small": file.resolve(), "small (2)": other.resolve()}
    first = shelf.get("small")
    assert shelf.get("small") is first and shelf.get("small (2)").path == other.resolve()
    small_set(seed=2, valid=5).save(file)
    os.utime(file, (5e8, 5e8))
    assert shelf.get("small").count("valid") == 5
    assert Shelf(tmp_path / "none", tmp_path / "none").names() == {}


def test_sets_whose_titles_are_known_are_not_opened_for_the_list(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of more sets than are kept open each was opened at every look, and whoever opens the page looks."""
    opened, whole = PackedSet.open, []
    monkeypatch.setattr(PackedSet, "open", lambda path: whole.append(path.stem) or opened(path))
    names = [f"{kind}-{number}" for kind in ("fonts", "visitor", "visitor-fonts") for number in range(5)]
    for name in names:
        (file.parent / f"{name}.npz").write_bytes(file.read_bytes())
    shelf = Shelf(file.parent, tmp_path / "runs")
    first = shelf.names()
    titles = [title.partition(":")[0] for title in first if title != "small"]
    assert titles.count("Fonts of this machine") == 10 and titles.count("Imported pictures") == 5
    assert sorted(whole) == sorted(names)
    assert shelf.names() == first and len(whole) == len(names)
    (file.parent / "fonts-0.npz").write_bytes(b"spoilt")
    assert "fonts-0" in shelf.names() and "fonts-0" in shelf.names()
    assert whole[len(names) :] == ["fonts-0"] * 2  # its disk may have been away


@pytest.mark.parametrize("name", ["", "../small", "/etc/hostname", "small.npz", None, 3, ["small"]])
def test_only_names_of_the_list_are_opened(file: Path, name: object) -> None:
    with pytest.raises(FontdemoError, match="Choose one"):
        Shelf(file.parent, file.parent / "runs").get(name)


def test_visitors_archives_that_no_run_is_trained_on_go_and_nothing_else(tmp_path: Path, file: Path) -> None:
    """Else anyone who uploads one after another fills the disk, and in the end no one can upload any more."""
    cache, runs = file.parent, tmp_path / "runs"
    for name in ("visitor-1", "visitor-2", "folder-3"):
        small_set().save(cache / f"{name}.npz")
    RunFolder.create(runs / "first", Recipe(), cache / "visitor-1.npz")
    RunFolder.create(runs / "second", Recipe(), tmp_path / "gone.npz")
    drop_unused(cache, runs)
    assert sorted(one.name for one in cache.iterdir()) == ["folder-3.npz", "small.npz", "visitor-1.npz"]
    drop_unused(cache, tmp_path / "none")  # the runs' disk is away, and they may come back
    assert sorted(one.name for one in cache.iterdir()) == ["folder-3.npz", "small.npz", "visitor-1.npz"]
    (tmp_path / "empty").mkdir()
    drop_unused(cache, tmp_path / "empty")
    assert sorted(one.name for one in cache.iterdir()) == ["folder-3.npz", "small.npz"]
    drop_unused(tmp_path / "none", tmp_path / "none")


@pytest.mark.parametrize("name", ["listdir", "open"])
def test_no_archive_is_deleted_while_a_run_cannot_be_read(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A disk that fails once, at whatever moment: what a run is trained on must not be taken for unused."""
    cache, runs = file.parent, tmp_path / "runs"
    kept = cache / "visitor-1.npz"
    small_set().save(kept)
    RunFolder.create(runs / "first", Recipe(), kept)
    call, calls, failing = getattr(os, name), 0, 0

    def broken(path: Any, *more: Any, **named: Any) -> Any:
        nonlocal calls
        if str(path) == str(runs if name == "listdir" else runs / "first" / "recipe.json"):
            calls += 1
            if calls == failing:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        return call(path, *more, **named)

    monkeypatch.setattr(os, name, broken)
    for failing in range(1, 9):
        _read_plan.cache_clear()
        calls = 0
        with contextlib.suppress(FontdemoError):
            drop_unused(cache, runs)
        assert kept.exists(), f"{name}, call {failing}"


def test_what_a_killed_page_left_half_made_is_deleted_after_a_day(tmp_path: Path, file: Path) -> None:
    cache, runs = file.parent, tmp_path / "runs"
    runs.mkdir()
    for age, name in ((90_000, "old"), (3_600, "new")):
        half, unpacked = cache / f".fonts-{name}.123.new.npz", cache / f"upload-{name}"
        half.write_bytes(b"half")
        (unpacked / "train").mkdir(parents=True)
        for path in (half, unpacked):
            then = time.time() - age
            os.utime(path, (then, then))
    drop_unused(cache, runs)
    assert sorted(one.name for one in cache.iterdir()) == [".fonts-new.123.new.npz", file.name, "upload-new"]


def test_the_archive_of_a_run_in_whose_folder_a_link_lies_is_kept(tmp_path: Path, file: Path) -> None:
    kept = file.with_name("visitor-1.npz")
    file.rename(kept)
    run = RunFolder.create(tmp_path / "runs" / "first", Recipe(), kept)
    (run.path / "notes").symlink_to(tmp_path)
    drop_unused(kept.parent, tmp_path / "runs")
    assert kept.exists()


def test_a_set_whose_disk_stalls_keeps_no_one_from_another(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fontdemo.files.PATIENCE", 0.3)
    stalled = file.with_name("stalled.npz")
    small_set(seed=1).save(stalled)
    back, opened = threading.Event(), PackedSet.open

    def slow(path: Path) -> PackedSet:
        if path == stalled.resolve():
            back.wait(30)
        return opened(path)

    monkeypatch.setattr(PackedSet, "open", slow)
    shelf = Shelf(file.parent, tmp_path / "runs")

    def ask() -> None:
        with contextlib.suppress(FontdemoError):
            shelf.get("stalled")

    first = threading.Thread(target=ask)
    first.start()
    try:
        before = time.monotonic()
        assert len(shelf.get("small").labels) and time.monotonic() - before < 10
        with pytest.raises(FontdemoError, match="does not answer"):
            shelf.get("stalled")
    finally:
        back.set()
        first.join(30)
    until(lambda: not any(thread.name == "ask stalled.npz" for thread in threading.enumerate()))
    assert len(shelf.get("stalled").labels)


def test_a_run_whose_data_lie_on_a_disk_that_stalls_is_listed_still(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fontdemo.files.PATIENCE", 0.3)
    runs, far, back = tmp_path / "runs", tmp_path / "far.npz", threading.Event()
    RunFolder.create(runs / "first", Recipe(), far)

    def slow(path: Path) -> bool:
        return path != far.resolve() or back.wait(30)

    monkeypatch.setattr("train.runs.datasets._is_file", slow)
    try:
        assert list(Shelf(file.parent, runs).names()) == ["small"]
        assert [run.name for run in runs_in(runs)] == ["first"]
    finally:
        back.set()
