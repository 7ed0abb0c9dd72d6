"""The pictures of the stages, opened again with Pillow: every pixel in its place, in the colour of its value."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from fontdemo.ui import images
from fontdemo.ui.images import Sheet


def opened(png: bytes) -> NDArray[np.uint8]:
    """A PNG's RGBA pixels, uint8 (H, W, 4)."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def cut(sheet: Sheet, index: int) -> NDArray[np.uint8]:
    """Map `index` of a sheet by what its fields promise: RGB (height, width, 3)."""
    width, height = sheet.tile
    left = sheet.gap + index % sheet.columns * (width + sheet.gap)
    top = sheet.gap + index // sheet.columns * (height + sheet.gap)
    return opened(sheet.png)[top : top + height, left : left + width, :3]


def value_of(colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Back from colours to places on the scale, -1 .. 1, by looking each colour up in the palette."""
    table = {tuple(colour): index for index, colour in enumerate(images.palette()[:255].tolist())}
    flat = [(table[tuple(colour)] - 127) / 127 for colour in colours.reshape(-1, 3).tolist()]
    return np.array(flat).reshape(colours.shape[:2])


def lightness(colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Oklab lightness (Björn Ottosson 2020) of sRGB colours (n, 3)."""
    c = colours / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    to_lms = np.array(
        [[0.4122215, 0.5363325, 0.0514460], [0.2119035, 0.6806995, 0.1073970], [0.0883025, 0.2817188, 0.6299787]]
    )
    return np.cbrt(linear @ to_lms.T) @ np.array([0.2104543, 0.7936178, -0.0040720])


@given(
    count=st.integers(1, 40),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    own=st.booleans(),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_every_map_lies_in_its_place_with_its_values(count: int, height: int, width: int, own: bool, seed: int) -> None:
    maps = np.random.default_rng(seed).normal(size=(count, height, width)).astype(np.float32)
    sheet = images.tiled(maps, own_scale=own)
    assert opened(sheet.png).shape == (sheet.height, sheet.width, 4)
    assert (sheet.count, sheet.tile, sheet.low, sheet.high) == (count, (width, height), maps.min(), maps.max())
    for index, one in enumerate(maps):
        limit = np.abs(one).max() if own else np.abs(maps).max()
        assert np.abs(value_of(cut(sheet, index)) - one / limit).max() <= 0.5 / 127 + 1e-6
    assert sheet.limit == (None if own else np.abs(maps).max())


def test_maps_stand_in_rows_of_eight() -> None:
    assert [images.tiled(np.zeros((count, 2, 2), np.float32)).columns for count in (3, 8, 16, 32)] == [3, 8, 8, 8]


def test_between_maps_one_sees_through() -> None:
    pixels = opened(images.tiled(np.ones((3, 2, 2), np.float32)).png)
    between = pixels[..., 3] == 0
    assert between[0].all() and between[:, 0].all() and between[:, 3].all() and not between[1, 1]


def test_zero_is_dark_and_signs_are_warm_and_cold() -> None:
    red, green, blue = images.palette()[[0, 127, 254]].astype(int).T
    assert max(red[1], green[1], blue[1]) < 30
    assert blue[0] > red[0] and red[2] > blue[2]
    nothing = images.tiled(np.zeros((2, 3, 3), np.float32))
    assert (value_of(cut(nothing, 0)) == 0).all()


def test_equal_steps_of_value_look_equal() -> None:
    light = lightness(images.palette()[:255])
    for side in (light[127:], light[127::-1]):
        steps = np.diff(side[::14])
        assert (steps > 0).all() and steps.max() < 1.5 * steps.min()


def luminance(colour: tuple[int, ...]) -> float:
    """WCAG's relative luminance of an sRGB colour."""
    linear = ((np.array(colour) / 255 + 0.055) / 1.055) ** 2.4
    linear = np.where(np.array(colour) <= 10, np.array(colour) / 255 / 12.92, linear)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_scale_colour_is_the_palettes() -> None:
    assert images.scale_colour(0.0, 0.0) == images.scale_colour(0.0, 3.0)
    for part, index in ((-1.0, 0), (0.0, 127), (1.0, 254), (7.0, 254)):
        red, green, blue = images.palette()[index]
        assert images.scale_colour(2 * part, 2.0)[0] == f"rgb({red},{green},{blue})"
    assert images.scale_colour(1.0, 1.0)[1] and not images.scale_colour(0.1, 1.0)[1]
    for part in np.linspace(-1, 1, 101):  # black or white on any colour of the scale is legible (WCAG: 4.5 to 1)
        colour, black = images.scale_colour(float(part), 1.0)
        behind = luminance(tuple(int(v) for v in colour[4:-1].split(",")))
        assert max(behind, not black) + 0.05 >= 4.5 * (min(behind, not black) + 0.05)
    assert len(images.scale_colours()) == 15


@pytest.mark.parametrize("count", [1, 52, 64, 65, 128, 512, 1152])
def test_a_strip_holds_its_values_line_by_line(count: int) -> None:
    values = np.linspace(-1, 1, count, dtype=np.float32)
    sheet = images.strip(values)
    pixels = opened(sheet.png)
    assert pixels.shape[:2] == (sheet.height, sheet.width) and sheet.count == count
    shown = pixels.reshape(-1, 4)
    assert (shown[:count, 3] == 255).all() and (shown[count:, 3] == 0).all()
    positions = value_of(shown[None, :count, :3])[0]
    assert np.abs(positions - values / np.abs(values).max()).max() <= 0.5 / 127 + 1e-6


def test_ink_is_black_on_white() -> None:
    image = np.array([[0.0, 1.0], [0.5, 2.0]], np.float32)
    assert opened(images.ink_png(image))[..., 0].tolist() == [[255, 0], [128, 0]]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"])
def test_any_picture_becomes_a_png_that_browsers_show(mode: str) -> None:
    png = images.picture_png(Image.new(mode, (300, 150)), 100)
    shown = Image.open(io.BytesIO(png))
    assert shown.size == (100, 50) and shown.mode in ("L", "RGB", "RGBA")


def test_a_picture_is_never_enlarged_nor_changed() -> None:
    picture = Image.new("RGB", (20, 10), "red")
    assert Image.open(io.BytesIO(images.picture_png(picture, 100))).size == (20, 10)
    images.picture_png(picture, 5)
    assert picture.size == (20, 10)


def test_all_pictures_of_a_reading_are_fast() -> None:
    random = np.random.default_rng(0)
    maps = [
        random.normal(size=shape).astype(np.float32)
        for shape in ((16, 48, 48), (16, 24, 24), (32, 24, 24), (32, 12, 12), (32, 12, 12), (32, 6, 6))
    ]
    rows = [random.normal(size=count).astype(np.float32) for count in (1152, 512, 128, 52)]
    times = []
    for _ in range(7):
        start = time.perf_counter()
        for sheet in [images.tiled(one) for one in maps] + [images.strip(row) for row in rows]:
            images.data_uri(sheet.png)
        times.append(time.perf_counter() - start)
    # 5 ms on an idle core; the least of several is what the code costs, whatever else the machine does.
    assert min(times) < 0.015
