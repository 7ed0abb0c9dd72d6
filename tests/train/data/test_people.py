"""train.data.people: nobody in two parts, the loss among what collections hold, outliers, two layouts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fontdemo.errors import FontdemoError
from fontdemo.glyph.glyph import from_drawing, from_picture
from fontdemo.glyph.layout import BASELINE_ROW, FIT_SIDE
from tests.train.handwriting.test_scans import idx
from train.data.glyphset import GlyphSet
from train.data.people import LOOKALIKES, build_people, build_scans
from train.handwriting.collections import Sample

RING = [[[50 + 30 * np.cos(t), 50 + 40 * np.sin(t)] for t in np.linspace(0, 6.3, 30)]]
BAR = [[[50.0, 0.0], [52.0, 100.0]]]
HOOK = [[[0.0, 0.0], [40.0, 0.0], [20.0, 90.0]], [[5.0, 45.0], [35.0, 45.0]]]


def collections(people: int = 6) -> list[list[Sample]]:
    drawings = (RING, BAR, HOOK)
    digits = [Sample(c, f"digits {n:02}", d) for n in range(people) for c, d in zip("017", drawings, strict=True)]
    letters = [Sample(c, f"letters {n:02}", d) for n in range(people) for c, d in zip("olp", drawings, strict=True)]
    others = [Sample(c, f"others {n:02}", HOOK) for n in range(people) for c in ("Greek/06", "Greek/15")]
    return [digits, letters, others]


def characters(data: GlyphSet, part: int) -> str:
    return "".join(data.alphabet.classes[label] for label in data.labels[data.split == part])


def test_every_person_is_in_one_part_and_the_same_ones_whatever_is_drawn() -> None:
    data = build_people(collections(), each=12, outliers=2)
    sides = [{data.faces[face].key.split()[1] for face in data.face[data.split == part]} for part in (0, 1)]
    assert len(sides[0]) == 4 and len(sides[1]) == 2 and not sides[0] & sides[1]
    again, other = build_people(collections(), each=12, outliers=2), build_people(collections(), each=12, seed=7)
    assert again.fingerprint() == data.fingerprint() != other.fingerprint()


def allowed(data: GlyphSet) -> list[set[str]]:
    """What training images of rings, and all other ones, are chosen from."""
    choices = data.choices("train")
    assert choices is not None and len(choices) == (data.split == 0).sum()
    classes = np.array(list(data.alphabet.classes))
    ring = np.isin(classes[data.labels[data.split == 0]], list("0oO"))
    return [{"".join(classes[row]) for row in choices[part]} for part in (ring, ~ring)]


def test_each_character_gets_about_as_many_images_and_held_out_ones_are_the_drawings_themselves() -> None:
    data = build_people(collections(), each=12)
    counts = {c: characters(data, 0).count(c) for c in "017lp"}
    assert set(counts.values()) == {12}
    assert sorted(characters(data, 1)) == sorted("017olp" * 2)
    held_out = data.images[(data.split == 1) & (data.labels == 7)][0]
    assert np.abs(held_out / 255 - from_drawing(HOOK, fit=True).image).mean() < 0.005


def test_fitted_drawings_of_one_shape_stand_for_both_cases_but_not_on_the_pad() -> None:
    """A cropped o is an O as well; l and L are two shapes."""
    fitted, pad = (build_people(collections(), each=16, layout=layout) for layout in ("fit", "course"))
    assert characters(fitted, 0).count("o") == characters(fitted, 0).count("O") == 8
    assert "L" not in characters(fitted, 0) and "O" not in characters(fitted, 1)
    assert characters(pad, 0).count("o") == 16 and "O" not in characters(pad, 0)


def test_the_loss_is_taken_among_what_the_collections_hold_together() -> None:
    data = build_people(collections(), each=4, layout="course")
    assert allowed(data) == [{"017lop"}] * 2


def test_half_of_the_fitted_rings_are_chosen_without_the_other_kind_of_ring() -> None:
    """Neither a 0 among o and O nor an o or O beside 0: their widths overlap, and nobody drew the capital."""
    data = build_people(collections(), each=16)
    rings, others = allowed(data)
    assert others == {"017Olop"} and rings == {"017Olop", "017lp", "17Olop"}
    kept = data.choices("train")
    assert kept is not None
    labels, zero, small = data.labels[data.split == 0], data.alphabet.label("0"), data.alphabet.label("o")
    for label, other in ((zero, small), (small, zero)):
        assert 0.25 <= kept[labels == label, other].mean() <= 0.75
    held_out = data.choices("valid")
    assert held_out is not None and held_out[:, [zero, small]].all()


def test_what_is_none_of_ours_becomes_outliers_unless_it_looks_like_one() -> None:
    """omicron (Greek/15) looks like an o; zeta does not."""
    assert "Greek/15" in LOOKALIKES and "Greek/06" not in LOOKALIKES
    data = build_people(collections(), each=4, outliers=3)
    assert len(data.outliers_of("train")) == 4 * 3 and len(data.outliers_of("valid")) == 2
    assert len(build_people(collections(), each=4, outliers=3, leave_out=()).outliers_of("train")) == 8 * 3


def test_layouts_fill_the_box_or_stand_on_the_baseline() -> None:
    fitted, pad = (build_people(collections(), each=12, layout=layout) for layout in ("fit", "course"))
    for image in fitted.images:
        rows, columns = np.nonzero(image > 127)
        assert abs(max(np.ptp(rows), np.ptp(columns)) + 1 - FIT_SIDE) <= 2
    lowest = {c: np.mean([np.nonzero(image > 127)[0].max() for image in pad.images[pad.labels == label]])
              for c, label in (("1", 1), ("p", pad.alphabet.label("p")))}  # fmt: skip
    assert abs(lowest["1"] - BASELINE_ROW) < 8 and lowest["p"] > BASELINE_ROW + 10


def test_settings_that_make_no_set_are_refused() -> None:
    for wrong in ({"layout": "wide"}, {"valid": 0.0}, {"valid": 1.0}, {"each": 0}, {"outliers": 0}):
        with pytest.raises(FontdemoError, match="Choose"):
            build_people(collections(), **wrong)
    with pytest.raises(FontdemoError, match="no drawing"):
        build_people([[]])


def test_scans_are_read_as_pictures_are_and_say_nothing_of_letters_written_alike(tmp_path: Path) -> None:
    for part, count in (("train", 60), ("t10k", 30)):
        images = np.zeros((count, 28, 28), np.uint8)
        for at in range(count):
            images[at, 6 : 16 + at // 10, 12:15] = 255
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx(np.arange(count) % 10))
    data = build_scans(tmp_path, each=4, held_out=2)
    assert characters(data, 0) == "".join(c * 4 for c in "0123456789")
    assert characters(data, 1) == "".join(c * 2 for c in "0123456789")
    assert data.layout == "fit" and not len(data.outliers)
    seen = [from_picture(Image.fromarray(images[10 * row + 3])).image for row in range(3)]  # those of the last part
    held_out = data.images[(data.split == 1) & (data.labels == 3)] / 255
    assert all(min(np.abs(image - one).max() for one in seen) < 0.01 for image in held_out)
    choices = data.choices("train")
    assert choices is not None
    left_out = {c: {data.alphabet.classes[at] for at in np.flatnonzero(~row)}
                for c, row in zip(characters(data, 0), choices, strict=True)}  # fmt: skip
    assert left_out["0"] == set("oO") and left_out["1"] == set("Il") and left_out["3"] == set()
    assert build_scans(tmp_path, each=4, seed=1).fingerprint() != build_scans(tmp_path, each=4).fingerprint()
    with pytest.raises(FontdemoError, match="at least one"):
        build_scans(tmp_path, each=0)
