"""train.files: JSON is written whole and read back; what is none is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from fontdemo.font_files import matplotlib_fonts
from train import files
from train.fonts.cache import FontCache
from train.fonts.find import font_folders


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


@pytest.mark.parametrize("text", [b'{"a": "\\ud800"}', b'{"\\uDFFF": 1}', b'{"a": "\xed\xa0\x80"}', b"[" * 100_000])
def test_what_no_page_can_be_sent_is_refused(tmp_path: Path, text: bytes) -> None:
    """Half a surrogate pair is a text to JSON and to Python, and has no form in UTF-8."""
    (tmp_path / "x.json").write_bytes(text)
    with pytest.raises(ValueError):
        files.read_json(tmp_path / "x.json")


def test_a_whole_pair_is_a_text_like_any_other() -> None:
    assert files.parse_json(b'["\\ud83d\\ude00", "\\\\ud800"]') == ["\U0001f600", "\\ud800"]


def test_a_user_without_a_folder_has_one_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `docker run --user 12345` makes one: no HOME, and no entry in the system's list of users."""

    def nobody(_: object) -> None:
        raise KeyError

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    assert not files.home().parent.is_dir() and files.expanded(Path("~/x.npz")) == Path("~/x.npz")
    for known in ("FONTDEMO_FONTS", "FONTDEMO_CACHE", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(known, raising=False)
    assert matplotlib_fonts() in font_folders() and FontCache("abc").files([]) == {}


def test_a_path_of_a_user_that_there_is_not_stays_as_it_is() -> None:
    assert files.expanded(Path("~no such user/x.npz")) == Path("~no such user/x.npz")
