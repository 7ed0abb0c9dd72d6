"""The commands of `data` for sets that are there: described, shown, joined, to folders and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from train.__main__ import main
from train.data.glyphset import GlyphSet


def test_from_fonts_to_a_file_to_folders_and_back(
    fonts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "set.fd"
    assert main(["data", "build", "--train", "3", "--valid", "1", "--seed", "2", "-o", str(file)]) == 0
    out = capsys.readouterr().out
    assert "glyphs a second" in out and "train: 156 images, 3 faces of 3 families" in out
    data = GlyphSet.load(file)
    assert (len(data), data.layout, data.split_rule, data.seed) == (208, "course", "families", 2)

    assert main(["data", "info", str(file)]) == 0
    assert data.fingerprint() in capsys.readouterr().out

    assert main(["data", "show", "t", "--data", str(file), "-o", str(tmp_path / "t.png")]) == 0
    with Image.open(tmp_path / "t.png") as sheet:
        assert sheet.width == 4 * 114 + 14
    assert main(["data", "show", "é", "--data", str(file), "-o", str(tmp_path / "e.png")]) == 1
    assert "not a character of the alphabet" in capsys.readouterr().err

    assert main(["data", "export", str(tmp_path / "out"), "--data", str(file)]) == 0
    (tmp_path / "out" / "train" / "30" / "9_30.npy").write_bytes(b"wreck")
    back = tmp_path / "back.fd"
    assert main(["data", "import", str(tmp_path / "out"), "-o", str(back)]) == 1
    assert "refused: train/30/9_30.npy" in capsys.readouterr().err
    (tmp_path / "out" / "train" / "30" / "9_30.npy").unlink()
    assert main(["data", "import", str(tmp_path / "out"), "-o", str(back)]) == 0
    assert GlyphSet.load(back).fingerprint() == data.fingerprint()


def test_sets_are_joined_and_others_follow_their_split(
    fonts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, both = (tmp_path / f"{name}.fd" for name in ("one", "two", "both"))
    assert main(["data", "build", "--train", "3", "--valid", "1", "-o", str(one)]) == 0
    follow = ["--layout", "fit", "--seed", "5", "--like", str(one)]
    assert main(["data", "build", "--train", "3", "--valid", "1", *follow, "-o", str(two)]) == 0
    capsys.readouterr()
    assert main(["data", "join", str(one), str(two), "-o", str(both)]) == 0
    assert "layout mixed, printed, split families" in capsys.readouterr().out
    assert len(GlyphSet.load(both)) == 2 * 208


def test_mistakes_are_reported_in_a_sentence(fonts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "info", str(tmp_path / "none.fd")]) == 1
    assert main(["data", "build", "--train", "0", "-o", str(tmp_path / "x.fd")]) == 1
    assert main(["data", "export", str(tmp_path), "--data", str(tmp_path / "none.fd")]) == 1
    lines = capsys.readouterr().err.replace("\r", "\n").splitlines()
    assert any("none.fd cannot be opened" in line for line in lines)
    assert any("at least one training face" in line for line in lines)
