"""The Read tab's examples: drawings on the pad and pictures of one character each."""

from __future__ import annotations

import json

import numpy as np
from PIL import Image

from fontdemo.ui.read.examples import PICTURE_SIDE, make_examples


def test_examples_are_drawings_within_the_pad_then_pictures() -> None:
    made = make_examples()
    drawings = [one for one in made if isinstance(one.content, str)]
    pictures = [one.content for one in made if isinstance(one.content, Image.Image)]
    assert drawings == made[: len(drawings)] and drawings and pictures
    for one in drawings:
        points = np.array([point for stroke in json.loads(str(one.content)) for point in stroke])
        assert points.min() >= 0 and points.max() <= 1 and np.ptp(points, axis=0).max() > 0.3
    for picture in pictures:
        assert picture.size == (PICTURE_SIDE, PICTURE_SIDE) and len(picture.getcolors(PICTURE_SIDE**2) or ()) > 2
    assert all(len(one.character) == 1 for one in made)
