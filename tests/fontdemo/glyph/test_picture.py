"""Pictures of every kind that people send, made here: each must come to the same letter; the hostile are refused."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from fontdemo.errors import GlyphError
from fontdemo.glyph.glyph import from_picture
from fontdemo.glyph.picture import MAX_PIXELS, WORK_SIDE, open_picture, to_plane
from tests.support.letters import coverage, fitted, likeness, picture


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)  # type: ignore[arg-type]
    return file.getvalue()


def bits16(high: int, low: int, kind: str) -> bytes:
    """A dark letter in 16 bits a pixel; paper `high`, ink `low`."""
    fraction = np.asarray(coverage("R"), dtype=np.float64) / 255
    return saved(Image.fromarray((high + (low - high) * fraction).astype(np.uint16)), kind)


def transparent(ink: tuple[int, int, int], under: tuple[int, int, int] = (0, 0, 0)) -> Image.Image:
    """A letter in one colour on nothing; `under` is the colour that is written where nothing is seen."""
    mask = coverage("R")
    image = Image.new("RGBA", mask.size, (*under, 0))
    image.paste(Image.new("RGBA", mask.size, (*ink, 255)), mask=mask.point(lambda value: 255 * (value > 0)))
    image.putalpha(mask)
    return image


def palette() -> Image.Image:
    return picture("R").convert("RGB").quantize(8)


def see_through_palette() -> bytes:
    """White letter, transparent paper: laid on white it would be gone."""
    image = picture("R", paper=0, ink=255).convert("RGB").quantize(2, dither=Image.Dither.NONE)
    paper = image.getpixel((0, 0))
    return saved(image, "GIF", transparency=paper)


def card() -> Image.Image:
    """A white card with a dark letter, rounded by transparency at its corners."""
    image = picture("R", margin=30).convert("RGBA")
    opacity = Image.new("L", image.size, 255)
    for corner in ((0, 0), (image.width - 8, 0), (0, image.height - 8), (image.width - 8, image.height - 8)):
        opacity.paste(0, (*corner, corner[0] + 8, corner[1] + 8))
    image.putalpha(opacity)
    return image


def turned(kind: str, orientation: int, way: Image.Transpose) -> bytes:
    """A picture stored turned, with the EXIF note that says so."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(picture("R").convert("RGB").transpose(way), kind, exif=exif)


def photo() -> bytes:
    """Twelve megapixels, stored on its side."""
    image = Image.new("RGB", (3000, 4000), "white")
    image.paste(picture("R", height=900), (900, 1500))
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(image.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)


def moving(kind: str) -> bytes:
    frames = [ImageOps.pad(picture(character).convert("RGB"), (140, 140), color="white") for character in "RXO"]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


def isoluminant() -> Image.Image:
    """Red on the green of the same brightness: as grey there is nothing to see."""
    fraction = np.asarray(coverage("R"), dtype=np.float64)[..., None] / 255
    red, green = np.array([200, 30, 30]), np.array([30, 117, 30])
    return Image.fromarray(np.round(green + (red - green) * fraction).astype(np.uint8))


KINDS: dict[str, Callable[[], Image.Image | bytes]] = {
    "dark on light": lambda: picture("R"),
    "light on dark": lambda: picture("R", paper=10, ink=250),
    "faint": lambda: picture("R", paper=140, ink=120),
    "bilevel": lambda: picture("R", height=300).convert("1", dither=Image.Dither.NONE),
    "palette": palette,
    "palette with a transparent colour": see_through_palette,
    "black on nothing": lambda: transparent((0, 0, 0)),
    "white on nothing": lambda: transparent((255, 255, 255)),
    "white on nothing, white under it": lambda: transparent((255, 255, 255), (255, 255, 255)),
    "grey and opacity": lambda: transparent((255, 255, 255)).convert("LA"),
    "grey with a transparent tone": lambda: saved(picture("R", paper=0, ink=255), "PNG", transparency=0),
    "no transparency in RGBA": lambda: picture("R").convert("RGBA"),
    "card with transparent corners": card,
    "16 bits": lambda: bits16(65535, 0, "PNG"),
    "16 bits, of which 12 are used": lambda: bits16(4095, 300, "TIFF"),
    "32 bits": lambda: picture("R").convert("I"),
    "floating point": lambda: saved(picture("R").convert("F"), "TIFF"),
    "CMYK": lambda: saved(picture("R").convert("RGB").convert("CMYK"), "JPEG", quality=95),
    "YCbCr": lambda: picture("R").convert("RGB").convert("YCbCr"),
    "HSV": lambda: picture("R").convert("RGB").convert("HSV"),
    "LAB": lambda: Image.merge("LAB", [picture("R"), *[Image.new("L", picture("R").size, 128)] * 2]),
    "BMP": lambda: saved(picture("R"), "BMP"),
    "WebP": lambda: saved(picture("R").convert("RGB"), "WEBP", quality=90),
    "poor JPEG": lambda: saved(picture("R"), "JPEG", quality=20),
    "GIF, animated": lambda: moving("GIF"),
    "PNG, animated": lambda: moving("PNG"),
    "WebP, animated": lambda: moving("WEBP"),
    "TIFF of several pages": lambda: moving("TIFF"),
    "turned by a quarter": lambda: turned("JPEG", 6, Image.Transpose.ROTATE_90),
    "turned by three quarters": lambda: turned("PNG", 8, Image.Transpose.ROTATE_270),
    "upside down": lambda: turned("WEBP", 3, Image.Transpose.ROTATE_180),
    "mirrored": lambda: turned("TIFF", 2, Image.Transpose.FLIP_LEFT_RIGHT),
    "phone photo": photo,
    "huge": lambda: ImageOps.scale(picture("R", height=300, margin=60), 15, Image.Resampling.NEAREST),
    "isoluminant": isoluminant,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_picture_gives_the_letter(kind: str) -> None:
    assert likeness(from_picture(KINDS[kind]()).image, fitted("R")) > 0.85


@pytest.mark.parametrize("size", [8, 12, 16])
def test_tiny_pictures_are_enlarged_with_sharp_edges(size: int) -> None:
    letter = picture("R", height=400, margin=60)
    image = from_picture(letter.resize((size, size * letter.height // letter.width), Image.Resampling.BOX)).image
    assert likeness(image, fitted("R")) > 0.6
    assert np.mean((image > 0.1) & (image < 0.9)) < 0.2


def test_a_path_a_string_bytes_and_an_image_are_read_alike(tmp_path: Path) -> None:
    file = tmp_path / "R.png"
    file.write_bytes(saved(picture("R"), "PNG"))
    with Image.open(file) as lazy:
        images = [from_picture(source).image for source in (file, str(file), file.read_bytes(), picture("R"), lazy)]
    assert all(np.array_equal(image, images[0]) for image in images)


def test_the_callers_image_is_left_alone() -> None:
    image = picture("R", height=2000)
    before = image.copy()
    from_picture(image)
    assert image == before


def test_large_pictures_are_reduced_before_they_are_looked_at_and_their_size_is_reported() -> None:
    received = open_picture(photo())
    assert received.size == (3000, 4000)
    assert max(received.image.size) == WORK_SIDE and received.image.height > received.image.width
    wide = open_picture(picture("R").resize((2000, 500)))
    assert (wide.size, wide.image.size) == ((2000, 500), (640, 160))


def test_grey_is_the_brightness_unless_the_colours_need_more() -> None:
    colours = np.random.default_rng(0).integers(0, 256, (20, 30, 1), np.uint8) * np.ones(3, np.uint8)
    assert np.allclose(to_plane(Image.fromarray(colours)).values * 255, colours[..., 0], atol=0.01)
    assert "brightness" in to_plane(Image.fromarray(colours)).sentence
    assert "colours differ" in to_plane(isoluminant()).sentence


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


def test_sixteen_bits_are_stretched_as_if_all_at_once() -> None:
    values = np.random.default_rng(3).integers(100, 60_000, (200, 130), dtype=np.uint16)
    low, high = int(values.min()), int(values.max())
    received = open_picture(saved(Image.fromarray(values), "PNG"))
    expected = np.round(255 * (values.astype(np.float64) - low) / (high - low))
    assert np.abs(np.asarray(received.image, dtype=np.float64) - expected).max() <= 1
    assert np.mean(np.asarray(received.image) == expected) > 0.99


def test_sixteen_bits_turned_on_their_side_are_turned_back() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.fromarray(np.asarray(picture("R"), dtype=np.uint16) * 257)
    stored = saved(image.transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif)
    assert likeness(from_picture(stored).image, fitted("R")) > 0.85


def test_text_beside_a_picture_is_no_way_to_fill_the_memory() -> None:
    """A compressed text of a megabyte takes a kilobyte; ten thousand of them are refused."""
    text = b"a\0\0" + zlib.compress(bytes(1_000_000), 9)
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    whole = saved(picture("R"), "PNG")
    with pytest.raises(GlyphError):
        from_picture(whole[:33] + 200 * chunk + whole[33:])
