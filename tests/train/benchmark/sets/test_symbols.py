"""train.benchmark.sets.symbols: printed, and none of our characters."""

from __future__ import annotations

import numpy as np

from train.benchmark.sets.symbols import SCRIPTS, SIGNS, symbols


def test_symbols_are_in_the_font_that_ships_and_none_of_ours() -> None:
    from fontTools.ttLib import TTFont

    from fontdemo.alphabet import CHARACTERS
    from train.benchmark.sets.symbols import _FACES, _FONTS

    for face in _FACES:
        held = TTFont(_FONTS / face).getBestCmap()
        assert all(ord(sign) in held for sign in SIGNS + SCRIPTS), face
    assert not set(SIGNS + SCRIPTS) & set(CHARACTERS)
    first, again = symbols(6, 1), symbols(6, 1)
    assert [loaded.name for loaded in first] == ["signs", "other scripts", "drawn signs"]
    for loaded, same in zip(first, again, strict=True):
        assert len(loaded) + len(loaded.refused) == 6 and np.array_equal(loaded.images, same.images)
        assert all(0.02 < image.mean() < 0.6 for image in loaded.images)
