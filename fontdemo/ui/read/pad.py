"""The drawing pad: a square canvas with guide lines, as a plain `gr.HTML` whose value is the strokes as JSON.

What a browser sends is a stranger's text: `fontdemo.glyph.strokes.parse_strokes` reads it. Nothing is recognised here.
A factory and not a subclass of gr.HTML: Gradio would write a stub file beside the module of a subclass.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

import gradio as gr

from fontdemo.glyph.layout import BASELINE_ROW, CAPITAL_ROW, SIDE, XHEIGHT_ROW
from fontdemo.glyph.strokes import PEN

_SCRIPT = Path(__file__).parent / "pad.js"

_GUIDES = (("capital height", CAPITAL_ROW), ("x-height", XHEIGHT_ROW), ("baseline", BASELINE_ROW))

_HELP = (
    "Draw with mouse, finger or pen. With the keyboard: the arrow keys move the pen (with Shift faster), Space puts it "
    "down and lifts it, Ctrl+Z takes the last stroke back, Delete clears."
)


def drawing_pad(elem_id: str) -> gr.HTML:
    """A pad whose value is JSON [[[x, y], ...], ...] in units of its side, y downward; "" when nothing was drawn.

    Its `input` event comes once after every stroke, undo and clear; a value that the server sets is drawn.
    """
    guides = "".join(
        f'<div class="pad-guide" style="top:{100 * row / SIDE:g}%"><span>{escape(name)}</span></div>'
        for name, row in _GUIDES
    )
    template = f"""
<div class="pad pad-empty" data-pen="{PEN / SIDE:g}">
  <div class="pad-sheet">
    <div class="pad-guides" aria-hidden="true">{guides}</div>
    <canvas tabindex="0" role="application" aria-label="Drawing pad" aria-describedby="{elem_id}-help"></canvas>
    <div class="pad-cursor" hidden></div>
    <p class="pad-hint" aria-hidden="true">Draw one character</p>
  </div>
  <div class="pad-bar">
    <button type="button" data-do="undo" title="Undo (Ctrl+Z)" disabled>Undo</button>
    <button type="button" data-do="clear" title="Clear (Delete)" disabled>Clear</button>
    <span class="pad-status" role="status"></span>
    <details class="pad-help"><summary>Keys</summary><p id="{elem_id}-help">{escape(_HELP)}</p></details>
  </div>
</div>"""
    return gr.HTML(
        value="",
        label="Drawing: JSON list of strokes, each a list of [x, y] from 0 to 1, y downward",
        html_template=template,
        js_on_load=_SCRIPT.read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id=elem_id,
    )
