"""train.data.glyphset: the packed file written and read back; damage and lies told in words."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fontdemo.errors import FontdemoError
from tests.support.training import letter_set
from train.data.glyphset import About, GlyphSet, GlyphSetError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    letter_set().save(tmp_path / "small.fd")
    return tmp_path / "small.fd"


def test_everything_comes_back_and_equal_sets_make_equal_files(file: Path) -> None:
    data, back = letter_set(), GlyphSet.load(file)
    for name in ("images", "labels", "face", "split"):
        assert np.array_equal(getattr(back, name), getattr(data, name))
        assert getattr(back, name).dtype == getattr(data, name).dtype
    assert back.about() == data.about() and back.fingerprint() == data.fingerprint()
    before = file.read_bytes()
    data.save(file)
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.iterdir()] == ["small.fd"]


def test_the_fingerprint_hangs_on_what_a_network_sees_and_on_nothing_else() -> None:
    data = letter_set(1)
    other = data.images.copy()
    other[3, 50, 50] ^= 1
    assert replace(data, images=other).fingerprint() != data.fingerprint()
    assert replace(data, split=1 - data.split).fingerprint() != data.fingerprint()
    assert replace(data, notice="Few.", seed=7).fingerprint() == data.fingerprint()


def test_parts_are_those_of_the_split() -> None:
    data = letter_set(1)
    images, labels = data.part("valid")
    assert len(labels) == (data.split == 1).sum() and np.array_equal(images, data.images[data.split == 1])
    assert len(data.part("test")[1]) == 0
    with pytest.raises(FontdemoError, match="no part 'x'"):
        data.part("x")


def rewritten(file: Path, name: str, content: bytes | None) -> None:
    """The archive with one member changed, or taken away."""
    with zipfile.ZipFile(file) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    members.pop(name)
    with zipfile.ZipFile(file, "w") as archive:
        for each, data in (members if content is None else members | {name: content}).items():
            archive.writestr(each, data)


def array(values: np.ndarray) -> bytes:
    held = io.BytesIO()
    np.save(held, values)
    return held.getvalue()


@pytest.mark.parametrize("member", ["about.npy", "labels.npy", "face.npy", "split.npy", "images0000.npy"])
@pytest.mark.parametrize("content", [None, b"", b"noise", array(np.arange(3.0)), array(np.zeros((2, 2), np.int64))])
def test_a_damaged_or_missing_member_is_reported(file: Path, member: str, content: bytes | None) -> None:
    rewritten(file, member, content)
    with pytest.raises(GlyphSetError, match="small.fd"):
        GlyphSet.load(file)


def test_values_out_of_range_are_reported(file: Path) -> None:
    count = len(letter_set())
    rewritten(file, "labels.npy", array(np.full(count, 52, np.int64)))
    with pytest.raises(GlyphSetError, match="label is out of range"):
        GlyphSet.load(file)


def test_a_header_that_claims_more_than_there_is_takes_no_memory(file: Path) -> None:
    held = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        held, {"descr": "|u1", "fortran_order": False, "shape": (10**9, 100, 100)}
    )
    rewritten(file, "images0000.npy", held.getvalue())
    with pytest.raises(GlyphSetError):
        GlyphSet.load(file)


def test_what_is_no_data_set_is_reported(tmp_path: Path) -> None:
    (tmp_path / "text.fd").write_text("no archive")
    for name in ("text.fd", "none.fd"):
        with pytest.raises(GlyphSetError, match=name):
            GlyphSet.load(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "other.fd", "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(GlyphSetError, match="other.fd"):
        GlyphSet.load(tmp_path / "other.fd")


@pytest.mark.parametrize(
    "change",
    [{"alphabet": "greek"}, {"layout": "round"}, {"ink": "blood"}, {"split_rule": "mood"}, {"faces": [["a"]]},
     {"seed": "0"}, {"versions": {"a": 1}}, {"notice": None}, {"faces": [["a\n", "", "", "", "", ""]]}],
    ids=str,
)  # fmt: skip
def test_a_description_that_is_off_is_refused(change: dict[str, object]) -> None:
    plain = json.loads(letter_set(1).about().to_json())
    with pytest.raises(GlyphSetError):
        About.from_json(json.dumps(plain | change).encode())
    for data in (b"[]", b"\xff", b"{" * 5000):
        with pytest.raises(GlyphSetError):
            About.from_json(data)


def test_a_description_from_before_there_were_drawn_sets_is_of_a_printed_one() -> None:
    plain = json.loads(letter_set(1).about().to_json())
    del plain["ink"]
    assert About.from_json(json.dumps(plain).encode()).ink == "printed"


@pytest.mark.parametrize(("old", "ink"), [("drawn", "traced"), ("written", "writers"), ("people", "people")])
def test_older_files_name_their_ink_otherwise(old: str, ink: str) -> None:
    plain = json.loads(letter_set(1).about().to_json())
    assert About.from_json(json.dumps(plain | {"ink": old}).encode()).ink == ink
