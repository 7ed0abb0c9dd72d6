"""The drawing pad: a square canvas with guide lines, as a plain `gr.HTML` whose value is the strokes as JSON.

What a browser sends is a stranger's text: `fontdemo.glyph.strokes.parse_strokes` reads it. Nothing is recognised here.
A factory and not a subclass of gr.HTML: Gradio would write a stub file beside the module of a subclass.
"""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from fontdemo.glyph.layout import BASELINE_ROW, CAPITAL_ROW, SIDE, XHEIGHT_ROW
from fontdemo.glyph.strokes import PEN
from fontdemo.ui.html import render

_SCRIPT = Path(__file__).parent / "pad.js"

_GUIDES = (("capital height", CAPITAL_ROW), ("x-height", XHEIGHT_ROW), ("baseline", BASELINE_ROW))

def drawing_pad(elem_id: str) -> gr.HTML:
    """A pad whose value is JSON [[[x, y], ...], ...] in units of its side, y downward; "" when nothing was drawn.

    Its `input` event comes once after every stroke, undo and clear; a value that the server sets is drawn.
    """
    guides = [(name, f"{100 * row / SIDE:g}") for name, row in _GUIDES]
    return gr.HTML(
        value="",
        label="Drawing: JSON list of strokes, each a list of [x, y] from 0 to 1, y downward",
        html_template=render("read/pad.html", elem_id=elem_id, pen=f"{PEN / SIDE:g}", guides=guides),
        js_on_load=_SCRIPT.read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id=elem_id,
    )
