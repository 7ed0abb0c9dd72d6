"""The command `fonts`: faces, families and refusals, told in lines."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.fontmaker import saved, small_font, source
from train.__main__ import main


def test_the_command_tells_faces_families_and_refusals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DejaVuSans", "DejaVuSansMono", "DejaVuSerif"):
        saved(small_font(name), tmp_path / f"{name}.ttf")
    shutil.copy(source("STIXSizOneSymReg"), tmp_path)
    monkeypatch.setattr("train.cli.fonts.font_folders", lambda named: list(named))
    assert main(["fonts", str(tmp_path), "--list"]) == 0
    out = capsys.readouterr().out
    assert "STIXSizOneSymReg.ttf): lacks" in out and "1 refused" in out
    assert "3 usable faces of 3 families" in out
    assert "Monospace     DejaVu Sans Mono" in out and "text: 3 faces" in out
