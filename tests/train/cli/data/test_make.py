"""The commands of `data` that make sets: of made-up writers, of fonts' signs, of scribbles, of people's drawings."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.fontmaker import source
from train.__main__ import main
from train.data.glyphset import GlyphSet


@pytest.mark.parametrize("ink", ["writers", "written"])
def test_made_up_writers_go_by_their_old_name_too(ink: str, tmp_path: Path) -> None:
    file = tmp_path / "hands.fd"
    assert main(["data", "build", "--ink", ink, "--train", "1", "--valid", "0", "-o", str(file)]) == 0
    assert GlyphSet.load(file).ink == "writers"


def test_peoples_strokes_become_a_data_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bar = [[[5, 0], [5, 90]]]
    digits, others = tmp_path / "digits.json", tmp_path / "others.json"
    digits.write_text(json.dumps({"1": [bar] * 6}), encoding="utf-8")
    others.write_text(json.dumps({"Greek/06": [bar] * 3}), encoding="utf-8")
    file = tmp_path / "people.fd"
    command = ["data", "import-strokes", f"{digits}:2", str(others), "--each", "8", "--outliers", "3", "-o", str(file)]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "train: 8 images, 2 faces of 2 families" in out and "valid: 2 images, 1 faces" in out
    assert "what is no character: 6 train, 1 valid" in out
    data = GlyphSet.load(file)
    assert data.ink == "people" and {face.among for face in data.faces} == {"1"}
    assert main(["data", "import-strokes", str(tmp_path), "-o", str(file)]) == 1
    assert "no drawing" in capsys.readouterr().err


def test_signs_of_fonts_become_a_set_without_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is learned from DejaVu's, by which networks are measured, nor from a family that another set measures."""
    monkeypatch.setattr("train.cli.fonts.font_folders", lambda named: list(named))
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    for name in ("DejaVuSans", "STIXGeneral", "cmr10"):
        shutil.copy(source(name), fonts)
    file, like = tmp_path / "signs.fd", tmp_path / "like.fd"
    command = ["data", "signs", "--each", "2", "--fonts", str(fonts), "-o", str(file)]
    assert main(command) == 0
    assert "what is no character" in capsys.readouterr().out
    data = GlyphSet.load(file)
    assert len(data) == 0 and data.layout == "fit"
    learned, kept_out = len(data.outliers_of("train")), len(data.outliers_of("valid"))
    assert learned > 5 and kept_out > 20
    build = ["data", "build", "--fonts", str(fonts), "--alphabet", "alnum62", "--train", "2", "--valid", "1"]
    assert main([*build, "-o", str(like)]) == 0
    other = GlyphSet.load(like)
    (measured,) = {other.faces[number].family for number in other.face[other.split == 1]}
    assert measured != "DejaVu Sans" and main([*command, "--like", str(like)]) == 0
    assert len(GlyphSet.load(file).outliers_of("train")) < learned
    assert main(["data", "join", str(like), str(file), "-o", str(tmp_path / "both.fd")]) == 0
    assert len(GlyphSet.load(tmp_path / "both.fd").outliers) == len(data.outliers)


def test_scribbles_become_a_set_without_characters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "scribbles.fd"
    assert main(["data", "scribbles", "--count", "30", "-o", str(file)]) == 0
    assert "what is no character: 27 train, 3 valid" in capsys.readouterr().out
    assert len(GlyphSet.load(file)) == 0
    for count in ("0", "-1", "500001"):
        assert main(["data", "scribbles", "--count", count, "-o", str(file)]) == 1
        assert "Make 1 to 500000" in capsys.readouterr().err
