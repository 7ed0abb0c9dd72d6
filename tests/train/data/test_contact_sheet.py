"""train.data.contact_sheet: every image stands in its tile, black on white, its name below."""

from __future__ import annotations

import numpy as np

from train.data.contact_sheet import contact_sheet


def test_images_stand_in_rows_black_on_white() -> None:
    rng = np.random.default_rng(0)
    images = (255 * (rng.random((5, 100, 100)) < 0.1)).astype(np.uint8)
    sheet = np.asarray(contact_sheet(images, ["A", "B", "", "D", "E"], columns=3))
    found = []
    for top in range(sheet.shape[0] - 99):
        for left in range(sheet.shape[1] - 99):
            if sheet[top, left : left + 100].min() == 0:
                square = 255 - sheet[top : top + 100, left : left + 100]
                found += [n for n, image in enumerate(images) if np.array_equal(square, image)]
    assert found == [0, 1, 2, 3, 4]


def test_a_long_name_is_cut_and_one_column_is_enough_for_one_image() -> None:
    image = np.zeros((1, 100, 100), np.uint8)
    short, long = contact_sheet(image, ["W"]), contact_sheet(image, ["W" * 300], columns=8)
    assert short.size == long.size and short.width < 140
    edge = np.asarray(long)[:, -8:]
    assert (edge == 255).all()  # nothing runs over
