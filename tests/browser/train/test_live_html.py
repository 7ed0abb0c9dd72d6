"""train/ui/live_html.js in a browser, by itself: what grows at its end stays in sight, unless one reads further up."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from train.ui import live_html

SCRIPT = (Path(live_html.__file__).parent / "live_html.js").read_text(encoding="utf-8")

# The part as Gradio runs its script; `show` is a new value.
PART = """(script) => {
  document.head.innerHTML = '<style>ol, pre { max-height: 100px; overflow: auto; margin: 0 }</style>';
  document.body.innerHTML = '<div><div class="live"></div></div>';
  const props = { value: '' };
  let changed;
  new Function('element', 'props', 'watch', script)(document.body.lastChild, props, (_, then) => { changed = then; });
  window.show = (value) => { props.value = value; changed(); };
  const grown = () => document.querySelector('ol, pre');
  window.below = () => grown().scrollHeight - grown().scrollTop - grown().clientHeight;
}"""


def strip(cells: int, playing: str = "") -> str:
    return f'<section class="follow"><ol class="{playing}">{"<li>g<br>90 %</li>" * cells}</ol></section>'


def log(lines: int) -> str:
    return f'<pre class="log">{"line" + chr(10) * lines}</pre>'


@pytest.mark.parametrize("what", [strip, log])
def test_the_end_of_what_grows_stays_in_sight(browser: Browser, what: object) -> None:
    assert callable(what)
    page = browser.new_page()
    page.evaluate(PART, SCRIPT)
    for count in (3, 10, 20):
        page.evaluate("(value) => show(value)", what(count))
        assert page.evaluate("below()") < 1
    page.evaluate("document.querySelector('ol, pre').scrollTop = 10")
    page.evaluate("(value) => show(value)", what(30))
    assert page.evaluate("document.querySelector('ol, pre').scrollTop") == 10
    page.close()


def test_a_recording_that_plays_is_seen_from_its_beginning(browser: Browser) -> None:
    page = browser.new_page()
    page.evaluate(PART, SCRIPT)
    page.evaluate("(value) => show(value)", strip(20, "follow-play"))
    assert page.evaluate("document.querySelector('ol').scrollTop") == 0
    page.close()
