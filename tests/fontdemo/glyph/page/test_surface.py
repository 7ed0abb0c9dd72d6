"""What lies under the ink is taken off, and the ink is left: against pictures made by plain Pillow and NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from fontdemo.glyph.page.surface import without_lines, without_shade
from tests.support.letters import FONTS, coverage, picture
from tests.support.words import word_picture

PAPER, INK = 0.9, 0.2


def page(character: str = "R", height: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """A plane of a dark character on light paper, and where its ink is."""
    cover = np.asarray(coverage(character, height=height, margin=60), dtype=np.float32) / 255
    return (PAPER + (INK - PAPER) * cover).astype(np.float32), cover > 0.5


@pytest.mark.parametrize("dark", [True, False])
def test_a_shadow_goes_and_the_ink_stays(dark: bool) -> None:
    plane, ink = page()
    shaded = plane.copy()
    shaded[:, : plane.shape[1] // 2] *= 0.22
    bare = without_shade(shaded if dark else 1 - shaded, dark)
    assert bare.dtype == np.float32 and bare.shape == plane.shape
    assert ((bare < 0.6) != ink).mean() < 0.001
    assert (bare[plane == np.float32(PAPER)] > 0.95).mean() > 0.999
    assert min(((shaded < cut) != ink).mean() for cut in np.linspace(0, 1, 100)) > 0.02  # no one cut finds it


@pytest.mark.parametrize("slope", [0, 0.05])
@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("squared", [False, True])
def test_ruled_lines_go_and_the_ink_stays(slope: float, dark: bool, squared: bool) -> None:
    plane, ink = page()
    image = Image.fromarray(np.round(255 * plane).astype(np.uint8))
    height, width = plane.shape
    over, draw = image.copy(), ImageDraw.Draw(image)
    spots = range(10, height, 30)
    for at in spots:
        draw.line((0, at - slope * width / 2, width, at + slope * width / 2), fill=130)
    if squared:
        for at in range(10, width, 30):
            draw.line((at, 0, at, height), fill=130)
    image.paste(over, mask=over.point(lambda value: 255 * (value < 120)))
    ruled = np.asarray(image, dtype=np.float32) / 255
    found = without_lines(ruled if dark else 1 - ruled, dark)
    assert found is not None and found.lines >= len(spots) - (2 if slope else 0)
    bare = found.values if dark else 1 - found.values
    assert ((bare < 0.4) != (ruled < 0.4)).mean() < 0.002
    paper = plane == np.float32(PAPER)
    assert (bare[paper] < 0.7).mean() < 0.005 < (ruled[paper] < 0.7).mean()


def test_a_clean_picture_has_no_lines() -> None:
    for character in "EHmzR8":
        plane = np.asarray(picture(character, 240, 20, height=150, margin=30), dtype=np.float32) / 255
        assert without_lines(plane, True) is None and without_lines(1 - plane, False) is None, character


@pytest.mark.parametrize("text", ["Other", "THERE", "HEATER", "minimum", "EVEN"])
def test_bars_and_serifs_of_a_word_are_no_lines(text: str) -> None:
    """They stand at the same height in letter after letter, but end between them; grain does not bridge the gaps."""
    for number, size in enumerate((40, 56, 72)):
        for file in ("DejaVuSans.ttf", "DejaVuSerif-Bold.ttf"):
            image = word_picture(text, ImageFont.truetype(str(FONTS / file), size), ink=30, paper=225, seed=number)
            plane = np.asarray(image, dtype=np.float32) / 255
            assert without_lines(plane, True) is None and without_lines(1 - plane, False) is None, (size, file)
