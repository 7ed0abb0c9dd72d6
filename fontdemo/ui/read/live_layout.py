"""The frames on the Read page that its scripts fill: the answer, the strip of stages, the chosen stage. No values here.

`live_view.js` starts the scripts; where the browser can't run a network they leave these empty, and the server's own
answer and stages are shown instead (see read.css, `.by-server`).
"""

from __future__ import annotations

import json

import gradio as gr

from fontdemo.ui.html import render
from fontdemo.ui.live.routes import base
from fontdemo.ui.network.names import ABOUT

#: What the page's own state is while the browser reads; anything else means that the server does.
LIVE = "live"

_START = """
import(new URL('read/live_view.js', base).href)
  .then((view) => view.start({ base, props }))
  .catch((error) => {
    console.warn(error);
    element.closest('.gradio-container').classList.add('by-server');
    props.value = 'server';
  });
"""


def live_answer(*, learns: bool = False) -> gr.HTML:
    """The frame of the answer. learns: drawings may also be sent to be learned."""
    return _frame("live-result", render("read/live_answer.html", learns=learns))


def live_network() -> gr.HTML:
    """The frame of the strip, and what starts the scripts. Its value is LIVE while the browser reads."""
    return _frame("live-network", render("read/live_network.html", about=json.dumps(ABOUT)), LIVE, base() + _START)


def live_stage() -> gr.HTML:
    """The frames of the chosen stage, of the tools below it, and of the tour."""
    return _frame("live-stage", render("read/live_stage.html"))


def _frame(elem_id: str, html: str, value: str = "", script: str | None = None) -> gr.HTML:
    return gr.HTML(value, html_template=html, js_on_load=script, apply_default_css=False, elem_id=elem_id)
