"""Pictures of every kind that people send, made here: each must come to the same letter."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from fontdemo.glyph.glyph import from_picture
from fontdemo.glyph.picture import WORK_SIDE, open_picture, to_plane
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
