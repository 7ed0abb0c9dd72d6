"""train.files: JSON is written whole and read back; what is none is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from train import files


def test_what_is_written_is_read_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    for content in ({"a": 1}, {"b": [1.5, None, "ü"]}):
        files.write_json(file, content)
        assert files.read_json(file) == content
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff", b'"text"', b"{" + b" " * (1 << 20) + b"}"])
def test_what_is_no_object_of_a_megabyte_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises((OSError, ValueError)):
        files.read_json(tmp_path / "x.json")


def test_the_project_is_where_the_page_starts() -> None:
    assert (files.PROJECT / "app.py").is_file()
