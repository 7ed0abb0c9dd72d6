"""The sample of training glyphs that the browser runs through a network."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from fontdemo.glyph.layout import SIDE
from fontdemo.network import pretrained
from fontdemo.reading.nearest import PICTURE_SIDE, Index, unpacked
from fontdemo.reading.nearest import load as load_index
from fontdemo.ui.live.glyph_sample import EACH, sample


@pytest.fixture(scope="module")
def index() -> Index:
    name = "report-cnn"
    return load_index(pretrained.WEIGHTS / name, pretrained.load(name))


def test_every_character_is_there_and_its_picture_is_the_indexs(index: Index) -> None:
    made = sample(index)
    own = [chr(code) for code in np.unique(index.characters)]
    assert sorted(made["characters"]) == sorted(character for character in own for _ in range(EACH))
    assert len(made["faces"]) == len(made["boxes"]) == len(made["characters"])
    sheet = Image.open(io.BytesIO(base64.b64decode(made["png"].split(",")[1]))).convert("L")
    tile, columns = made["tile"], made["columns"]
    for number in (0, 21, len(made["characters"]) - 1):
        left, top = tile * (number % columns), tile * (number // columns)
        picture = np.asarray(sheet.crop((left, top, left + tile, top + tile))) / 255
        indices = np.flatnonzero(index.characters == ord(made["characters"][number]))
        names = index.names[index.faces[indices[number % EACH]]]
        assert made["faces"][number] == f"{names.family} {names.style}".strip()
        np.testing.assert_allclose(picture, unpacked(index.pictures[indices[number % EACH]]), atol=0.01)


def test_glyphs_stand_in_the_image_and_small_letters_are_smaller(index: Index) -> None:
    made = sample(index)
    sides = dict(zip(made["characters"], (box[2] for box in made["boxes"]), strict=True))
    ink = (PICTURE_SIDE - 2) / PICTURE_SIDE
    assert sides["H"] * ink == pytest.approx(72, abs=0.1) and sides["e"] * ink == pytest.approx(54, abs=0.1)
    for x, y, width, height in made["boxes"]:
        assert x >= 0 and y >= 0 and x + width <= SIDE and y + height <= SIDE


def test_the_sample_is_small(index: Index) -> None:
    assert len(sample(index)["png"]) < 100_000
