"""train.fonts.cache: a second look finds the same and opens nothing; whatever is wrong with the memory does no harm."""

from __future__ import annotations

import errno
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from fontdemo.alphabet import get_alphabet
from tests.support.fontmaker import collection, saved, small_font, variable
from train.fonts import cache as font_cache
from train.fonts import find
from train.fonts.cache import FontCache, stamps
from train.fonts.find import find_faces
from train.fonts.inspect import Inspection, inspect

ALNUM = get_alphabet("alnum62")


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of an empty memory."""
    monkeypatch.setenv("FONTDEMO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "fonts.sqlite3"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "fonts"
    folder.mkdir()
    saved(small_font("DejaVuSerif"), folder / "serif.ttf")
    saved(small_font("DejaVuSerif", "Borrowed"), folder / "zz-clone.ttf")
    variable(folder / "var.ttf", "Wandering", widening=0.5)
    collection(folder / "both.ttc", small_font("DejaVuSansMono"), small_font("cmr10"))
    (folder / "wreck.otf").write_bytes(b"OTTO" + b"\1" * 99)
    return folder


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are opened from here on."""
    names: list[str] = []

    def watched(items: list[tuple[Path, str]], **_: object) -> list[object]:
        names.extend(path.name for path, _ in items)
        return [inspect(item) for item in items]

    monkeypatch.setattr(find, "spread", lambda _function, items, **rest: watched(items, **rest))
    return names


def test_a_second_look_finds_the_same_and_opens_nothing(memory: Path, folder: Path, looked_at: list[str]) -> None:
    without = find_faces([folder], ALNUM, remember=False)
    assert not memory.exists() and len(without.faces) > 4 and without.refusals
    first = find_faces([folder], ALNUM)
    looked_at.clear()
    seen: list[tuple[int, int]] = []
    second = find_faces([folder], ALNUM, progress=lambda done, of: seen.append((done, of)))
    assert without == first == second and looked_at == [] and seen == [(5, 5)]


def test_only_what_is_new_or_changed_is_opened(memory: Path, folder: Path, looked_at: list[str]) -> None:
    find_faces([folder], ALNUM)
    looked_at.clear()
    saved(small_font("STIXGeneral"), folder / "new.ttf")
    os.utime(folder / "serif.ttf", ns=(1, 1))
    found = find_faces([folder], ALNUM)
    # What could not be read is tried again: it may have been the disk.
    assert sorted(looked_at) == ["new.ttf", "serif.ttf", "wreck.otf"]
    assert found == find_faces([folder], ALNUM, remember=False)
    looked_at.clear()
    saved(small_font("cmr10"), folder / "serif.ttf")  # another font under the same name
    assert find_faces([folder], ALNUM) == find_faces([folder], ALNUM, remember=False)
    assert "serif.ttf" in looked_at


def test_a_list_of_categories_counts_when_it_comes_and_when_it_changes(memory: Path, folder: Path) -> None:
    assert "Handwriting" not in {face.category for face in find_faces([folder], ALNUM).faces}
    for category in ("Handwriting", "Display"):
        (folder / "FONTS.tsv").write_text(f"file\tcategory\nboth.ttc\t{category}\n")
        assert category in {face.category for face in find_faces([folder], ALNUM).faces}


def test_alphabets_and_versions_are_kept_apart(
    memory: Path, folder: Path, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    find_faces([folder], ALNUM)
    looked_at.clear()
    find_faces([folder], get_alphabet("letters52"))
    assert len(looked_at) == 5
    looked_at.clear()
    monkeypatch.setattr(font_cache, "_version", lambda: "another")
    find_faces([folder], ALNUM)
    assert len(looked_at) == 5
    with sqlite3.connect(memory) as base:
        assert base.execute("SELECT DISTINCT version FROM file").fetchall() == [("another",)]
    base.close()


def _overwrite(memory: Path) -> None:
    memory.write_bytes(b"no base at all" * 99)


def _cut(memory: Path) -> None:
    memory.write_bytes(memory.read_bytes()[: memory.stat().st_size // 2])


def _scramble_rows(memory: Path) -> None:
    with sqlite3.connect(memory) as base:
        base.execute("UPDATE file SET entries = '[[[1, 2], 3]]'")
        base.execute("UPDATE scan SET found = '[[[99, 0]], []]'")
    base.close()


def _scramble_pictures(memory: Path) -> None:
    with sqlite3.connect(memory) as base:
        base.execute("UPDATE file SET pictures = x'00'")
        base.execute("UPDATE scan SET found = 'nothing'")
    base.close()


def _wrong_types(memory: Path) -> None:
    with sqlite3.connect(memory) as base:
        base.execute("UPDATE file SET entries = 7, pictures = NULL")
        base.execute("UPDATE scan SET found = 7")
    base.close()


def _too_deep(memory: Path) -> None:
    with sqlite3.connect(memory) as base:
        base.execute("UPDATE file SET entries = ?", ("[" * 100_000,))
        base.execute("UPDATE scan SET found = ?", ("[" * 100_000,))
    base.close()


def _folder_instead(memory: Path) -> None:
    memory.unlink()
    memory.mkdir()


@pytest.mark.parametrize(
    "damage", [_overwrite, _cut, _scramble_rows, _scramble_pictures, _wrong_types, _too_deep, _folder_instead]
)
def test_a_damaged_memory_is_made_anew(memory: Path, folder: Path, damage: object) -> None:
    assert callable(damage)
    expected = find_faces([folder], ALNUM)
    damage(memory)
    assert find_faces([folder], ALNUM) == expected
    assert find_faces([folder], ALNUM) == expected


def test_a_damaged_memory_that_can_not_be_deleted_is_done_without(
    memory: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = find_faces([folder], ALNUM)
    memory.write_bytes(b"no base " * 1000)

    def read_only(file: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(file))

    monkeypatch.setattr(Path, "unlink", read_only)
    assert find_faces([folder], ALNUM) == expected and memory.exists()


def test_many_at_once_get_the_same(memory: Path, folder: Path) -> None:
    expected = find_faces([folder], ALNUM, remember=False)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: find_faces([folder], ALNUM), range(8)))
    assert all(one == expected for one in found)
    with sqlite3.connect(memory) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert base.execute("SELECT count(*) FROM file").fetchone() == (4,)
    base.close()


def test_files_go_in_and_come_out_whole(memory: Path, folder: Path) -> None:
    cache = FontCache(ALNUM.classes)
    wanted = stamps(sorted(folder.glob("*.tt?")))
    looks = {stamp: inspect((stamp[0], ALNUM.classes)) for stamp in wanted}
    assert cache.files(wanted) == {}
    cache.keep_files(looks.items())
    found = cache.files(wanted)
    for stamp, entries in looks.items():
        for was, now in zip(entries, found[stamp[0]], strict=True):
            assert isinstance(was, Inspection) and isinstance(now, Inspection)
            assert (was.face, was.tables) == (now.face, now.tables)
            np.testing.assert_array_equal(was.small, now.small)


def test_only_so_much_is_kept(memory: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(font_cache, "_MOST_FILES", 2)
    find_faces([folder], ALNUM)
    with sqlite3.connect(memory) as base:
        assert base.execute("SELECT count(*) FROM file").fetchone() == (2,)
    base.close()


def test_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(font_cache.sys, "platform", "linux")
    monkeypatch.delenv("FONTDEMO_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert font_cache.cache_folder() == Path("/somewhere/fontdemo")
    monkeypatch.setenv("FONTDEMO_CACHE", "/else")
    assert font_cache.cache_folder() == Path("/else")


def test_a_memory_whose_own_words_are_damaged_is_made_anew(tmp_path: Path, folder: Path) -> None:
    """One flipped byte in the file's description of itself, and sqlite can't say what is wrong with it."""
    cache = FontCache(ALNUM.classes, tmp_path / "cache")
    found = stamps([folder / "serif.ttf"])
    cache.keep_files([(found[0], inspect((found[0][0], ALNUM.classes)))])
    file = tmp_path / "cache" / "fonts.sqlite3"
    whole = file.read_bytes()
    at = whole.index(b"CREATE TABLE file")
    for place in range(at, at + 40):
        file.write_bytes(whole[:place] + b"\x94" + whole[place + 1 :])
        cache.files(found)
        cache.keep_files([])
        assert cache.scan(found, None) is None
