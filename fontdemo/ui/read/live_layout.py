"""The places on the Read page that its scripts fill: the answer, the strip of stages, the chosen stage. No values here.

`live_view.js` starts the scripts; where the browser can't run a network they leave these empty, and the server's own
answer and stages are shown instead (see read.css, `.by-server`).
"""

from __future__ import annotations

import json
from html import escape

import gradio as gr

from fontdemo.ui.live.routes import BASE
from fontdemo.ui.network.names import ABOUT

#: What the page's own state is while the browser reads; anything else means that the server does.
LIVE = "live"

_START = f"""
{BASE}
import(new URL('read/live_view.js', base).href)
  .then((view) => view.start({{ base, props }}))
  .catch((error) => {{
    console.warn(error);
    element.closest('.gradio-container').classList.add('by-server');
    props.value = 'server';
  }});
"""

_ANSWER = """
<section class="answer answer-none" id="live-answer" aria-label="Answer">
  <div class="answer-glyph" aria-hidden="true"></div>
  <div class="answer-body">
    <p class="answer-sentence" role="status">Draw one character, or give a picture of one.</p>
    <ol class="bars"><li class="alike" hidden></li></ol>
  </div>
</section>
<div class="live-what-if" id="live-what-if" role="group" aria-label="What would the network see if it were"></div>
<p class="privacy">PRIVACY</p>
"""

_PRIVACY = (
    "What you draw stays in this browser until you open a section at the page's end, Ideas or Train. "
    "Pictures go to the server."
)
_LEARNS = (
    "What you draw stays in this browser until you press Learn or open a section at the page's end, Ideas or Train. "
    "Pictures go to the server."
)

_NETWORK = """
<section class="strip" aria-label="All stages of the network">
  <div class="strip-head">
    <h2>The whole network</h2><p id="strip-note" data-about="ABOUT"></p>
    <div class="strip-tools">
      <select id="strip-scale" aria-label="What the colours' scale is shared by">
        <option value="stage">Colours by stage</option><option value="all">Colours over all stages</option>
        <option value="map">Colours by map</option></select>
      <button type="button" id="put-back" hidden></button>
      <button type="button" id="strip-tour">Tour</button>
      <button type="button" id="copy-link">Copy link</button>
      <details class="strip-save"><summary>Save</summary><div>
        <button type="button" data-save="strip">The strip as PNG</button>
        <button type="button" data-save="stage">This stage as PNG</button>
        <button type="button" data-save="csv">Its values as CSV</button>
        <button type="button" data-save="npy">Its values as .npy</button></div></details>
    </div>
  </div>
  <p id="link-note" role="status" hidden></p>
  <div class="strip-scroll" tabindex="-1"><div class="strip-columns" id="strip"></div></div>
</section>
"""

_STAGE = """
<section class="stage-open" id="stage-open" aria-label="The chosen stage" hidden></section>
<div id="read-tools"></div>
<div id="tour"></div>
"""


def live_answer(*, learns: bool = False) -> gr.HTML:
    """The place of the answer. learns: drawings may also be sent to be learned."""
    template = _ANSWER.replace("PRIVACY", _LEARNS if learns else _PRIVACY)
    return gr.HTML(value="", html_template=template, apply_default_css=False, elem_id="live-result")


def live_network() -> gr.HTML:
    """The place of the strip, and what starts the scripts. Its value is LIVE while the browser reads."""
    about = escape(json.dumps(ABOUT))
    return gr.HTML(
        value=LIVE, html_template=_NETWORK.replace("ABOUT", about), js_on_load=_START, apply_default_css=False,
        elem_id="live-network",
    )  # fmt: skip


def live_stage() -> gr.HTML:
    """The place of the chosen stage, and of what is told of it."""
    return gr.HTML(value="", html_template=_STAGE, apply_default_css=False, elem_id="live-stage")
