"""train.handwriting.writers: made-up writers, their seed, the two layouts, and letters that stay themselves."""

from __future__ import annotations

import numpy as np
import pytest

from fontdemo.alphabet import CHARACTERS, get_alphabet
from fontdemo.errors import FontdemoError
from fontdemo.glyph.layout import BASELINE_ROW, CAPITAL_ROW, FIT_SIDE
from train.data.build import build
from train.handwriting.writers import write_all


def test_writers_follow_their_seed_and_their_number() -> None:
    few, more, other = (write_all(n, "Ag1", "fit", seed, workers=1) for n, seed in ((2, 5), (3, 5), (2, 6)))
    assert few.shape == (2, 3, 100, 100) and few.dtype == np.uint8
    assert np.array_equal(few, more[:2])
    assert not np.array_equal(few, other) and not np.array_equal(few[0], few[1])


def test_layout_fit_fills_the_box_whatever_the_pen() -> None:
    for glyph in write_all(6, CHARACTERS, "fit", 1, workers=1).reshape(-1, 100, 100):
        rows, columns = np.nonzero(glyph > 127)
        assert abs(max(np.ptp(rows), np.ptp(columns)) + 1 - FIT_SIDE) <= 2
        assert abs(rows.min() + rows.max() - 99) <= 3 and abs(columns.min() + columns.max() - 99) <= 3


def test_layout_course_stands_between_the_guide_lines_of_the_pad() -> None:
    """On the average: capitals reach up to their line, small letters do not, and descenders go below the baseline."""
    tops, bottoms = {}, {}
    for index, character in enumerate("Hxp"):
        rows = [np.nonzero(image > 127)[0] for image in write_all(60, "Hxp", "course", 2, workers=1)[:, index]]
        tops[character] = np.mean([row.min() for row in rows])
        bottoms[character] = np.mean([row.max() for row in rows])
    assert abs(tops["H"] - CAPITAL_ROW) < 8 and tops["x"] > CAPITAL_ROW + 15
    assert abs(bottoms["H"] - BASELINE_ROW) < 8 and abs(bottoms["x"] - BASELINE_ROW) < 8
    assert bottoms["p"] > BASELINE_ROW + 10


def test_a_letter_is_nearer_to_its_own_kind_than_to_others() -> None:
    """Nearest neighbours on small pictures tell them apart far better than chance (1.6 %): their labels are right."""
    images = write_all(40, CHARACTERS, "fit", 3, workers=1).astype(np.float32)
    small = images.reshape(40, 62, 20, 5, 20, 5).mean((3, 5)).reshape(40, 62, -1)
    known, asked = small[:32].reshape(-1, 400), small[32:].reshape(-1, 400)
    distances = (asked**2).sum(1)[:, None] - 2 * asked @ known.T + (known**2).sum(1)
    assert (distances.argmin(1) % 62 == np.arange(len(asked)) % 62).mean() > 0.4


def test_a_data_set_of_writers_needs_no_faces_and_splits_by_writer() -> None:
    data = build([], get_alphabet("course52"), ink="writers", layout="fit", train=3, valid=2, seed=4, workers=1)
    assert len(data) == 5 * 52 and data.ink == "writers" and data.layout == "fit" and data.split_rule == "families"
    assert {data.faces[face].key for face in data.face[data.split == 0]} == {"Writer 1", "Writer 2", "Writer 3"}
    for wrong in ({"split": "random"}, {"like": [data]}):
        with pytest.raises(FontdemoError, match="Writers are split"):
            build([], get_alphabet("course52"), ink="writers", layout="fit", train=3, valid=2, workers=1, **wrong)
    assert np.array_equal(data.images[:52], write_all(1, data.alphabet.classes, "fit", 4, workers=1)[0])
