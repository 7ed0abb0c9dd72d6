"""Evaluation sets: every kind of set takes the command line's road, and what is no set is refused by name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fontdemo.__main__ import open_glyph
from tests.support.training import small_set
from train.benchmark.sets import evalset as sets
from train.benchmark.sets.evalset import BenchmarkError

L = [[[10, 10], [10, 90], [60, 90]]]


def picture(light: bool = False, side: int = 40) -> Image.Image:
    """A bar with a foot, dark on light or light on dark."""
    ink, paper = (255, 0) if light else (0, 255)
    image = Image.new("L", (side, side), paper)
    draw = ImageDraw.Draw(image)
    draw.rectangle((8, 6, 13, 33), fill=ink)
    draw.rectangle((8, 28, 28, 33), fill=ink)
    return image


def test_a_packed_set_gives_its_test_part_or_else_its_valid_part() -> None:
    data = small_set()
    loaded = sets.from_data(replace(data, split_rule="families"))
    assert loaded.name == "unseen families, course"
    truths = "".join(data.alphabet.classes[label] for label in data.part("valid")[1])
    assert len(loaded) == 26 and loaded.truths == truths
    glyph = next(loaded.glyphs())
    assert np.array_equal(np.round(glyph.image * 255), data.part("valid")[0][0])
    tested = replace(data, split=np.where(np.arange(len(data)) < 5, 2, data.split).astype(np.uint8))
    assert len(sets.from_data(tested)) == 5
    assert not loaded.cropped and sets.from_data(replace(data, layout="fit")).cropped
    assert sets.from_data(data).name == "split random, course"
    traced = replace(data, ink="traced", layout="fit")
    assert sets.from_data(traced).name == "split random, fit, traced"
    with pytest.raises(BenchmarkError, match="neither"):
        sets.from_data(replace(data, split=np.zeros(len(data), np.uint8)))


def test_strokes_are_read_as_the_command_line_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "strokes.json"
    file.write_text(json.dumps({"L": [L, L], "1": [[[[5, 0], [5, 9]]], []]}))
    done: list[int] = []
    loaded = sets.from_strokes(file, done.append)
    assert (loaded.truths, loaded.refused, loaded.source, done) == ("LL1", "1", "drawing", [1, 2, 3, 4])
    (tmp_path / "one.json").write_text(json.dumps(L))
    assert np.array_equal(loaded.images[0], open_glyph(tmp_path / "one.json").image)


def test_pictures_in_folders_of_any_format_and_polarity(tmp_path: Path) -> None:
    for folder in ("4c", "6C", "7e", "notes"):
        (tmp_path / folder).mkdir()
    picture().save(tmp_path / "4c" / "a.png")
    picture(light=True).save(tmp_path / "6C" / "b.bmp")
    Image.new("L", (20, 20), 200).save(tmp_path / "6C" / "blank.gif")
    picture().save(tmp_path / "7e" / "tilde.png")  # none of the 62
    (tmp_path / "4c" / ".hidden").write_text("no picture")
    loaded = sets.from_pictures(tmp_path)
    assert (loaded.truths, loaded.refused) == ("Ll", "l")
    assert np.array_equal(loaded.images[0], open_glyph(tmp_path / "4c" / "a.png").image)
    assert np.allclose(loaded.images[0], loaded.images[1], atol=0.02)


def test_pictures_in_an_npz_are_the_same_as_files(tmp_path: Path) -> None:
    x = np.stack([np.asarray(picture()), np.asarray(picture(light=True))])
    np.savez(tmp_path / "few.npz", x=x, y=np.array([1, 0], np.uint8), classes=np.array(["l", "L"]))
    loaded = sets.from_pictures(tmp_path / "few.npz")
    assert (loaded.name, loaded.truths, loaded.refused) == ("pictures, few", "Ll", "")
    picture().save(tmp_path / "a.png")
    assert np.array_equal(loaded.images[0], open_glyph(tmp_path / "a.png").image)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"y": np.array([2])}, "out of range"),
        ({"y": np.array([0, 0])}, "do not fit"),
        ({"x": np.zeros((1, 9, 9), np.float32)}, "do not fit"),
        ({"classes": np.array(["ab"])}, "'ab'"),
        ({"classes": np.array([{}], dtype=object)}, "npz of pictures"),
        ({"x": None}, "npz of pictures"),
    ],
)
def test_an_npz_of_another_kind_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    arrays = {"x": np.asarray(picture())[None], "y": np.array([0]), "classes": np.array(["A"])} | changes
    np.savez(tmp_path / "odd.npz", **{name: array for name, array in arrays.items() if array is not None})
    with pytest.raises(BenchmarkError, match=said):
        sets.from_pictures(tmp_path / "odd.npz")


@pytest.mark.parametrize("text", ["{", "[1]", '{"A": 3}', '{"AB": []}', '{"é": []}', '{"A": [[]]}'])
def test_strokes_of_another_kind_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.json").write_text(text, encoding="utf-8")
    with pytest.raises(BenchmarkError):
        sets.from_strokes(tmp_path / "s.json")


def test_what_is_not_there_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for look in (
        lambda: sets.from_pictures(tmp_path / "none.npz"),
        lambda: sets.from_strokes(tmp_path / "none.json"),
        lambda: sets.from_pictures(tmp_path / "empty"),
    ):
        with pytest.raises(BenchmarkError, match=r"none\.|empty"):
            look()


def test_a_part_of_a_set_keeps_images_with_their_characters() -> None:
    loaded = sets.from_data(small_set())
    part = loaded.subset(np.array([3, 1]))
    assert part.truths == loaded.truths[3] + loaded.truths[1]
    assert np.array_equal(part.images, loaded.images[[3, 1]])
    assert np.array_equal(part.ink([0]), loaded.images[[3]])


def test_a_sample_is_drawn_by_seed_and_named() -> None:
    loaded = sets.from_data(small_set())
    assert sets.sample(loaded, 26, 0).evalset is loaded
    first, again, other = (sets.sample(loaded, 10, seed) for seed in (3, 3, 4))
    assert first.evalset.name == "split random, course, 10 of them"
    assert np.array_equal(first.indices, again.indices) and not np.array_equal(first.indices, other.indices)
    assert np.array_equal(np.unique(first.indices), first.indices) and len(first.indices) == 10
    assert np.array_equal(first.evalset.images, loaded.images[first.indices])
    assert first.evalset.truths == "".join(loaded.truths[index] for index in first.indices)
    assert first.evalset.cropped == loaded.cropped


def test_held_out_people_are_called_so_and_held_out_outliers_are_a_set_of_their_own() -> None:
    data = replace(small_set(), ink="people", split_rule="families", layout="fit")
    assert sets.from_data(data).name == "unseen people, fit"
    assert sets.outliers_from(data) is None
    made = np.arange(5 * 10_000).reshape(5, 100, 100).astype(np.uint8)
    loaded = sets.outliers_from(
        replace(data, outliers=made, outlier_split=np.array([0, 1, 1, 0, 1], np.uint8))
    )
    assert loaded is not None and loaded.cropped and len(loaded) == 3
    assert np.array_equal(loaded.images, made[[1, 2, 4]]) and loaded.name == "other scripts and signs"
