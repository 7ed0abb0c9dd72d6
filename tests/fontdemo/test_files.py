"""fontdemo.files: what fails half way leaves the old whole and nothing beside it."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fontdemo.files import atomic_write, listed, open_plain, recover_folder, remove_folder, replace_folder
from tests.support.waiting import no_thread


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "a.b.npz"
    with atomic_write(file) as fresh:
        fresh.write_text("old")
        assert not file.exists() and fresh.suffix == ".npz" and fresh.name.startswith(".")
    with pytest.raises(OSError, match="full"), atomic_write(file) as fresh:
        fresh.write_text("ha")
        raise OSError("the disk is full")
    assert file.read_text() == "old" and _names(tmp_path) == ["a.b.npz"]
    with atomic_write(file) as fresh:
        fresh.write_text("new")
    assert file.read_text() == "new" and _names(tmp_path) == ["a.b.npz"]


def test_what_was_never_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "a"):
        pass


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "best"
    (tmp_path / "best.new").mkdir()  # left by a process that was killed
    (tmp_path / "best.new" / "stray").touch()
    with replace_folder(folder) as fresh:
        (fresh / "one").write_text("1")
    with pytest.raises(KeyboardInterrupt), replace_folder(folder) as fresh:
        (fresh / "two").write_text("2")
        raise KeyboardInterrupt
    assert _names(tmp_path) == ["best"] and _names(folder) == ["one"]
    with replace_folder(folder) as fresh:
        (fresh / "two").write_text("2")
    assert _names(tmp_path) == ["best"] and _names(folder) == ["two"]


def test_the_old_folder_comes_back_only_if_there_is_no_new_one(tmp_path: Path) -> None:
    folder, old = tmp_path / "best", tmp_path / "best.old"
    recover_folder(folder)
    assert not folder.exists()
    old.mkdir()
    recover_folder(folder)
    assert folder.is_dir() and not old.exists()
    old.mkdir()
    recover_folder(folder)
    assert _names(tmp_path) == ["best", "best.old"]


def test_what_is_no_file_leaves_none_open(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "file").write_bytes(b"text")
    with open_plain(tmp_path / "file") as opened:
        assert opened.read() == b"text"
    least = os.dup(0)
    os.close(least)
    for name in ("folder", "link", "none"):
        with pytest.raises(OSError, match=name):
            open_plain(tmp_path / name)
    after = os.dup(0)
    os.close(after)
    assert after == least


def test_a_disk_that_stalls_is_waited_for_once_and_not_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").touch()
    assert listed(tmp_path) == ["a"]
    back, listdir, asked = threading.Event(), os.listdir, 0

    def stalled(folder: Path) -> list[str]:
        nonlocal asked
        asked += 1
        assert back.wait(30)
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", stalled)
    monkeypatch.setattr("fontdemo.files.PATIENCE", 0.1)
    for _ in range(3):
        with pytest.raises(TimeoutError, match="does not answer"):
            listed(tmp_path)
    assert asked == 1
    back.set()
    monkeypatch.setattr("fontdemo.files.PATIENCE", 30.0)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:  # the thread that waited ends within a moment
        with contextlib.suppress(TimeoutError):
            assert listed(tmp_path) == ["a"]
            return
    pytest.fail("it is not asked again")


def test_what_cannot_be_listed_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder, kind in ((tmp_path / "none", FileNotFoundError), (tmp_path / "file", NotADirectoryError)):
        with pytest.raises(kind):
            listed(folder)


def test_where_no_thread_is_left_who_asks_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").touch()
    no_thread(monkeypatch)
    assert listed(tmp_path) == ["one"]
    with pytest.raises(FileNotFoundError):
        listed(tmp_path / "none")


def test_of_a_folder_that_is_deleted_one_file_goes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, folder, outside = tmp_path / "whole", tmp_path / "folder", tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    (whole / "a" / "b").mkdir(parents=True)
    for name in ("a/1", "a/b/2", "0", "recipe", "z"):
        (whole / name).touch()
    (whole / "link").symlink_to(outside)
    calls = 0

    def killed(call: Callable[..., None]) -> Callable[..., None]:
        def counted(*given: Any, **named: Any) -> None:
            nonlocal calls
            calls -= 1
            if calls < 0:
                raise SystemExit
            call(*given, **named)

        return counted

    for name in ("unlink", "rmdir"):
        monkeypatch.setattr(os, name, killed(getattr(os, name)))
    for number in range(1, 50):
        calls = 1000
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(whole, folder, symlinks=True)
        calls = number
        with contextlib.suppress(SystemExit):
            remove_folder(folder, "recipe")
        if not folder.exists():
            break
        assert (folder / "recipe").exists() or not any(folder.iterdir())
    assert number == 9 and (outside / "precious").exists()
