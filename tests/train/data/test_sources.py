"""Where data comes from: what is allowed, what is made once and kept; and archives that mean harm."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from fontdemo.errors import FontdemoError
from tests.support.training import letter_set
from train.access import access
from train.data import course_files, glyphset, sources, unzip
from train.data.sources import ARCHIVE, FOLDER, FONTS, PACKED, Source, expected_images, prepare
from train.data.unzip import ArchiveError, unpack

HOME = access({})
SPACE = access({"SPACE_ID": "a/b", "FONTDEMO_TRAINING": "on"})


def nothing(_done: int, _of: int) -> None:
    """A progress that nobody watches."""


def npy(value: int = 0) -> bytes:
    file = io.BytesIO()
    np.save(file, np.full((1, 100, 100), value, np.uint8), allow_pickle=False)
    return file.getvalue()


def archive(tmp_path: Path, files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    path = tmp_path / "upload.zip"
    with zipfile.ZipFile(path, "w", compression) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


@pytest.fixture
def taken(tmp_path: Path) -> Callable[..., int]:
    """Unpack an archive; nothing may ever appear outside the folder it is given."""

    def take(path: Path, most_bytes: int = 1_000_000, most_images: int = 100) -> int:
        target = tmp_path / "in" / "side"
        target.mkdir(parents=True)
        try:
            return unpack(path, target, most_bytes=most_bytes, most_images=most_images)
        finally:
            assert [entry.name for entry in (tmp_path / "in").iterdir()] == ["side"]
            assert all(not entry.is_symlink() for entry in target.rglob("*"))

    return take


def test_the_reports_layout_is_unpacked(tmp_path: Path, taken: Callable[..., int]) -> None:
    files = {f"font_npy/{part}/{code}/{n}_{code}.npy": npy(n) for part in ("train", "valid")
             for code in ("30", "5A") for n in (1, 2)}  # fmt: skip
    files |= {"font_npy/faces.json": b"[]", "font_npy/README.txt": b"hello", "__MACOSX/font_npy/._x": b"x"}
    files |= {"font_npy/.DS_Store": b"", "font_npy/train/": b""}
    assert taken(archive(tmp_path, files)) == 8
    found = sorted(str(f.relative_to(tmp_path / "in" / "side")) for f in (tmp_path / "in").rglob("*.npy"))
    assert found[0] == "train/30/1_30.npy" and "valid/5a/2_5A.npy" in found and len(found) == 8
    assert (tmp_path / "in" / "side" / "train" / "30" / "2_30.npy").read_bytes() == npy(2)


@pytest.mark.parametrize(
    "name",
    ["../train/30/1_30.npy", "/train/30/1_30.npy", "a/../../train/30/1_30.npy", "train/30/..\\1_30.npy",
     "C:\\train\\30\\1_30.npy"],
)  # fmt: skip
def test_paths_that_lead_out_are_refused(tmp_path: Path, taken: Callable[..., int], name: str) -> None:
    with pytest.raises(ArchiveError, match="leads out"):
        taken(archive(tmp_path, {"train/30/2_30.npy": npy(), name: npy()}))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path: Path, taken: Callable[..., int], kind: int) -> None:
    path = tmp_path / "upload.zip"
    with zipfile.ZipFile(path, "w") as made:
        info = zipfile.ZipInfo("train/30/1_30.npy")
        info.external_attr = (kind | 0o644) << 16
        made.writestr(info, "/etc/passwd")
    with pytest.raises(ArchiveError, match="no plain file"):
        taken(path)


def test_a_bomb_is_refused(tmp_path: Path, taken: Callable[..., int]) -> None:
    with pytest.raises(ArchiveError, match="too large"):
        taken(archive(tmp_path, {"train/30/1_30.npy": bytes(50_000_000)}))


def test_a_small_bomb_is_refused_by_how_much_it_shrinks(tmp_path: Path, taken: Callable[..., int]) -> None:
    with pytest.raises(ArchiveError, match="too large"):
        taken(archive(tmp_path, {"train/30/1_30.npy": bytes(199_000)}))


def test_a_size_that_is_a_lie_is_found_out(tmp_path: Path, taken: Callable[..., int]) -> None:
    path = archive(tmp_path, {"train/30/1_30.npy": np.random.default_rng(0).bytes(300_000)}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    # Both headers say 1,000 bytes unpacked.
    local, central = content.find(b"PK\x03\x04"), content.find(b"PK\x01\x02")
    content[local + 22 : local + 26] = content[central + 24 : central + 28] = struct.pack("<I", 1000)
    path.write_bytes(content)
    with pytest.raises(ArchiveError):
        taken(path)


def test_too_many_and_too_much_are_refused(tmp_path: Path, taken: Callable[..., int]) -> None:
    path = archive(tmp_path, {f"train/30/{n}_30.npy": npy() for n in range(20)})
    with pytest.raises(ArchiveError, match="at most 10"):
        taken(path, most_images=10)
    with pytest.raises(ArchiveError, match="larger than"):
        unpack(path, tmp_path, most_bytes=1000, most_images=100)
    with pytest.raises(ArchiveError, match="Unpacked"):
        unpack(path, tmp_path, most_bytes=path.stat().st_size, most_images=100)


@pytest.mark.parametrize("name", ["train/30/1_30.exe", "train/30/1_30.pt", "valid/x.npy", "picture.png"])
def test_other_files_are_refused(tmp_path: Path, taken: Callable[..., int], name: str) -> None:
    with pytest.raises(ArchiveError, match="layout"):
        taken(archive(tmp_path, {name: npy()}))


def test_two_files_of_one_name_are_refused(tmp_path: Path, taken: Callable[..., int]) -> None:
    with pytest.raises(ArchiveError, match="twice"):
        taken(archive(tmp_path, {"a/train/30/1_30.npy": npy(1), "b/train/30/1_30.npy": npy(2)}))


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" + bytes(200)])
def test_what_is_no_archive_is_refused(tmp_path: Path, taken: Callable[..., int], content: bytes) -> None:
    path = tmp_path / "upload.zip"
    path.write_bytes(content)
    with pytest.raises(ArchiveError):
        taken(path)


def test_a_damaged_archive_is_refused(tmp_path: Path, taken: Callable[..., int]) -> None:
    path = archive(tmp_path, {"train/30/1_30.npy": np.random.default_rng(0).bytes(20_000)})
    content = bytearray(path.read_bytes())
    content[5_000:5_100] = bytes(100)
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="cannot be read"):
        taken(path)


def test_an_encrypted_archive_is_refused(tmp_path: Path, taken: Callable[..., int]) -> None:
    path = archive(tmp_path, {"train/30/1_30.npy": npy()})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="encrypted"):
        taken(path)


@pytest.mark.parametrize("compression", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_uncommon_compressions_are_refused(tmp_path: Path, taken: Callable[..., int], compression: int) -> None:
    """LZMA takes as much memory as a file asks for, and complains of damage in its own way."""
    with pytest.raises(ArchiveError, match="ordinary .zip"):
        taken(archive(tmp_path, {"train/30/1_30.npy": npy()}, compression))


def test_a_file_without_a_name_is_refused(tmp_path: Path, taken: Callable[..., int]) -> None:
    path = archive(tmp_path, {"train/30/1_30.npy": npy()}, zipfile.ZIP_STORED)
    whole = bytearray(path.read_bytes())
    at = whole.index(b"PK\x01\x02")
    name = struct.unpack_from("<H", whole, at + 28)[0]
    struct.pack_into("<HH", whole, at + 28, 0, name)  # its name has become a field that nobody knows
    path.write_bytes(whole)
    with pytest.raises(ArchiveError):
        taken(path)


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


def test_a_name_too_long_to_show_is_cut() -> None:
    assert len(unzip._shown("x" * 500)) == 80 and unzip._shown("a\x1b[31m") == "a?[31m"
