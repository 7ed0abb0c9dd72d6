"""A part of the page that is changed piece by piece: its own script comes first."""

from __future__ import annotations

from pathlib import Path

from train.ui import live_html


def test_scripts_run_in_order(tmp_path: Path) -> None:
    (tmp_path / "mine.js").write_text("// mine")
    made = live_html.live_html("card", tmp_path / "mine.js")
    script = str(made.js_on_load)
    own = (Path(live_html.__file__).parent / "live_html.js").read_text(encoding="utf-8")
    assert made.elem_id == "card" and 0 <= script.index(own.strip()[:40]) < script.index("// mine")
