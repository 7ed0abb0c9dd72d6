"""fontdemo.glyph.page.sheet: a sheet on a desk is cut out, a letter is none."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from fontdemo.glyph.page.sheet import find_sheet
from tests.fontdemo.glyph.test_interpretations import on_desk
from tests.support.letters import picture


def test_uneven_light_on_the_sheet_leaves_no_edge_where_it_is_cut_out() -> None:
    values = np.asarray(on_desk(turn=4), dtype=np.float64)
    shade = np.linspace(1, 0.75, values.shape[1])
    sheet = find_sheet((values * shade / 255).astype(np.float32), light=True)
    assert sheet is not None
    rim = np.concatenate([sheet.values[0], sheet.values[-1], sheet.values[:, 0], sheet.values[:, -1]])
    # Everything along the rim is paper: from 230 times 0.75 to 230.
    assert rim.min() > 0.6 and rim.max() < 0.93


@pytest.mark.parametrize("make", [
    lambda: picture("O", 0, 255), lambda: picture("e", 0, 255, font="DejaVuSans-Bold.ttf"),
    lambda: picture("A", 0, 255),
    lambda: Image.new("L", (90, 60), 250), lambda: Image.fromarray(np.eye(80, dtype=np.uint8) * 255),
])  # fmt: skip
def test_a_letter_is_no_sheet(make: object) -> None:
    values = np.asarray(make(), dtype=np.float32) / 255  # type: ignore[operator]
    assert find_sheet(values, light=True) is None
