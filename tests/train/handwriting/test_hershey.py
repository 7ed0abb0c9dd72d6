"""train.handwriting.hershey: npm's package of single-line fonts as strokes, checked on a small one made here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from train.handwriting.collections import CollectionError
from train.handwriting.hershey import _HANDS, _OTHERS, read_hersheytext, strokes_of

SVG = """<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><defs><font>
<glyph unicode="A" d="M 0 0 L 10 30 L 20 0 M 5 10 L 15 10"/><glyph unicode="&amp;" d="M 0 0 L 1 1"/><glyph unicode=" "/>
</font></defs></svg>"""


def package(folder: Path) -> Path:
    letter, sign = {"d": "M1,2 L3,4 5,6"}, {"d": "M0,0 L9,9"}
    sets = {name: {"chars": [sign] * 15 + [letter] * 80} for name in _HANDS}
    sets |= {name: {"chars": [{"d": f"M{n},1 L2,2"} for n in range(94)] + [letter]} for name in _OTHERS}
    (folder / "svg_fonts").mkdir()
    (folder / "svg_fonts" / "EMSTest.svg").write_text(SVG, encoding="utf-8")
    (folder / "hersheytext.json").write_text(json.dumps(sets), encoding="utf-8")
    return folder


def test_letters_are_hands_and_signs_are_none_of_ours(tmp_path: Path) -> None:
    samples = read_hersheytext(package(tmp_path))
    ours = {sample.writer for sample in samples if sample.known}
    assert ours == {f"Hershey {name}" for name in _HANDS} | {"EMSTest"}
    first = next(sample for sample in samples if sample.character == "0")
    assert first.drawing == [[[1, 2], [3, 4], [5, 6]]]
    upright = next(sample for sample in samples if sample.writer == "EMSTest")
    assert upright.drawing == [[[0, 0], [10, -30], [20, 0]], [[5, -10], [15, -10]]]
    others = {sample.character for sample in samples if not sample.known}
    assert "greek/000" in others and not any(name.endswith("/094") for name in others)  # 094 is a hand's letter
    assert "greek/032" not in others and "cyrillic/032" not in others  # on A: Alpha looks like an A
    assert not any(name.endswith("/014") for name in others)  # a slash


def test_only_straight_pieces_are_read() -> None:
    assert strokes_of("M0,0L1,1 M 2 2", 1) == [[[0, 0], [1, 1]], [[2, 2]]]
    with pytest.raises(ValueError, match="'C'"):
        strokes_of("M0,0 C1,1 2,2 3,3", 1)


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="hersheytext"):
        read_hersheytext(tmp_path)
    (tmp_path / "hersheytext.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CollectionError, match="hersheytext"):
        read_hersheytext(tmp_path)
