"""fontdemo.decoders: what is wrong with a picture is told to who sent it, and not to the host's log."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
from pathlib import Path

from PIL import Image

from tests.support.servers.pageserver import ROOT

_OPEN = """
import sys
from PIL import TiffImagePlugin
from fontdemo.glyph.picture import open_picture
for name in sys.argv[1:]:
    print(open_picture(name).size)
print([each for each in getattr(TiffImagePlugin, "__warningregistry__", {}) if each != "version"])
"""

_HEIGHT = 2000


def _fax() -> bytes:
    """A TIFF in the compression of faxes (Group 3), of which no row can be read."""
    data = random.Random(1).randbytes(_HEIGHT)
    tags = [(256, 4), (257, _HEIGHT), (258, 1), (259, 3), (262, 0), (273, 8), (277, 1), (278, _HEIGHT), (279, _HEIGHT)]
    table = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return struct.pack("<2sHI", b"II", 42, 8 + len(data)) + data + struct.pack("<H", len(tags)) + table + bytes(4)


def _odd_tags(count: int) -> bytes:
    """A JPEG to be turned, with tags of one number that have `count` of them."""
    tags = [(tag, count) for tag in (256, 257, 259, 262, 277, 282, 283, 296)] + [(0x0112, 1)]
    tags.sort()
    place = 8 + 2 + 12 * len(tags) + 4
    table = b"".join(struct.pack("<HHII", tag, 3, number, 6 if tag == 0x0112 else place) for tag, number in tags)
    content = bytearray(b"Exif\0\0" + struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + table + bytes(4 + 2 * count))
    file = io.BytesIO()
    Image.new("L", (20, 30), 128).save(file, "JPEG", exif=bytes(content))
    return file.getvalue()


def test_no_picture_writes_into_the_log_or_is_remembered(tmp_path: Path) -> None:
    """A picture of 12 MB wrote 943 MB there, and each odd tag was kept for good."""
    files = [tmp_path / name for name in ("fax.tif", "two.jpg", "nine.jpg")]
    for file, content in zip(files, (_fax(), _odd_tags(2), _odd_tags(9)), strict=True):
        file.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", _OPEN, *map(str, files)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.split("\n")[:3] == [f"(4, {_HEIGHT})", "(30, 20)", "(30, 20)"], "the pictures are opened"
    assert done.stderr == ""
    assert done.stdout.split("\n")[3] == "[]"
