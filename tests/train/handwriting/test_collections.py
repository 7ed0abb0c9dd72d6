"""train.handwriting.collections: the public formats of UJI and Omniglot, and JSON; what is anything else is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from train.handwriting.collections import CollectionError, Sample, read

UJI = """//* UJIpenchars2 *
// ASCII char: 7
WORD 7 trn_UJI_W01-01
  NUMSTROKES 2
  POINTS 3 # 10 20 30 20 15 60
  POINTS 2 # 12 40 25 40
// Non-ASCII char: ntilde
WORD \u00f1 trn_UJI_W01-01
  NUMSTROKES 1
  POINTS 1 # 1 1
WORD a tst_UPV_W18-02
  NUMSTROKES 1
  POINTS 2 # 1 2 3 4
"""


def test_ujis_text_gives_strokes_and_who_wrote_them(tmp_path: Path) -> None:
    file = tmp_path / "ujipenchars2.txt"
    file.write_bytes(UJI.replace("\n", "\r\n").encode("latin-1"))
    assert read(file) == [
        Sample("7", "trn_UJI_W01", [[[10, 20], [30, 20], [15, 60]], [[12, 40], [25, 40]]]),
        Sample("a", "tst_UPV_W18", [[[1, 2], [3, 4]]]),
    ]


@pytest.mark.parametrize(
    "spoilt", ["POINTS 4 # 10 20 30 20 15 60", "POINTS 3", "POINTS 3 # a b c d e f", "NUMSTROKES", "WORD 7"]
)
def test_a_spoilt_line_of_ujis_text_is_named(tmp_path: Path, spoilt: str) -> None:
    file = tmp_path / "uji.txt"
    file.write_text(UJI.replace("POINTS 3 # 10 20 30 20 15 60", spoilt), encoding="utf-8")
    with pytest.raises(CollectionError, match=r"Line . of uji\.txt"):
        read(file)


def _omniglot(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_omniglots_folder_gives_small_letters_and_names_and_turns_y_round(tmp_path: Path) -> None:
    strokes = "START\n3.0,-5.0,0.0\n3.0,-9.5,20.0\nBREAK\n7.0,-5.0,90.0\nBREAK\n"
    _omniglot(tmp_path, "Latin/character02/0703_04.txt", strokes)
    _omniglot(tmp_path, "Greek/character13/0401_11.txt", "START\n1,-1,0\nBREAK\n")
    greek, latin = read(tmp_path)
    assert latin == Sample("b", "Latin 04", [[[3.0, 5.0], [3.0, 9.5]], [[7.0, 5.0]]]) and latin.known
    assert greek == Sample("Greek/13", "Greek 11", [[[1.0, 1.0]]]) and not greek.known


def test_a_folder_or_file_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="no drawing"):
        read(tmp_path)
    _omniglot(tmp_path, "Latin/character01/0701_01.txt", "START\n3.0 5.0\n")
    with pytest.raises(CollectionError, match="0701_01.txt"):
        read(tmp_path)
    with pytest.raises(CollectionError, match="Can't read"):
        read(tmp_path / "nothing.txt")


def test_json_of_drawings_knows_whose_they_are(tmp_path: Path) -> None:
    file = tmp_path / "digits.json"
    dot = [[[0, 0], [1, 1]]]
    file.write_text(json.dumps({"0": [dot] * 4, "Greek/01": [dot] * 2}), encoding="utf-8")
    assert [sample.writer for sample in read(file, 2)] == ["digits 01"] * 2 + ["digits 02"] * 2 + ["digits 01"] * 2
    assert [sample.writer for sample in read(file)][:4] == [f"digits 0{n}" for n in (1, 2, 3, 4)]
    for spoilt in ("[]", "{", '{"0": [[[[0, "a"]]]]}', '{"0": 3}'):
        file.write_text(spoilt, encoding="utf-8")
        with pytest.raises(CollectionError, match=r"digits\.json"):
            read(file)
