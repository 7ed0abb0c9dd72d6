"""train.fonts.similarity: how like a text face's a face's letters are, and what is no letter."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.fontmaker import source
from tests.train.fonts.test_category import ALNUM
from train.fonts.face import RefusalKind
from train.fonts.inspect import Inspection, inspect
from train.fonts.similarity import Models


@pytest.fixture(scope="module")
def models() -> Models:
    return Models(ALNUM)


def look(name: str) -> Inspection:
    (found,) = inspect((source(name), ALNUM.classes))
    assert isinstance(found, Inspection)
    return found


def test_a_model_is_its_own_likeness_and_noise_is_like_none(models: Models) -> None:
    assert models.resemblance(look("DejaVuSerif")).likeness == pytest.approx(1, abs=1e-3)
    # DejaVu Serif Bold is no model itself, but resembles one, as a serif face.
    alike = models.resemblance(look("DejaVuSerif-Bold"))
    assert 0.83 < alike.likeness < 1 and alike.lean > 0
    assert models.resemblance(look("DejaVuSans-Bold")).lean < 0
    seen = look("DejaVuSans")
    noise = np.random.default_rng(0).integers(0, 256, seen.small.shape, np.uint8)
    assert models.resemblance(Inspection(seen.face, seen.tables, noise)).likeness < 0.5


def test_the_faults_of_faces(models: Models) -> None:
    seen = look("DejaVuSerif")
    assert models.fault(seen) is None
    glyphs = dict(zip(ALNUM.classes, seen.small, strict=True))
    same = Inspection(seen.face, seen.tables, np.repeat(seen.small[:1], len(ALNUM), axis=0))
    assert models.fault(same) == (RefusalKind.ALL_ALIKE, "every glyph alike")
    capitals = Inspection(seen.face, seen.tables, np.stack([glyphs[c.upper()] for c in ALNUM.classes]))
    assert models.fault(capitals) == (RefusalKind.CAPITALS_ONLY, "small letters drawn as capitals")
