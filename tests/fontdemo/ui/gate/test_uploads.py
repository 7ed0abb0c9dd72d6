"""fontdemo.ui.gate.uploads: what is taken for an uploaded file, and how much an event may hold."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from fontdemo.errors import FontdemoError
from fontdemo.ui.gate.uploads import CheckedBlocks, NotUploadedError, check_payload, own_folder, uploaded
from tests.fontdemo.ui.gate.uploads.conftest import META
from tests.support.servers.pageserver import ROOT
from tests.support.unserved import unserved

SECRET = "TOP-SECRET-4711"

SENTENCE = "Can't open this file. Upload it again."


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


def test_an_uploaded_file_is_found_by_its_record_and_by_its_path(uploads: Path) -> None:
    file = uploads / "ab" / "K.png"
    file.parent.mkdir()
    file.write_bytes(b"x")
    assert uploaded({"path": str(file)}) == uploaded(str(file)) == file.resolve()
    inner = uploads / "link.png"
    inner.symlink_to(file)
    assert uploaded(str(inner)) == file.resolve()
    check_payload([{"picture": [{"path": str(file), "meta": META}]}, "text", 3, None, {"path": None}])


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "/dev/ptmx", "/dev/null", "", ".", "K.png", "~", "/", "/proc/self/environ", "a\0b", "\ud800",
        "file:///etc/passwd", "http://127.0.0.1/K.png", "/" + "a" * 1_000_000, 7, 1.5, True, [], ["/etc/passwd"],
        {"path": "/etc/passwd"}, b"/etc/passwd",
    ],
)  # fmt: skip
def test_any_other_path_is_refused_in_one_sentence(uploads: Path, path: object) -> None:
    for record in (path, {"path": path}, {"path": path, "meta": META}):
        with pytest.raises(NotUploadedError, match=SENTENCE):
            uploaded(record)
    with pytest.raises(NotUploadedError):
        check_payload([[{"name": [{"path": path, "meta": META}]}]])


def test_links_devices_and_folders_inside_the_folder_are_refused(uploads: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.png"
    outside.write_text(SECRET)
    (uploads / "link.png").symlink_to(outside)
    (uploads / "folder").symlink_to(tmp_path)
    os.mkfifo(uploads / "fifo")
    beside = Path(f"{uploads}-more")
    beside.mkdir()
    (beside / "K.png").write_text(SECRET)
    refused = [
        uploads, f"{uploads}/", uploads / "link.png", uploads / "folder" / "secret.png", uploads / "fifo",
        f"{uploads}/../secret.png", uploads / "none.png", f"{uploads}/a\0b", f"{uploads}/\ud800", beside / "K.png",
        f"{uploads}/{'a' * 3000}", os.path.relpath(uploads / "link.png"),
    ]  # fmt: skip
    for path in refused:
        with pytest.raises(NotUploadedError, match=SENTENCE):
            uploaded({"path": str(path), "meta": META})


def test_what_is_nested_too_deeply_is_refused() -> None:
    nested: Any = []
    for _ in range(10_000):
        nested = [nested]
    with pytest.raises(FontdemoError, match="nested too deeply"):
        check_payload(nested)


def test_uploads_lie_in_a_folder_of_this_process(uploads: Path) -> None:
    """What another page of this machine was given, in the folder that all share, was not given to this one."""
    others = uploads / "ab" / "K.png"
    others.parent.mkdir()
    others.write_bytes(b"x")
    assert uploaded(str(others))
    with own_folder() as folder:
        assert folder.parent == uploads and folder.stat().st_mode & 0o077 == 0
        (folder / "K.png").write_bytes(b"x")
        assert uploaded(str(folder / "K.png"))
        with pytest.raises(NotUploadedError):
            uploaded(str(others))
    assert not folder.exists() and os.environ["GRADIO_TEMP_DIR"] == str(uploads)
    assert "own_folder()" in (ROOT / "app.py").read_text()


@pytest.mark.parametrize("part", [[], {}, 1, "x", {"a": 1}, [[1]]], ids=repr)
def test_what_has_very_many_parts_is_refused_at_once(part: Any) -> None:
    """A megabyte of them would keep the one thread that serves everyone for seconds."""
    check_payload([part] * 1000)
    many = [part] * 300_000
    began = time.process_time()
    with pytest.raises(FontdemoError, match="too large"):
        check_payload(many)
    assert time.process_time() - began < 0.1


def test_a_menu_gives_one_choice_and_a_field_of_text_a_text() -> None:
    """Whatever is sent: a handler that looks a list up in a dict would fail, and so would one that strips None."""
    with unserved():
        with CheckedBlocks() as demo:
            parts = [gr.Dropdown(["a", "b"]), gr.Dropdown(["a", "b"], multiselect=True), gr.Textbox()]
            gr.Button().click(lambda *given: repr(given), parts, gr.Textbox())
        (fn,) = demo.fns.values()

        def answer(*given: Any) -> Any:
            return asyncio.run(demo.process_api(fn, list(given)))["data"][0]

        assert answer("a", ["b"], None) == "('a', ['b'], '')"
        assert answer(None, [], "x") == "(None, [], 'x')"
        for menu in ([], ["a"], ["a", "b"]):
            with pytest.raises(gr.Error, match="incomplete"):
                answer(menu, [], "x")
