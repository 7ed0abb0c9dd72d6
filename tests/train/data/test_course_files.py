"""train.data.course_files and train.data.safe_pickle: every form that the course gave out; and files that mean harm."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fontdemo.alphabet import get_alphabet
from fontdemo.errors import FontdemoError
from tests.support.training import letter_set
from train.data import course_files
from train.data.course_files import CourseFileError, read, read_image, write
from train.data.glyphset import GlyphSet

COURSE = get_alphabet("course52")
PAPER = np.ones((1, 100, 100), np.float32)
PAPER[0, 20:70, 40:60] = 0
INK = np.round(255 * (1 - PAPER[0])).astype(np.uint8)


def npy(thing: Any, *, pickled: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, thing, allow_pickle=pickled)
    return file.getvalue()


def records(dtype: Any) -> np.ndarray:
    found = np.zeros((), dtype)
    found["image"] = PAPER if found["image"].dtype.kind == "f" else 255 * PAPER
    return found


def objects(*things: Any) -> np.ndarray:
    held = np.empty(len(things), object)
    held[:] = things
    return held


FORMS = {
    "plain floats": npy(PAPER),
    "plain bytes": npy((255 * PAPER).astype(np.uint8)),
    "two dimensions": npy(PAPER[0].astype(np.float64)),
    "big-endian": npy(PAPER.astype(">f4")),
    "columns first": npy(np.asfortranarray(PAPER[0])),
    "booleans": npy(PAPER > 0.5),
    "a record": npy(records([("image", np.float32, (1, 100, 100)), ("label", np.int64)])),
    "a record of bytes": npy(records([("label", np.int64), ("image", np.uint8, (100, 100))])),
    "an object array of a dict": npy(np.array({"image": PAPER, "label": 7}), pickled=True),
    "an object array (image, label)": npy(objects(PAPER, 7), pickled=True),
    "a bare pickle of a dict": pickle.dumps({"image": (255 * PAPER).astype(np.uint8), "label": np.int64(7)}),
    "a bare pickle, oldest protocol": pickle.dumps({"image": PAPER.tolist() and PAPER, "label": 7}, protocol=0),
    "a bare pickle, protocol 2": pickle.dumps({"image": PAPER}, protocol=2),
    "a pickle with buffers in band": pickle.dumps({"image": PAPER}, protocol=5),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read_as_the_same_image(form: str, tmp_path: Path) -> None:
    (tmp_path / "1_30.npy").write_bytes(FORMS[form])
    image = read_image(tmp_path / "1_30.npy")
    assert image.dtype == np.uint8 and np.array_equal(image, INK)


class Bomb:
    """Unpickled, it would make a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.target,)


@pytest.mark.parametrize("pickled_by", ["pickle", "numpy"])
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_nothing_in_a_file_is_run(tmp_path: Path, pickled_by: str, protocol: int) -> None:
    target, file = tmp_path / "sprung", tmp_path / "1_30.npy"
    thing = {"image": PAPER, "label": Bomb(target)}
    file.write_bytes(pickle.dumps(thing, protocol) if pickled_by == "pickle" else npy(np.array(thing), pickled=True))
    with pytest.raises(CourseFileError, match="something other than arrays and plain containers"):
        read_image(file)
    assert not target.exists()


BROKEN = {
    "empty": b"",
    "text": b"hello, no image",
    "header alone": npy(PAPER)[:100],
    "cut short": npy(PAPER)[:-7],
    "too long": npy(PAPER) + b"x",
    "another size": npy(PAPER[:, :50]),
    "two images": npy(np.concatenate([PAPER, PAPER])),
    "not finite": npy(PAPER * np.nan),
    "negative": npy(PAPER - 2),
    "too bright": npy(PAPER * 300),
    "words": npy(np.array(["image"])),
    "complex": npy(PAPER.astype(np.complex64)),
    "no image": pickle.dumps({"picture": PAPER}),
    "too deep": pickle.dumps([[[[[[PAPER]]]]]]),
    "damaged pickle": pickle.dumps({"image": PAPER})[:60],
    "a header that is code": b"\x93NUMPY\x01\x00\x20\x00" + b"__import__('os').system('x')    \n",
}


@pytest.mark.parametrize("form", BROKEN)
def test_what_cannot_be_used_is_refused_in_words(form: str, tmp_path: Path) -> None:
    (tmp_path / "1_30.npy").write_bytes(BROKEN[form])
    with pytest.raises(CourseFileError) as caught:
        read_image(tmp_path / "1_30.npy")
    assert str(caught.value)


def test_a_huge_file_and_what_is_no_file_are_refused(tmp_path: Path) -> None:
    with open(tmp_path / "big.npy", "wb") as file:
        file.truncate(course_files.LARGEST_FILE + 1)
    for name in ("big.npy", "none.npy", "."):
        with pytest.raises(CourseFileError):
            read_image(tmp_path / name)


def test_a_set_comes_back_equal_from_its_folders(tmp_path: Path) -> None:
    data = letter_set(1)
    assert write(data, tmp_path / "out") == len(data)
    record = np.load(tmp_path / "out" / "train" / "41" / "0_41.npy")  # as the course reads it, but with no pickle
    index = int(np.flatnonzero((data.face == 0) & (data.labels == COURSE.classes.index("A")))[0])
    assert np.array_equal(record["image"][0], 255 - data.images[index])
    back = read(tmp_path / "out", COURSE)
    order = np.lexsort((data.split, data.labels, data.face))
    for name in ("images", "labels", "face", "split"):
        assert np.array_equal(getattr(back, name), getattr(data, name)[order])
    assert back.about() == data.about()
    with pytest.raises(FontdemoError, match="not empty"):
        write(data, tmp_path / "out")


def test_bad_files_are_passed_over_by_name_and_the_rest_goes_on(tmp_path: Path) -> None:
    for part, code, name, data in (
        ("train", "30", "1_30", FORMS["plain floats"]), ("train", "63", "2_63", FORMS["a record"]),
        ("valid", "5a", "1775_5a", FORMS["plain bytes"]), ("train", "31", "3_31", BROKEN["cut short"]),
        ("train", "xx", "4_30", FORMS["plain floats"]), ("train", "30", "name", FORMS["plain floats"]),
    ):  # fmt: skip
        folder = tmp_path / part / code
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.npy").write_bytes(data)
    refused: list[str] = []
    back = read(tmp_path, COURSE, refused=lambda path, reason: refused.append(f"{path.name}: {reason}"))
    assert len(refused) == 3 and all(any(name in line for line in refused) for name in ("3_31", "4_30", "name"))
    assert sorted(COURSE.classes[label] for label in back.labels) == ["0", "C", "Z"]  # c belongs to C
    assert (back.split_rule, back.notice) == ("given", "3 files could not be used.")
    assert isinstance(back, GlyphSet) and len(back.part("valid")[1]) == 1
    with pytest.raises(FontdemoError, match="no image"):
        read(tmp_path / "valid", COURSE)
    with pytest.raises(FontdemoError, match="no folder"):
        read(tmp_path / "gone", COURSE)
