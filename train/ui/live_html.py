"""An HTML part of the page that is changed piece by piece when its value changes, so that nothing flickers."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

_SCRIPT = Path(__file__).parent / "live_html.js"


def live_html(elem_id: str, *scripts: Path) -> gr.HTML:
    """An empty part called `elem_id`; `scripts` run in it after its own."""
    code = "\n".join(script.read_text(encoding="utf-8") for script in (_SCRIPT, *scripts))
    return gr.HTML(
        "", html_template='<div class="live"></div>', js_on_load=code, apply_default_css=False, elem_id=elem_id
    )
