"""The only fonts that the commands of `data` find."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fontmaker import saved, small_font


@pytest.fixture
def fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of four families, the only fonts there are."""
    folder = tmp_path / "fonts"
    folder.mkdir()
    for name in ("DejaVuSans", "DejaVuSerif", "cmr10", "STIXGeneral"):
        saved(small_font(name), folder / f"{name}.ttf")
    monkeypatch.setattr("train.cli.fonts.font_folders", lambda named: [folder])
    return folder
