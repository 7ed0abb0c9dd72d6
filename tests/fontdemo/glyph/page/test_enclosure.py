"""fontdemo.glyph.page.enclosure: what a ring or a disc has within it is cut out; the holes of letters are nothing."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fontdemo.alphabet import CHARACTERS
from fontdemo.glyph.interpretations import interpretations
from fontdemo.glyph.page.enclosure import Enclosed, find_enclosed
from tests.support.letters import coverage, fitted, likeness, picture

SHAPES = ["ellipse", "gap", "tile", "disc"]


def sign(character: str, shape: str, paper: int = 245, ink: int = 30) -> Image.Image:
    """The character in the middle of a ring, one with a gap, or a tile's outline; or in the paper's tone on a disc."""
    image = Image.new("L", (260, 260), paper)
    pen = ImageDraw.Draw(image)
    box = (20, 20, 240, 240)
    if shape == "disc":
        pen.ellipse(box, fill=ink)
    elif shape == "tile":
        pen.rounded_rectangle(box, radius=60, outline=ink, width=6)
    else:
        pen.arc(box, 4 if shape == "gap" else 0, 360, fill=ink, width=6)
    mask = coverage(character, height=100, margin=0)
    tone = paper if shape == "disc" else ink
    image.paste(tone, ((260 - mask.width) // 2, (260 - mask.height) // 2), mask)
    return image


def found(image: Image.Image) -> Enclosed | None:
    values = np.asarray(image, dtype=np.float32) / 255
    return find_enclosed(values, values < 0.5, dark=True)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("paper, ink", [(245, 30), (20, 230)])
def test_what_is_enclosed_is_one_way_to_see_the_picture(shape: str, paper: int, ink: int) -> None:
    name = "in the disc" if shape == "disc" else "in the ring"
    for character in "ARSg4":
        seen = {one.name: one for one in interpretations(sign(character, shape, paper, ink))}
        assert likeness(seen[name].glyph.image, fitted(character)) > 0.8, character
        others = [one.glyph.image for other, one in seen.items() if other != name]
        assert max(likeness(image, fitted(character)) for image in others) < 0.75, character


def test_the_tone_of_ink_is_told_and_all_around_is_even() -> None:
    ring, disc = found(sign("R", "ellipse")), found(sign("R", "disc"))
    assert ring is not None and ring.ring and ring.dark
    assert disc is not None and not disc.ring and not disc.dark
    for one, ground in ((ring, 245), (disc, 30)):
        assert np.allclose(one.values[:60], ground / 255, atol=0.01) and np.ptp(one.values) > 0.8


@pytest.mark.parametrize("name", ["Sans", "Sans-Bold", "Serif", "SansMono-Bold"])
def test_a_character_alone_encloses_nothing(name: str) -> None:
    """Not even DejaVu Mono's zero, in whose hole a bar stands."""
    font = f"DejaVu{name}.ttf"
    assert [character for character in CHARACTERS if found(picture(character, height=150, font=font))] == []


def test_small_or_empty_pictures_enclose_nothing() -> None:
    assert found(Image.new("L", (40, 40), 255)) is None
    assert found(Image.new("L", (40, 40), 0)) is None
    small = Image.new("L", (900, 900), 255)
    small.paste(sign("R", "ellipse", 255))
    ImageDraw.Draw(small).ellipse((300, 300, 310, 310), fill=0)
    assert found(small.crop((0, 0, 900, 900)).resize((300, 300))) is None


def test_a_disc_of_as_many_holes_as_there_can_be_takes_no_seconds() -> None:
    """Each of thousands was looked at, 12 s for a picture of 1 kB."""
    ink = np.ones((256, 256), dtype=bool)
    ink[2::3, 2::3] = False
    before = time.process_time()
    assert find_enclosed(1 - ink.astype(np.float32), ink, dark=True) is None
    assert time.process_time() - before < 2
