"""Pictures that nobody should open: too large, damaged, made to fill the memory, or no picture at all."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fontdemo.errors import GlyphError
from fontdemo.glyph.glyph import from_picture
from fontdemo.glyph.picture import MAX_PIXELS, open_picture
from tests.fontdemo.glyph.test_picture import saved
from tests.support.letters import fitted, likeness, picture


def png(width: int, height: int, data: bytes) -> bytes:
    """A grey PNG with this header, whatever `data` holds."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


@pytest.mark.parametrize(
    "width, height", [(4001, 4000), (8000, 6251), (10_000, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_bomb_is_refused_by_its_header(width: int, height: int) -> None:
    assert width * height > MAX_PIXELS
    with pytest.raises(GlyphError, match="more than 16 million pixels"):
        from_picture(png(width, height, zlib.compress(bytes(1000))))


@pytest.mark.parametrize(
    "source, message",
    [
        (b"", "can't be opened"),
        (b"hello", "can't be opened"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n", "can't be opened"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "can't be opened"),
        (saved(picture("R"), "PNG")[:-40], "cannot be read|damaged"),
        (saved(picture("R"), "JPEG")[:400], "cannot be read|damaged"),
        (saved(picture("R").convert("RGB"), "WEBP")[:-300], "can't be opened|cannot be read|damaged"),
        (png(10, 10, b"no deflate stream"), "cannot be read|damaged"),
        (png(0, 10, zlib.compress(b"")), "empty|can't be opened|damaged"),
        (Image.new("L", (0, 7)), "empty"),
        (Image.new("RGB", (50, 50), "white"), "one colour"),
        (Image.new("I;16", (50, 50), 700), "one colour"),
        (Image.new("RGBA", (50, 50), (9, 9, 9, 0)), "one colour"),
        (Image.new("RGBA", (50, 50), (9, 9, 9, 255)), "one colour"),
        (Image.fromarray(np.full((30, 30), np.nan, np.float32)), "one colour"),
        (Image.new("1", (1, 1)), "one colour"),
    ],
)
def test_what_holds_no_picture_of_a_character_is_refused(source: Image.Image | bytes, message: str) -> None:
    with pytest.raises(GlyphError, match=message):
        from_picture(source)


@pytest.mark.parametrize("name", ["none.png", "folder", "with\0nul.png"])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(GlyphError):
        from_picture(tmp_path / name)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"]), st.data())
def test_damaged_files_are_read_or_refused_but_never_crash(kind: str, data: st.DataObject) -> None:
    Image.init()
    if kind not in Image.SAVE:
        return
    file = bytearray(saved(picture("R", height=20, margin=4).convert("RGB"), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    try:
        image = from_picture(bytes(file)).image
    except GlyphError:
        return
    assert np.isfinite(image).all()


@pytest.mark.parametrize("kind", ["PPM", "ICO", "JPEG2000", "AVIF", "TGA", "PCX"])
def test_only_common_formats_are_tried(kind: str) -> None:
    Image.init()
    if kind not in Image.SAVE:
        pytest.skip(f"this Pillow writes no {kind}")
    with pytest.raises(GlyphError, match="can't be opened. Use PNG or JPEG"):
        from_picture(saved(picture("R").convert("RGB"), kind))


def jpeg(size: tuple[int, int], **how: object) -> bytes:
    image = Image.new("L", size, 255)
    image.paste(picture("R", height=size[1] // 2), (size[0] // 4, size[1] // 4))
    return saved(image, "JPEG", **how)


def test_a_jpeg_that_is_shrunk_while_it_is_read_may_be_larger_than_others() -> None:
    preview = Image.Exif()
    preview[0x010E] = "preview: \xff\xd8\xff\xda"
    large = jpeg((7000, 5000), exif=preview)
    assert open_picture(large).size == (7000, 5000)
    assert likeness(from_picture(large).image, fitted("R")) > 0.85
    for refused in (jpeg((7000, 5000), progressive=True), jpeg((10_001, 5000))):
        with pytest.raises(GlyphError, match="million pixels"):
            from_picture(refused)
    assert open_picture(jpeg((3000, 2000), progressive=True)).size == (3000, 2000)


def test_a_jpeg_of_many_scans_is_refused() -> None:
    """Each may cost as much as the whole picture; 20 MB hold a million of them."""
    data = jpeg((400, 400), progressive=True)
    last = data.rindex(b"\xff\xda")
    assert open_picture(data).size == (400, 400)
    with pytest.raises(GlyphError, match="too many scans"):
        from_picture(data[:last] + 100 * data[last:-2] + data[-2:])


def test_a_tile_larger_than_any_picture_is_refused() -> None:
    """A few bytes of a tile become gigabytes, though the picture that is cut from it is tiny."""
    order = {256: 8, 257: 8, 258: 8, 259: 8, 262: 1, 277: 1, 322: 32_768, 323: 32_768, 324: 200, 325: 100}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in order.items())
    head = b"II*\0" + struct.pack("<IH", 8, len(order)) + entries + bytes(4)
    with pytest.raises(GlyphError, match="million pixels"):
        from_picture(head.ljust(200, b"\0") + zlib.compress(bytes(64)).ljust(100, b"\0"))


def test_text_beside_a_picture_is_no_way_to_fill_the_memory() -> None:
    """A compressed text of a megabyte takes a kilobyte; ten thousand of them are refused."""
    text = b"a\0\0" + zlib.compress(bytes(1_000_000), 9)
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    whole = saved(picture("R"), "PNG")
    with pytest.raises(GlyphError):
        from_picture(whole[:33] + 200 * chunk + whole[33:])
