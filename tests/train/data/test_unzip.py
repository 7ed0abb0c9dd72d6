"""train.data.unzip: the report's layout is unpacked, and archives that mean harm are refused."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from train.data import unzip
from train.data.unzip import ArchiveError, unpack


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
    with pytest.raises(ArchiveError, match="leads outside"):
        taken(archive(tmp_path, {"train/30/2_30.npy": npy(), name: npy()}))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path: Path, taken: Callable[..., int], kind: int) -> None:
    path = tmp_path / "upload.zip"
    with zipfile.ZipFile(path, "w") as made:
        info = zipfile.ZipInfo("train/30/1_30.npy")
        info.external_attr = (kind | 0o644) << 16
        made.writestr(info, "/etc/passwd")
    with pytest.raises(ArchiveError, match="other than plain files"):
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


def test_a_name_too_long_to_show_is_cut() -> None:
    assert len(unzip._shown("x" * 500)) == 80 and unzip._shown("a\x1b[31m") == "a?[31m"


def test_a_directory_of_a_million_files_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To read one of 64 MB took 25 seconds and half a gigabyte before it was refused."""
    path = archive(tmp_path, {f"train/30/{number}_30.npy": b"" for number in range(1200)})

    def unread(*_: object) -> None:
        pytest.fail("the directory was read")

    monkeypatch.setattr(zipfile, "ZipFile", unread)
    with pytest.raises(ArchiveError, match="holds 1,200 files"):
        unpack(path, tmp_path / "out", most_bytes=1 << 20, most_images=50)
