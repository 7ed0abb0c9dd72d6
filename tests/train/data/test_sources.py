"""Where data comes from: what is allowed, and what is made once and kept."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fontdemo.errors import FontdemoError
from tests.support.training import letter_set
from train.access import access
from train.data import course_files, glyphset, sources
from train.data.sources import ARCHIVE, FOLDER, FONTS, PACKED, Source, expected_images, prepare
from train.runs.datasets import drop_unused

HOME = access({})
SPACE = access({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": "on"})


def nothing(_done: int, _of: int) -> None:
    """A progress that nobody watches."""


def test_an_archive_of_an_export_becomes_its_data_set(tmp_path: Path) -> None:
    data = letter_set(1)
    course_files.write(data, tmp_path / "export")
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for file in sorted((tmp_path / "export").rglob("*")):
            made.write(file, Path("some folder") / file.relative_to(tmp_path / "export"))
    for source in (Source(ARCHIVE, path), Source(FOLDER, tmp_path / "export")):
        packed = prepare(source, "course52", tmp_path / "cache", HOME, nothing)
        read = glyphset.GlyphSet.load(packed)
        assert read.fingerprint() == data.fingerprint() and read.faces == data.faces
    assert list((tmp_path / "cache").iterdir()) == [packed]  # one content, one file; what was unpacked is gone
    visitors = prepare(Source(ARCHIVE, path), "course52", tmp_path / "cache", SPACE, nothing)
    assert visitors.name == f"visitor-{data.fingerprint()[:16]}.npz"  # see `train.runs.datasets.drop_unused`
    with pytest.raises(FontdemoError, match="alphabet"):
        prepare(Source(ARCHIVE, path), "letters52", tmp_path / "cache", HOME, nothing)


def test_paths_of_this_machine_are_for_its_owner_only(tmp_path: Path) -> None:
    for kind in (PACKED, FOLDER):
        with pytest.raises(FontdemoError, match="host"):
            prepare(Source(kind, tmp_path), "course52", tmp_path / "cache", SPACE, nothing)
    with pytest.raises(FontdemoError, match="no such source"):
        Source("elsewhere").check(HOME)
    for kind in (PACKED, FOLDER, ARCHIVE):
        with pytest.raises(FontdemoError):
            Source(kind).check(HOME)


def test_public_limits(tmp_path: Path) -> None:
    with pytest.raises(FontdemoError, match="300"):
        Source(FONTS, faces=301).check(SPACE)
    Source(FONTS, faces=301).check(HOME)
    with pytest.raises(FontdemoError):
        Source(FONTS, faces=1).check(HOME)


def test_a_packed_file_is_taken_where_it_lies(tmp_path: Path) -> None:
    file = tmp_path / "small.npz"
    data = letter_set()
    data.save(file)
    assert prepare(Source(PACKED, file), "course52", tmp_path / "cache", HOME, nothing) == file
    assert not (tmp_path / "cache").exists()
    assert expected_images(Source(PACKED, file), "course52") == (len(data.part("train")[1]), len(data.part("valid")[1]))
    with pytest.raises(FontdemoError, match="alphabet"):
        prepare(Source(PACKED, file), "alnum62", tmp_path / "cache", HOME, nothing)
    with pytest.raises(FontdemoError):
        prepare(Source(PACKED, tmp_path / "none.npz"), "course52", tmp_path / "cache", HOME, nothing)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04" + bytes(50), b"\x93NUMPY", b"hello"])
def test_nothing_is_expected_of_what_is_no_packed_file(tmp_path: Path, content: bytes | None) -> None:
    """Its path may be half typed: no error, the start will tell."""
    if content is not None:
        (tmp_path / "file").write_bytes(content)
    assert expected_images(Source(PACKED, tmp_path / "file"), "course52") is None
    assert expected_images(Source(PACKED, tmp_path), "course52") is None


@pytest.fixture
def few_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only matplotlib's own fonts."""
    monkeypatch.setattr(sources, "font_folders", lambda: [sources_fonts()])
    yield


def sources_fonts() -> Path:
    from fontdemo.font_files import matplotlib_fonts

    return matplotlib_fonts()


def test_fonts_are_drawn_once_and_kept(tmp_path: Path, few_fonts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, list[float]] = {}

    def progress(done: int, of: int) -> None:
        seen[list(seen)[-1]].append(done / of)

    source = Source(FONTS, faces=6)
    file = prepare(source, "course52", tmp_path, HOME, progress, lambda phase: seen.update({phase: []}))
    assert list(seen) == ["Reading fonts", "Drawing glyphs"]
    assert all(each == sorted(each) for each in seen.values())  # fonts that were read before take no time
    assert seen["Drawing glyphs"][-1] == 1.0 and len(seen["Drawing glyphs"]) >= 3
    data = glyphset.GlyphSet.load(file)
    assert len(data.faces) == 6
    assert (len(data.part("train")[1]), len(data.part("valid")[1])) == expected_images(source, "course52")
    monkeypatch.setattr(sources, "build", None)  # not called again
    assert prepare(source, "course52", tmp_path, HOME, nothing) == file
    with pytest.raises(TypeError):
        prepare(Source(FONTS, faces=7), "course52", tmp_path, HOME, nothing)


def test_fonts_that_a_visitor_chose_go_with_their_runs(tmp_path: Path, few_fonts: None) -> None:
    """Each of thousands of choices is up to 11 MB, and none was ever deleted (`train.runs.datasets.drop_unused`)."""
    chosen = prepare(Source(FONTS, faces=6), "course52", tmp_path, SPACE, nothing)
    hosts = prepare(Source(FONTS, faces=7), "course52", tmp_path, HOME, nothing)
    assert prepare(Source(FONTS, faces=7), "course52", tmp_path, SPACE, nothing) == hosts
    (tmp_path / "runs").mkdir()
    drop_unused(tmp_path, tmp_path / "runs")
    assert hosts.exists() and not chosen.exists()
