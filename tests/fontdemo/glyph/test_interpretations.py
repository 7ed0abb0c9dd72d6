"""Which ways to see a picture are left open, and that the right one is among them; against plain Pillow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from fontdemo.errors import GlyphError
from fontdemo.glyph.glyph import from_picture
from fontdemo.glyph.interpretations import interpretations
from fontdemo.glyph.layout import FIT_SIDE, SIDE
from tests.support.letters import coverage, fitted, likeness, picture


def on_desk(
    character: str = "R", turn: float = 0, paper: int = 230, ink: int = 40, ground: int = 90, margin: int = 80
) -> Image.Image:
    """A sheet with the character, turned about its middle, on a desk of one tone."""
    sheet = picture(character, paper, ink, margin=margin, height=90)
    turned = sheet.rotate(turn, Image.Resampling.BICUBIC, expand=True)
    whole = Image.new("L", sheet.size, 255).rotate(turn, Image.Resampling.BICUBIC, expand=True)
    scene = Image.new("L", (turned.width + 120, turned.height + 90), ground)
    scene.paste(turned, (50, 50), whole)
    return scene


def fitted_turned(character: str, turn: float) -> NDArray[np.float64]:
    """What reading the turned character must give, by plain Pillow."""
    large = coverage(character, height=250, margin=60).rotate(turn, Image.Resampling.BICUBIC)
    ink = large.crop(large.point(lambda value: 255 * (value > 127)).getbbox())
    scale = FIT_SIDE / max(ink.size)
    small = ink.resize((round(ink.width * scale), round(ink.height * scale)), Image.Resampling.BOX)
    square = Image.new("L", (SIDE, SIDE))
    square.paste(small, ((SIDE - small.width) // 2, (SIDE - small.height) // 2))
    return np.asarray(square, dtype=np.float64) / 255


def best(source: Image.Image, wanted: NDArray[np.float64]) -> tuple[float, str]:
    """How much the likest of the interpretations is like `wanted`, and its name."""
    return max((likeness(one.glyph.image, wanted), one.name) for one in interpretations(source))


@pytest.mark.parametrize("paper, ink, name", [(255, 0, "dark ink"), (10, 240, "light ink")])
def test_a_plain_picture_can_be_seen_in_one_way_only(paper: int, ink: int, name: str) -> None:
    for character in "AgIo8B":
        image = picture(character, paper, ink)
        found = interpretations(image)
        assert [one.name for one in found] == [name], character
        assert np.array_equal(found[0].glyph.image, from_picture(image).image) and found[0].prior == 1


@pytest.mark.parametrize("paper, ink", [(255, 0), (0, 255)])
@pytest.mark.parametrize("margin", [0, 1, 2])
def test_the_right_way_to_see_a_tight_crop_is_among_those_offered(paper: int, ink: int, margin: int) -> None:
    for character in "ABDHLOUWaemqz0468":
        wanted = fitted(character, "DejaVuSans-Bold.ttf")
        image = picture(character, paper, ink, height=32, margin=margin, font="DejaVuSans-Bold.ttf")
        assert best(image, wanted)[0] > 0.75, character


@pytest.mark.parametrize("turn", [-4, 0, 3])
@pytest.mark.parametrize(
    "paper, ink, ground, name", [(230, 40, 90, "on the light sheet"), (30, 220, 190, "on the dark sheet")]
)
def test_a_character_on_a_sheet_on_a_desk_is_found(turn: float, paper: int, ink: int, ground: int, name: str) -> None:
    for character in "RIOg":
        alike, found = best(on_desk(character, turn, paper, ink, ground), fitted_turned(character, turn))
        assert found == name and alike > 0.7, character


def test_a_sheet_cut_by_the_frame_and_a_second_one_leave_the_larger_one() -> None:
    scene = on_desk()
    cut = scene.crop((70, 0, scene.width, scene.height))
    assert best(cut, fitted("R"))[1] == "on the light sheet"
    two = Image.new("L", (scene.width + 90, scene.height), 90)
    two.paste(scene, (0, 0))
    two.paste(picture("T", 225, 30, margin=30), (scene.width - 30, 60))
    alike, name = best(two, fitted("R"))
    assert name == "on the light sheet" and alike > 0.8


def ruled(character: str) -> Image.Image:
    """On a page with dark lines right across, every fifth of its height."""
    image = picture(character, 235, 30, height=150, margin=40)
    under = Image.new("L", image.size, 235)
    for at in range(12, image.height, image.height // 5):
        ImageDraw.Draw(under).line((0, at, image.width, at), fill=110, width=2)
    return ImageChops.darker(image, under)


def shaded(character: str) -> Image.Image:
    """On a page whose left half is in the shade."""
    values = np.asarray(picture(character, 235, 30, height=150, margin=40), dtype=np.float64)
    values[:, : values.shape[1] // 2] *= 0.45
    return Image.fromarray(values.astype(np.uint8))


def punched(character: str) -> Image.Image:
    """On a sheet with two holes at its left edge."""
    image = picture(character, 235, 30, height=150, margin=80)
    for at in (40, image.height - 40):
        ImageDraw.Draw(image).ellipse((12, at - 9, 30, at + 9), fill=60)
    return image


@pytest.mark.parametrize("made, name", [
    (ruled, "dark ink, without lines"), (shaded, "dark ink, without shadows"),
    (punched, "dark ink, without what stands apart"),
])  # fmt: skip
def test_a_page_is_seen_without_what_it_has_beside_ink_and_paper(
    made: Callable[[str], Image.Image], name: str
) -> None:
    for character in "RSa4":
        found = {one.name: one for one in interpretations(made(character))}
        assert likeness(found[name].glyph.image, fitted(character)) > 0.8, character
        plain = [one.glyph.image for other, one in found.items() if "without" not in other]
        assert max(likeness(image, fitted(character)) for image in plain) < 0.75, character


def test_beside_many_ruled_lines_what_keeps_them_counts_for_less() -> None:
    found = {one.name: one for one in interpretations(ruled("S"))}
    assert found["dark ink, without lines"].prior > found["dark ink"].prior and found["dark ink, without lines"].bare


def test_the_dot_of_an_i_does_not_stand_apart() -> None:
    for character in "ij":
        assert [one.name for one in interpretations(picture(character, 255, 0))] == ["dark ink"], character


def test_what_is_see_through_leaves_no_choice() -> None:
    mask = coverage("B", height=30, margin=0)
    image = Image.new("RGBA", mask.size, (250, 250, 250, 0))
    image.putalpha(mask)
    assert {one.name for one in interpretations(image)} <= {"light ink", "light ink, up to the edge"}


def test_nothing_to_see_is_reported() -> None:
    with pytest.raises(GlyphError, match="one colour"):
        interpretations(Image.new("L", (40, 40), 90))


def test_single_pixels_are_specks_in_a_small_scan_but_a_dot_is_none() -> None:
    image = picture("l", 255, 0, height=22, margin=6)
    draw = ImageDraw.Draw(image)
    for spot in ((1, 3), (image.width - 2, 12), (2, image.height - 3)):
        draw.point(spot, 0)
    assert likeness(from_picture(image).image, fitted("l")) > 0.7
    dotted = from_picture(picture("i", 255, 0, height=18, margin=5)).image
    assert likeness(dotted, fitted("i")) > 0.6
