"""The page's style: every sheet is served, and braces and colours are whole."""

from __future__ import annotations

from pathlib import Path

import fontdemo.ui
from fontdemo.ui.theme import sheets, styles, theme

HERE = Path(fontdemo.ui.__file__).parent


def test_all_sheets_are_in_the_pages_style_those_at_the_top_first() -> None:
    whole = styles()
    for file in HERE.rglob("*.css"):
        assert file.read_text(encoding="utf-8").strip()[:60] in whole, file
    assert whole.count("{") == whole.count("}")
    assert whole.index(".saw h2") < whole.index("#stages-other")


def test_sheets_of_a_folder_come_in_order(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.css").write_text("a{}")
    (tmp_path / "z.css").write_text("z{}")
    (tmp_path / "not.js").write_text("x")
    assert sheets(tmp_path).split() == ["z{}", "a{}"]


def test_the_theme_takes_no_font_from_elsewhere() -> None:
    assert not theme()._stylesheets
