"""The pad: an empty value, its script, and guide lines where the layout has them."""

from __future__ import annotations

from fontdemo.glyph.layout import BASELINE_ROW, SIDE
from fontdemo.ui.read.pad import drawing_pad


def test_the_pad_is_empty_and_has_its_lines() -> None:
    pad = drawing_pad("pad")
    assert pad.elem_id == "pad" and not pad.value
    template = str(pad.html_template)
    assert "capital height" in template and f"{100 * BASELINE_ROW / SIDE:g}" in template.replace(".0", "")
    assert "pointerdown" in str(pad.js_on_load)
