"""An uploaded .zip -> a folder, checked before and while it is unpacked: nothing in it is trusted.

Only plain .npy files whose path ends in the report's layout (train/30/395_30.npy) are written, under names made here,
and the list of faces that goes with an export of ours.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from fontdemo.errors import FontdemoError

#: A 1x100x100 image of eight-byte numbers is 80 kB; a .npy file of the report's layout need not be larger than this.
LARGEST_FILE = 200_000

#: Unpacked over packed; a black-and-white picture shrinks to a hundredth and less, a bomb to a thousandth.
MOST_SHRUNK = 400

# What each entry of an archive's directory begins with.
_ENTRY = b"PK\1\2"

# What may be in an archive beside the data: what macOS and file managers leave behind, notes, folders.
_PASSED_OVER = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|README[^/]*$|[^/]*\.txt$)", re.I)

_IMAGE = re.compile(r"(?:^|/)(train|valid|test)/([0-9a-fA-F]{2})/([\w-]{1,80})\.npy$")

# What an export of ours says of its faces; `train.data.course_files` checks what is in it.
_ABOUT = re.compile(r"(?:^|/)faces\.json$")
_LARGEST_ABOUT = 4_000_000


class ArchiveError(FontdemoError):
    """An uploaded archive that is refused; says why."""


def unpack(archive: Path, folder: Path, *, most_bytes: int, most_images: int) -> int:
    """Write the images of a .zip in the report's layout under `folder`; how many.

    `folder` must be empty and is left in an unknown state by an error. most_bytes: of the .zip itself; what comes out
    may be 40 times that. ArchiveError for what is no .zip, for a link, a path that leads out, an encrypted or strange
    file, a bomb, too much or nothing.
    """
    if archive.stat().st_size > most_bytes:
        raise ArchiveError(f"The archive is larger than {most_bytes / 1e6:.0f} MB.")
    try:
        listed = _listed(archive)
        if listed > 2 * most_images + 1000:
            raise ArchiveError(f"The archive holds {listed:,} files; at most {most_images:,} images are taken.")
        with zipfile.ZipFile(archive) as opened:
            wanted = _check(opened.infolist(), most_images, 40 * most_bytes)
            for target, info in wanted.items():
                _write(opened, info, folder / target)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        # NotImplementedError: an unknown compression; RuntimeError: encrypted; ValueError: a spoilt header.
        raise ArchiveError(f"The archive cannot be read: {str(error) or type(error).__name__}.") from error
    return sum(target.endswith(".npy") for target in wanted)


def _listed(archive: Path) -> int:
    """How many entries the archive's directory has at most: to open a .zip makes an object of each, a million of them
    takes half a gigabyte and some ten seconds.
    """
    count, before = 0, b""
    with archive.open("rb") as file:
        while block := file.read(1 << 20):
            count += (before + block).count(_ENTRY)
            before = block[1 - len(_ENTRY) :]
    return count


def _check(entries: list[zipfile.ZipInfo], most_images: int, most_bytes: int) -> dict[str, zipfile.ZipInfo]:
    """The files to write by the path that they are written to; looks at the archive's directory only."""
    wanted: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for info in entries:
        name = info.filename
        if not name:
            raise ArchiveError("The archive has a file without a name.")
        if "\\" in name or "\0" in name or name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise ArchiveError(f"The archive has a path that leads outside: {_shown(name)}.")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ArchiveError(f"The archive holds something other than plain files: {_shown(name)}.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # LZMA takes as much memory as the file asks for.
            raise ArchiveError("The archive is packed in an uncommon way. Make an ordinary .zip (stored or deflated).")
        if info.flag_bits & 1:
            raise ArchiveError("The archive is encrypted.")
        if info.is_dir() or _PASSED_OVER.search(name):
            continue
        about = _ABOUT.search(name) is not None
        found = _IMAGE.search(name)
        if found is None and not about:
            raise ArchiveError(
                f"{_shown(name)} is not in the report's layout: train/30/395_30.npy, valid/5a/1775_5a.npy and so on."
            )
        largest = min(_LARGEST_ABOUT if about else LARGEST_FILE, MOST_SHRUNK * max(1, info.compress_size) + 1000)
        if info.file_size > largest:
            raise ArchiveError(f"{_shown(name)} is too large for what it should be.")
        target = f"{found[1]}/{found[2].lower()}/{found[3]}.npy" if found else "faces.json"
        if target in wanted:
            raise ArchiveError(f"The archive holds {_shown(target)} twice.")
        wanted[target] = info
        total += info.file_size
    images = len(wanted) - ("faces.json" in wanted)
    if not images:
        raise ArchiveError("The archive holds no images in the report's layout (train/30/395_30.npy and so on).")
    if images > most_images:
        raise ArchiveError(f"The archive holds {images:,} images; at most {most_images:,} are taken.")
    if total > most_bytes:
        raise ArchiveError(f"Unpacked, the archive is larger than {most_bytes / 1e6:.0f} MB.")
    return wanted


def _write(opened: zipfile.ZipFile, info: zipfile.ZipInfo, file: Path) -> None:
    """Unpack one file; the size in the archive's directory is a claim, so what really comes out is measured too."""
    with opened.open(info) as packed:
        content = packed.read(info.file_size + 1)
    if len(content) > info.file_size:
        raise ArchiveError(f"{_shown(info.filename)} is larger than it says.")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _shown(name: str) -> str:
    text = "".join(c if c.isprintable() else "?" for c in name)
    return text if len(text) <= 80 else text[:77] + "..."
